import t from 'tap';
import { scenePlan, wallsOf } from '../../../server/sandbox/macos/walls.js';
import { SCENE } from './fake-mac.js';

t.test('every wall has a name of its own', async (t) => {
  const names = wallsOf(SCENE).map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
});

t.test('each kind of act is tried, and those of a network in both networks', async (t) => {
  const walls = wallsOf(SCENE).filter(({ allowed }) => !allowed);
  for (const does of ['write', 'read', 'create', 'rename', 'link', 'clone', 'run', 'signal', 'listen'] as const)
    t.ok(
      walls.some(({ act }) => act.does === does),
      does,
    );
  for (const where of ['offline', 'lane'] as const)
    for (const does of ['tcp', 'udp', 'unix'] as const)
      t.ok(
        walls.some((wall) => wall.in === where && wall.act.does === does),
        `${does} ${where}`,
      );
});

t.test('a machine without another address has two walls less', async (t) => {
  t.equal(wallsOf(SCENE).length - wallsOf({ ...SCENE, address: null }).length, 2);
});

t.test('what is hidden, pinned and missing in the plan is in the scene', async (t) => {
  const { mounts, placeholders } = scenePlan('/s');
  t.same(
    mounts.map(({ path }) => path).sort(),
    mounts.map(({ path }) => path),
    'parents come first',
  );
  t.same(placeholders, ['/s/work/missing']);
});
