import t from 'tap';
import { injectedItems } from '../../../../server/sessions/methods/history/injected-items.js';

const user = { type: 'message', role: 'user', content: [] };
const call = (id: string) => ({ type: 'function_call', name: 'n', arguments: '{}', call_id: id });
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: 'o' });
const kept = (item: object) => ({ item, retention: 'always' });

t.test('an entry is an item, or an item with its retention', (t) => {
  const entries = [
    user,
    kept(user),
    { item: user, retention: 'default', more: 1 },
    [user, 'always'],
    { ...user, item: 5, retention: 'x' },
    { item: { type: 'unheard_of' }, retention: 'always' },
  ];
  t.same(
    injectedItems(entries).map(({ stays }) => stays),
    [null, true, false, true, null],
  );
  t.end();
});

t.test('refusals have the words of the official program', (t) => {
  const cases: [unknown, string][] = [
    ['x', 'invalid type: string "x", expected struct WrappedItem'],
    [5, 'invalid type: number, expected struct WrappedItem'],
    [null, 'invalid type: null, expected struct WrappedItem'],
    [true, 'invalid type: boolean `true`, expected struct WrappedItem'],
    [[], 'invalid length 0, expected struct WrappedItem with 2 elements'],
    [['a', 'b'], 'invalid type: string "a", expected internally tagged enum ResponseItem'],
    [{}, 'missing field `item`'],
    [{ retention: 'always' }, 'missing field `item`'],
    [{ item: user }, 'missing field `retention`'],
    [{ item: user, retention: 'x' }, 'unknown variant `x`, expected `default` or `always`'],
    [{ item: user, retention: null }, 'invalid type: null, expected string or map'],
    [kept({ type: 'message' }), 'missing field `role`'],
    [kept({}), 'missing field `type`'],
    [{ item: 'x', retention: 'always' }, 'invalid type: string "x", expected internally tagged enum ResponseItem'],
    [{ type: 5 }, 'invalid type: number, expected variant identifier'],
  ];
  for (const [entry, problem] of cases)
    t.throws(() => injectedItems([user, entry]), {
      message: `items[1] is not a valid response item: ${problem}`,
    });
  t.end();
});

t.test('a call and its output stay together, or not at all', (t) => {
  const refused = (at: number, ...entries: unknown[]): void => {
    t.throws(() => injectedItems(entries), {
      message: `items[${at}]: retained tool calls and outputs must be adjacent in the same request, call first, with both marked always`,
    });
  };
  refused(0, kept(call('a')));
  refused(0, kept(output('a')));
  refused(0, kept(output('a')), kept(call('a')));
  refused(0, kept(call('a')), { item: output('a'), retention: 'default' });
  refused(1, call('a'), kept(output('a')));
  refused(0, kept(call('a')), kept(user), kept(output('a')));
  refused(0, kept(call('a')), kept(output('b')));
  refused(0, kept(call('a')), kept({ ...output('a'), type: 'custom_tool_call_output' }));
  refused(2, kept(call('a')), kept(output('a')), kept(call('b')));
  t.equal(injectedItems([kept(call('a')), kept(output('a')), call('b'), user]).length, 4);
  t.end();
});
