import t from 'tap';
import type { HookMetadata } from '../../../schema/protocol/services/hooks.js';
import { skippedHooks } from '../../../server/services/extensions/skipped-hooks.js';

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

const of = (hooks: readonly HookMetadata[]) => skippedHooks({ hooks });

t.test('hooks that run, and those that are off, are not spoken of', (t) => {
  t.same(of([HOOK, { ...HOOK, trustStatus: 'managed' }, { ...HOOK, enabled: false, trustStatus: 'untrusted' }]), []);
  t.end();
});

t.test('everything else that is on is named, with its file and the remedy', (t) => {
  const untrusted = { ...HOOK, trustStatus: 'untrusted' as const };
  const modified = { ...HOOK, eventName: 'preToolUse' as const, trustStatus: 'modified' as const };
  t.match(of([untrusted, modified, { ...HOOK, eventName: 'subagentStop' }]), [
    { summary: /until a person has reviewed.*: stop, preToolUse of \/home\/config\.toml$/, details: /hooks\/list/ },
    { summary: /no agents.*: subagentStop of/ },
  ]);
  t.end();
});
