import t from 'tap';
import { runnableHook } from '../../server/hooks/runnable-hook.js';
import type { HookMetadata } from '../../schema/protocol/services/hooks.js';

const HOOK: HookMetadata = {
  key: '/home/config.toml:stop:0:0',
  eventName: 'stop',
  matcher: null,
  timeoutSec: 600,
  statusMessage: null,
  additionalContextLimit: null,
  sourcePath: '/home/config.toml',
  source: 'user',
  pluginId: null,
  environmentId: null,
  displayOrder: 3,
  enabled: true,
  isManaged: false,
  currentHash: 'sha256:00',
  trustStatus: 'trusted',
  handlerType: 'command',
  command: 'true',
  async: false,
};

t.test('an enabled hook runs if a person trusts its present text, or if it is an administrator’s', (t) => {
  t.match(runnableHook(HOOK), { key: HOOK.key, command: 'true', displayOrder: 3 });
  t.match(runnableHook({ ...HOOK, trustStatus: 'managed' }), { command: 'true' });
  for (const refused of [{ enabled: false }, { trustStatus: 'untrusted' }, { trustStatus: 'modified' }] as const)
    t.equal(runnableHook({ ...HOOK, ...refused }), null, JSON.stringify(refused));
  t.end();
});
