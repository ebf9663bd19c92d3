import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { isSameRoute, routeOf } from '../../../server/client-files/watch/route.js';
import { withLinks } from '../../fixtures/windows.js';

t.test('the way has each folder in which a name is looked up, through all links', withLinks, async (t) => {
  const root = fs.realpathSync(
    t.testdir({ a: { b: { f: '' } }, la: t.fixture('symlink', 'a/./b'), x: { up: t.fixture('symlink', '../la/f') } }),
  );
  const { steps, target } = await routeOf(path.join(root, 'x', 'up'));
  const tail = steps.filter(({ folder }) => folder.startsWith(root));
  t.same(
    tail.map(({ folder, name, isLast }) => [path.relative(root, folder), name, isLast]),
    [
      ['', 'x', false],
      ['x', 'up', true],
      ['', 'la', false],
      ['', 'a', false],
      ['a', 'b', false],
      ['a/b', 'f', true],
    ],
  );
  t.match(target, { place: path.join(root, 'a', 'b', 'f'), isFolder: false });
});

t.test('it ends where nothing is, where a file is on the way, and where links go round', async (t) => {
  const root = fs.realpathSync(t.testdir({ f: '', loop: t.fixture('symlink', 'loop') }));
  for (const [name, last] of [
    ['no/such/file', 'no'],
    ['f/x', 'f'],
    ['loop/x', 'loop'],
  ] as const) {
    const { steps, target } = await routeOf(path.join(root, name));
    t.equal(target, null, name);
    t.equal(steps.at(-1)?.name, last, name);
  }
});

t.test('the root is a folder without a name', async (t) => {
  const { root } = path.parse(process.cwd());
  t.match(await routeOf(root), { steps: [], target: { place: root, isFolder: true } });
});

t.test('a folder that is replaced by another makes another way', async (t) => {
  const root = fs.realpathSync(t.testdir({ d: { f: '' }, e: { f: '' } }));
  const place = path.join(root, 'd', 'f');
  const before = await routeOf(place);
  t.ok(isSameRoute(before, await routeOf(place)));
  fs.renameSync(path.join(root, 'd'), path.join(root, 'old'));
  t.notOk(isSameRoute(before, await routeOf(place)));
  fs.renameSync(path.join(root, 'e'), path.join(root, 'd'));
  t.notOk(isSameRoute(before, await routeOf(place)));
});
