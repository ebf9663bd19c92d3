import t from 'tap';
import { listOf, membersOf, secondsOf, textOrNull, wholeOrNull } from '../../../server/services/account/answers.js';

t.test('a member of another kind counts as missing', (t) => {
  t.strictSame([textOrNull('a'), textOrNull(''), textOrNull(5)], ['a', null, null]);
  t.strictSame([wholeOrNull(1.9), wholeOrNull(1e300), wholeOrNull('1'), wholeOrNull(NaN)], [1, null, null, null]);
  t.strictSame([secondsOf('1970-01-01T00:00:05Z'), secondsOf(7), secondsOf('never')], [5, 7, null]);
  t.strictSame(listOf([{ a: 1 }, null, 'x']), [{ a: 1 }]);
  t.strictSame([membersOf({ a: 1 }), membersOf([1]), membersOf(null)], [{ a: 1 }, {}, {}]);
  t.end();
});
