import t from 'tap';
import { bareObject, isObject } from '../../../server/system/node/objects.js';

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
