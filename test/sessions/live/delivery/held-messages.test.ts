import t from 'tap';
import { createHeldMessages } from '../../../../server/sessions/live/delivery/held-messages.js';

t.test('messages wait for the last hold, in their order', async (t) => {
  const sent: string[] = [];
  const held = createHeldMessages();
  const say = (text: string): void => held.send(() => void sent.push(text));
  say('at once');
  const [first, second] = [held.hold(), held.hold()];
  say('one');
  first();
  first();
  t.equal(held.holding, true, 'a hold counts once, however often it is let go');
  say('two');
  t.same(sent, ['at once']);
  second();
  say('three');
  t.same(sent, ['at once', 'one', 'two', 'three']);
  t.equal(held.holding, false);
});

t.test('what was dropped is never sent, and an old hold does not end a new one', async (t) => {
  const sent: string[] = [];
  const held = createHeldMessages();
  const old = held.hold();
  held.send(() => void sent.push('dropped'));
  held.drop();
  held.send(() => void sent.push('after'));
  const hold = held.hold();
  held.send(() => void sent.push('held'));
  old();
  t.same(sent, ['after']);
  hold();
  t.same(sent, ['after', 'held']);
});
