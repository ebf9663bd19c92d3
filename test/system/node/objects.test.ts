import t from 'tap';
import { bareObject, isObject, recordOf, wordOf } from '../../../server/system/node/objects.js';

t.test('names of objects are ordinary names', async (t) => {
  const record = bareObject<string>();
  for (const name of ['__proto__', 'constructor', 'toString']) {
    t.equal(record[name], undefined, `${name} is not there before it is set`);
    record[name] = 'own';
  }
  t.same(Object.keys(record), ['__proto__', 'constructor', 'toString']);
  t.equal(JSON.stringify(record), '{"__proto__":"own","constructor":"own","toString":"own"}');
});

t.test('what is a JSON object', async (t) => {
  for (const object of [{}, bareObject(), { length: 0 }]) t.ok(isObject(object));
  for (const other of [null, undefined, [], 'text', 1, true, () => {}]) t.notOk(isObject(other));
});

t.test('a value for each key, and a word of a list', async (t) => {
  t.strictSame(
    recordOf(['a', 'b'], (key) => key.toUpperCase()),
    { a: 'A', b: 'B' },
  );
  t.equal(wordOf(['a', 'b'], 'b'), 'b');
  for (const other of ['c', '', null, undefined, 5, ['a'], 'toString']) t.equal(wordOf(['a', 'b'], other), null);
});
