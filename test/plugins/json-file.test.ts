import t from 'tap';
import { objectIn, readJson, textIn, textsIn } from '../../server/plugins/json-file.js';

t.test('faults have their place, and values their kind', (t) => {
  t.same(readJson('{"a": 1}'), { value: { a: 1 } });
  t.same(readJson('{nope'), { fault: 'key must be a string at line 1 column 2' });
  t.match(readJson('['.repeat(200)), { fault: /at line/ });
  t.equal(textIn({ a: 'x' }, 'a'), 'x');
  t.equal(textIn({ a: 1 }, 'a'), null);
  t.equal(textIn(null, 'a'), null);
  t.same(objectIn({ a: { b: 1 } }, 'a'), { b: 1 });
  t.equal(objectIn({ a: [] }, 'a'), null);
  t.same(textsIn({ a: 'x' }, 'a'), ['x']);
  t.same(textsIn({ a: ['x', 1, 'y'] }, 'a'), ['x', 'y']);
  t.same(textsIn({}, 'a'), []);
  t.end();
});
