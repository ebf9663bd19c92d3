import t from 'tap';
import { distinctNames } from '../../../server/system/node/distinct-names.js';

const cleaned = (key: string): string => key.replace(/\W/g, '_');

t.test('short names of their own stay; others are cut and told apart, in any order', async (t) => {
  const keys = ['plain', 'a-b', 'a.b', 'x'.repeat(40), `${'x'.repeat(40)}y`];
  const names = distinctNames(keys, cleaned, 30);
  t.equal(names.get('plain'), 'plain');
  t.match(names.get('a-b'), /^a_b_[0-9a-f]{12}$/);
  t.equal(new Set(names.values()).size, keys.length);
  for (const name of names.values()) t.ok(name.length <= 30, name);
  t.same(new Map([...distinctNames([...keys].reverse(), cleaned, 30)].sort()), new Map([...names].sort()));
});
