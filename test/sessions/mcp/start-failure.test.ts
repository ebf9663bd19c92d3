import t from 'tap';
import { startFailure } from '../../../server/sessions/mcp/start-failure.js';
import { configOf } from './support.js';

t.test('a start that failed has the words of the official program', async (t) => {
  const of = (kind: Parameters<typeof startFailure>[1]['kind']) =>
    startFailure(configOf('startup_timeout_sec = 2'), { cause: 'why', kind });
  t.match(of('failed'), {
    status: 'failed',
    text: 'MCP client for `srv` failed to start: MCP startup failed: why',
    reason: null,
    line: 'MCP server srv cannot be used: why',
  });
  t.match(of('timeout'), { status: 'failed', text: /^MCP client for `srv` timed out after 2 seconds\. / });
  t.match(of('unauthorized'), {
    status: 'authenticationRequired',
    text: 'The srv MCP server is not logged in. Run `codex mcp login srv`.',
    reason: null,
    line: 'MCP server srv cannot be used: why. Log in: codexd mcp login srv',
  });
  t.match(of('reauthentication'), {
    status: 'authenticationRequired',
    text: 'The srv MCP server requires OAuth reauthentication. Run `codex mcp login srv`.',
    reason: 'reauthenticationRequired',
  });
});
