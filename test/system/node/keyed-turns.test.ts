import t from 'tap';
import { createKeyedTurns } from '../../../server/system/node/keyed-turns.js';

function gate() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

t.test('work with a common key runs one after the other, other work at once', async (t) => {
  const turns = createKeyedTurns();
  const [first, second] = [gate(), gate()];
  const order: string[] = [];
  const work = (name: string, until: Promise<void>) => async () => {
    order.push(`${name} begins`);
    await until;
    order.push(`${name} ends`);
  };
  const all = [
    turns.run(['a', 'b'], work('one', first.opened)),
    turns.run(['b'], work('two', second.opened)),
    turns.run(['c'], work('other', Promise.resolve())),
    turns.run(['b', 'a', 'a'], work('three', Promise.resolve())),
  ];
  await all[2];
  t.same(order, ['one begins', 'other begins', 'other ends']);
  first.open();
  await all[0];
  second.open();
  await Promise.all(all);
  t.same(order.slice(3), ['one ends', 'two begins', 'two ends', 'three begins', 'three ends']);
});

t.test('work that fails lets the next one run, and its error is that of its call', async (t) => {
  const turns = createKeyedTurns();
  await t.rejects(
    turns.run(['a'], () => Promise.reject(new RangeError('no'))),
    RangeError,
  );
  t.equal(await turns.run(['a'], async () => 1), 1);
});

t.test('a turn that was entered lasts until it is left', async (t) => {
  const turns = createKeyedTurns();
  const leave = await turns.enter(['a']);
  let ran = false;
  const later = turns.run(['a'], async () => void (ran = true));
  await turns.run(['b'], async () => undefined);
  t.notOk(ran);
  leave();
  leave();
  await later;
  t.ok(ran);
});
