import t from 'tap';
import { optionalText, strings, tableOf, texts } from '../../../server/config/permissions/hook-values.js';

t.test('a value of another type is refused by its place', async (t) => {
  t.throws(() => strings(undefined, 'a.b'), { message: 'invalid a.b: it is missing' });
  t.throws(() => strings([1], 'a.b'), { message: 'invalid a.b: it must be a list of strings' });
  t.throws(() => texts([], 'a.b'), { message: 'invalid a.b: it must not be empty' });
  t.throws(() => optionalText(true, 'a.b'), { message: 'invalid a.b: it must be a string' });
  t.throws(() => tableOf('x', 'a', []), { message: 'a must be a table' });
  t.throws(() => tableOf({ z: 1 }, 'a', ['b']), { message: 'unknown field `z` in a, expected one of `b`' });
  t.strictSame([strings([], 'a'), texts(['x'], 'a'), optionalText(undefined, 'a')], [[], ['x'], null]);
});
