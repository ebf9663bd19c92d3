import fs from 'node:fs';
import t from 'tap';
import { replacedRoots, seenPlace } from '../../../server/sandbox/linux/replaced-files.js';
import { ROOT_FILES } from '../../../server/system/programs/system-roots.js';

t.test('only a file that is there and seen has a place', (t) => {
  const root = fs.realpathSync(t.testdir({ file: '', link: t.fixture('symlink', 'file'), folder: {} }));
  const all = { sees: () => true };
  t.equal(seenPlace(`${root}/link`, all), `${root}/file`);
  t.equal(seenPlace(`${root}/file`, { sees: (place) => place !== `${root}/file` }), null);
  t.equal(seenPlace(`${root}/folder`, all), null);
  t.equal(seenPlace(`${root}/none`, all), null);
  t.end();
});

t.test('each list of root certificates of this system is replaced once', (t) => {
  const real = ROOT_FILES.filter((file) => fs.existsSync(file)).map((file) => fs.realpathSync(file));
  t.strictSame(
    replacedRoots('/bundle', { sees: () => true }),
    [...new Set(real)].map((place) => ({ place, by: '/bundle' })),
  );
  t.strictSame(replacedRoots('/bundle', { sees: () => false }), []);
  t.end();
});
