import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { discoverHooks } from '../../../server/hooks/discover/discover-hooks.js';
import { runnableHooks } from '../../../server/hooks/discover/runnable-hooks.js';

t.test('only an enabled hook that is trusted as it is written now may run', (t) => {
  const home = t.testdir();
  const config = path.join(home, 'config.toml');
  const hooks = `
[[hooks.PreToolUse]]
matcher = "Bash"
[[hooks.PreToolUse.hooks]]
type = "command"
command = "exit 2"
timeout = 5
`;
  const resolved = (text: string) => {
    fs.writeFileSync(config, text);
    return createConfigService({ codexHome: home, cwd: home, env: {} }).resolve(home);
  };
  const [found] = discoverHooks(resolved(hooks)).hooks;
  const state = (hash: string, more = '') =>
    `${hooks}\n[hooks.state."${config}:pre_tool_use:0:0"]\ntrusted_hash = "${hash}"\n${more}`;
  const hash = found?.currentHash ?? '';
  t.same(runnableHooks(resolved(hooks), 'preToolUse'), [], 'untrusted');
  t.same(runnableHooks(resolved(state('sha256:00')), 'preToolUse'), [], 'modified');
  t.same(runnableHooks(resolved(state(hash, 'enabled = false')), 'preToolUse'), [], 'disabled');
  t.same(runnableHooks(resolved(state(hash)), 'stop'), [], 'another event');
  t.strictSame(runnableHooks(resolved(state(hash)), 'preToolUse'), [
    {
      key: `${config}:pre_tool_use:0:0`,
      eventName: 'preToolUse',
      matcher: 'Bash',
      timeoutSec: 5,
      statusMessage: null,
      additionalContextLimit: null,
      pluginId: null,
      sourcePath: config,
      source: 'user',
      displayOrder: 0,
      isManaged: false,
      handlerType: 'command',
      command: 'exit 2',
      async: false,
    },
  ]);
  t.end();
});
