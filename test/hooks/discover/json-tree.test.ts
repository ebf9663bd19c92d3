import t from 'tap';
import { readTree } from '../../../server/hooks/discover/json-text.js';
import {
  kindOf,
  memberOf,
  NUMBER_KEY,
  sendable,
  unlikeToml,
  valueOf,
} from '../../../server/hooks/discover/json-tree.js';
import type { Node } from 'jsonc-parser';
import { newTable } from '../../../server/config/toml/value.js';

const tree = (text: string): Node => {
  const read = readTree(text);
  if ('why' in read) throw new Error(read.why);
  return read;
};

t.test('a value becomes TOML; null members are left out, and fractions keep their digits', (t) => {
  const text = '{"a":[1,true,"x"],"b":null,"c":1.50,"d":1E3,"e":18446744073709551615,"__proto__":"own"}';
  const value = valueOf(tree(text), text);
  t.same(Object.entries(value), [
    ['a', [1, true, 'x']],
    ['c', { [NUMBER_KEY]: '1.50' }],
    ['d', { [NUMBER_KEY]: '1e+3' }],
    ['e', 18446744073709551615n],
    ['__proto__', 'own'],
  ]);
  t.equal(memberOf(tree(text), 'a')?.type, 'array');
  t.equal(memberOf(tree(text), 'none'), null);
  t.equal(memberOf(tree('[]'), 'a'), null);
  t.end();
});

t.test('a table can be sent with its numbers', (t) => {
  const table = Object.assign(newTable(), {
    a: { [NUMBER_KEY]: '1e+3' },
    b: [{ [NUMBER_KEY]: '1.5', more: 'x' }, 9007199254740993n],
    c: { [NUMBER_KEY]: true },
  });
  t.same(JSON.parse(JSON.stringify(sendable(table))), {
    a: 1000,
    b: [{ [NUMBER_KEY]: '1.5', more: 'x' }, 9007199254740992],
    c: { [NUMBER_KEY]: true },
  });
  t.end();
});

t.test('what TOML cannot hold, and the words for kinds', (t) => {
  for (const text of ['null', '[null]', '{"a":{"b":null}}', '9223372036854775808']) t.ok(unlikeToml(tree(text), text));
  for (const text of ['[]', '-9223372036854775808', '1e400', '"null"']) t.notOk(unlikeToml(tree(text), text));
  const kinds = { '[]': 'sequence', '{}': 'map', '1.5': 'map', '5': 'integer `5`', '"x"': 'string "x"', null: 'null' };
  for (const [text, kind] of Object.entries(kinds)) t.equal(kindOf(tree(text), text), kind);
  t.end();
});
