import t from 'tap';
import { partsIn, textIn, textsIn } from '../../../../server/sessions/store/records/item-text.js';

t.test('texts of parts of any form', async (t) => {
  const parts = [{ text: 'a' }, null, 'b', 5, { text: 7 }, { refusal: 'no' }, { type: 'x', text: 'c' }, ['d']];
  t.strictSame(textsIn(parts), ['a', 'c']);
  t.strictSame(textsIn(parts, { refusals: true }), ['a', 'no', 'c']);
  t.equal(textIn(parts), 'ac');
  t.equal(partsIn(parts).length, 4);
  for (const none of [undefined, null, 'text', {}, 5]) {
    t.strictSame(textsIn(none), []);
    t.strictSame(partsIn(none), []);
  }
});
