import t from 'tap';
import {
  asksForBypass,
  hookWarnings,
  threadHooks,
  withoutBypass,
} from '../../../server/sessions/state/thread-hooks.js';
import { createConfigService } from '../../../server/config/settings/config-service.js';
import { NO_HOOKS } from '../../../server/hooks/discover/discover-hooks.js';

t.test('a request may ask for hooks without trust, and the key is no part of its configuration', (t) => {
  t.same(withoutBypass({ bypass_hook_trust: true, model: 'x' }), { model: 'x' });
  t.equal(asksForBypass({ bypass_hook_trust: true }), true);
  for (const config of [{}, { bypass_hook_trust: false }, { bypass_hook_trust: null }])
    t.equal(asksForBypass(config), false);
  for (const value of ['true', 1, {}])
    t.throws(() => asksForBypass({ bypass_hook_trust: value }), {
      message: '`bypass_hook_trust` override must be a boolean',
    });
  t.same(hookWarnings(NO_HOOKS), []);
  t.match(hookWarnings({ ...NO_HOOKS, bypassesTrust: true, warnings: ['x'] }), [
    /--dangerously-bypass-hook-trust/,
    'x',
  ]);
  t.end();
});

t.test('without a hook that the administrator requires no thread runs', (t) => {
  const etc = t.testdir({
    'requirements.toml': '[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]\ntype = "prompt"\n',
  });
  const env = { CODEXD_SYSTEM_CONFIG_DIR: etc, HOME: etc };
  const config = createConfigService({ codexHome: etc, cwd: etc, env }).resolve(etc);
  t.throws(() => threadHooks(config, { bypassesTrust: true, plugins: [], how: 'creating' }), {
    rpcCode: -32603,
    message: `error creating thread: Fatal error: Failed to initialize session: failed to load required managed hooks: skipping prompt hook in ${etc}/requirements.toml: prompt hooks are not supported yet`,
  });
  t.end();
});
