import t from 'tap';
import { BoundedMap } from '../../../server/system/node/bounded-map.js';

t.test('the entry that was set longest ago is dropped, and setting it again makes it the newest', (t) => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  t.equal(map.get('b'), undefined);
  t.same([...map.values()], [3, 4]);
  t.equal(map.delete('a'), true);
  t.equal(map.delete('a'), false);
  t.equal(map.size, 1);
  t.end();
});

t.test('pinned entries and the newest entry are never dropped', (t) => {
  const map = new BoundedMap<string, number>(1, (key) => key.startsWith('pinned'));
  map.set('pinned 1', 1);
  map.set('a', 2);
  map.set('pinned 2', 3);
  t.equal(map.get('a'), undefined);
  map.set('b', 4);
  t.same([...map.values()], [1, 3, 4]);
  map.set('c', 5);
  t.equal(map.get('b'), undefined);
  t.equal(map.get('c'), 5);
  t.end();
});
