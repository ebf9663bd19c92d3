import t from 'tap';
import { askHooks } from '../../../server/sessions/hooks/permission-hooks.js';
import { SHELL_NAMES } from '../../../server/sessions/hooks/tool-names.js';
import { hook, hookedWork, prints } from './support.js';

const decides = (decision: object) =>
  hook('permissionRequest', prints({ hookSpecificOutput: { hookEventName: 'PermissionRequest', decision } }));
const ALLOW = decides({ behavior: 'allow' });
const DENY = decides({ behavior: 'deny', message: 'no!' });
const asked = { names: SHELL_NAMES, input: { command: 'ls' }, itemId: 'c1' };

t.test('yes, no, and a no that outweighs a yes', async (t) => {
  for (const [hooks, want] of [
    [[], null],
    [[hook('permissionRequest', 'exit 1')], null],
    [[ALLOW], { allowed: true }],
    [[ALLOW, DENY], { allowed: false, reason: 'no!' }],
    [[{ ...DENY, matcher: 'apply_patch' }], null],
  ] as const) {
    const { thread, turn } = await hookedWork(t, hooks);
    t.same(await askHooks(thread, turn, asked), want);
  }
});

t.test('a required hook that fails is a no', async (t) => {
  const { thread, turn } = await hookedWork(t, [hook('permissionRequest', 'exit 1', { isManaged: true }), ALLOW]);
  t.match(await askHooks(thread, turn, asked), { allowed: false, reason: /administrator.*exited with code 1/ });
});

t.test('it learns what is asked', async (t) => {
  const { thread, turn, runs } = await hookedWork(t, [hook('permissionRequest', 'cat >&2; exit 2')]);
  await askHooks(thread, turn, asked);
  t.match(JSON.parse(runs()[0]?.entries[0]?.text ?? '{}'), { tool_name: 'Bash', tool_input: { command: 'ls' } });
  t.equal(runs()[0]?.id, 'permission-request:0:/home/hooks.json:c1');
});
