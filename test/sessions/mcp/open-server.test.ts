import t from 'tap';
import { UNRESTRICTED } from '../../../server/exec/start/permissions.js';
import { SpawnError } from '../../../server/exec/process/spawn-errors.js';
import { openServer } from '../../../server/sessions/mcp/open-server.js';
import { mcpServerConfigs } from '../../../server/sessions/mcp/shape/server-config.js';
import { parseToml } from '../../../server/config/toml/parse-toml.js';
import { fakeServer } from '../../fixtures/mcp-server.js';
import { hearing } from './connection/support.js';
import { configOf, fakeDaemon, fakeWorks } from './support.js';

const options = {
  cwd: '/work',
  threadId: null,
  permissions: UNRESTRICTED,
  works: fakeWorks(),
  events: hearing(),
  gone: new AbortController().signal,
};
const refuse = (code: number, message: string) => () => {
  throw Object.assign(new Error(message), { code });
};
const cause = async (handlers: Parameters<typeof fakeServer>[0], more = ''): Promise<string> => {
  const opened = await openServer(
    configOf(more),
    fakeDaemon(() => fakeServer(handlers)),
    options,
  );
  return opened.ok ? 'ok' : opened.cause;
};

t.test('each way in which a start fails has the words of the official program', async (t) => {
  t.equal(await cause({}), 'ok');
  t.equal(
    await cause({ initialize: refuse(-32000, 'no') }),
    'handshaking with MCP server failed: JSON-RPC error: -32000: no: JSON-RPC error: -32000: no',
  );
  t.equal(
    await cause({ initialize: (_params, server) => void server.end() }),
    'handshaking with MCP server failed: connection closed: initialize response: connection closed: initialize response',
  );
  t.equal(await cause({ 'tools/list': refuse(-32001, 'none today') }), 'Mcp error: -32001: none today');
  t.equal(
    await cause({ initialize: () => undefined }, 'startup_timeout_sec = 0.1'),
    'timed out handshaking with MCP server after 0.1s',
  );
  const missing = fakeDaemon(() => {
    throw new SpawnError('No such file or directory (os error 2)', 'ENOENT');
  });
  t.match(await openServer(configOf(), missing, options), {
    ok: false,
    cause: 'No such file or directory (os error 2)',
  });
  const daemon = fakeDaemon();
  t.match(await openServer(configOf('', 'a b'), daemon, options), {
    ok: false,
    cause: /Invalid MCP server name 'a b'/,
  });
  t.equal(daemon.runs.length, 0, 'a name that cannot be used starts nothing');
  const [elsewhere] = mcpServerConfigs(
    parseToml('[mcp_servers.far]\nurl = "http://127.0.0.1:9/"\npermissions = "tight"'),
  );
  t.match(await openServer(elsewhere!, daemon, options), { ok: false, cause: /runs elsewhere: remove the key/ });
});

t.test('what is given up rejects with the reason', async (t) => {
  const gone = new AbortController();
  const opening = openServer(
    configOf(),
    fakeDaemon(() => fakeServer({ initialize: () => undefined })),
    { ...options, gone: gone.signal },
  );
  gone.abort(new Error('not needed'));
  await t.rejects(opening, /not needed/);
});

t.test('what is not an address is refused', async (t) => {
  const wrong = mcpServerConfigs(parseToml('[mcp_servers.h]\nurl = "ftp://h.test"'))[0]!;
  t.match(await openServer(wrong, fakeDaemon(), options), { ok: false, cause: /no http or https address/ });
});
