import t from 'tap';
import { itemAt, lastOf } from '../../../server/system/node/lists.js';

t.test('an element of a list', async (t) => {
  t.equal(itemAt(['a', 'b'], 1), 'b');
  t.equal(lastOf(['a', 'b']), 'b');
  t.equal(itemAt([undefined], 0), undefined, 'what is there may be undefined');
});

t.test('what a list does not have is a fault, and not undefined', async (t) => {
  for (const index of [-1, 2, 0.5, NaN])
    t.throws(() => itemAt(['a', 'b'], index), { message: `a list of 2 elements has none at index ${index}` });
  t.throws(() => lastOf([]), { message: 'a list of 0 elements has none at index -1' });
});
