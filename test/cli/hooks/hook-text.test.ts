import t from 'tap';
import type { HookMetadata } from '../../../schema/protocol/services/hooks.js';
import { hookText } from '../../../server/cli/hooks/hook-text.js';

const HOOK: HookMetadata = {
  key: '/home/config.toml:pre_tool_use:0:0',
  eventName: 'preToolUse',
  matcher: 'Bash',
  timeoutSec: 10,
  statusMessage: null,
  additionalContextLimit: null,
  sourcePath: '/home/config.toml',
  source: 'user',
  pluginId: null,
  environmentId: null,
  displayOrder: 0,
  enabled: true,
  isManaged: false,
  currentHash: 'sha256:00',
  trustStatus: 'untrusted',
  handlerType: 'command',
  command: 'one\ntwo',
  async: false,
};

t.test('a hook with its event, all of its line, and its key', (t) => {
  t.equal(
    hookText(HOOK),
    `PreToolUse Bash: does not run: nobody has looked at it
    one
    two
  at most 10 s; /home/config.toml:pre_tool_use:0:0
`,
  );
  t.end();
});

t.test('whether it runs', (t) => {
  const first = (more: Partial<HookMetadata>) => hookText({ ...HOOK, ...more } as HookMetadata).split('\n')[0];
  t.match(first({ trustStatus: 'trusted', matcher: null }), /^PreToolUse: runs$/);
  t.match(first({ trustStatus: 'managed' }), /: runs: the administrator/);
  t.match(first({ trustStatus: 'modified' }), /: does not run: it has changed/);
  t.match(first({ trustStatus: 'trusted', enabled: false }), /: does not run: it is switched off$/);
  const tool = { ...HOOK, handlerType: 'mcpTool', server: 's', tool: 'guard' } as HookMetadata;
  t.match(hookText(tool), /^ {4}the tool guard of the MCP server s$/m);
  t.end();
});
