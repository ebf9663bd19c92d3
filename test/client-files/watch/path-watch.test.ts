import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { createFolderWatches } from '../../../server/client-files/watch/folder-watches.js';
import { watchPath } from '../../../server/client-files/watch/path-watch.js';
import { until } from '../../fixtures/until.js';

/** Wine does not report the removal of a watched folder, and keeps the folders above it. */
const onWindows = process.platform === 'win32';

async function watching(t: Test, place: string, folders = createFolderWatches()) {
  const seen = new Set<string>();
  let reports = 0;
  const watch = watchPath({
    place,
    folders,
    onChange: (paths) => {
      reports++;
      paths.forEach((one) => seen.add(path.relative(place, one)));
    },
    onTrouble: (error) => t.error(error),
  });
  t.teardown(() => watch.close());
  await watch.ready;
  /** Waits until `change` has been reported as `name`, relative to the watched path. */
  const told = async (name: string, what: string, change: () => void): Promise<void> => {
    seen.delete(name);
    change();
    await until(
      () => seen.has(name),
      () => `${what} is told as '${name}', and not as ${JSON.stringify([...seen])}`,
    );
  };
  return { told, seen, watch, folders, reports: () => reports };
}

t.test('a file stays watched while editors save it in every way', async (t) => {
  const root = fs.realpathSync(t.testdir({ f: '1' }));
  const file = path.join(root, 'f');
  const { told } = await watching(t, file);
  for (let round = 0; round < 3; round++) {
    await told('', 'a rename over it', () => {
      fs.writeFileSync(path.join(root, 'new'), `${round}`);
      fs.renameSync(path.join(root, 'new'), file);
    });
    await told('', 'a write into it', () => fs.appendFileSync(file, 'x'));
    await told('', 'its removal', () => fs.rmSync(file));
    await told('', 'its return', () => fs.writeFileSync(file, 'y'));
  }
  await told('', 'its mode', () => fs.chmodSync(file, 0o600));
});

t.test('a folder has its direct entries watched, and nothing below', async (t) => {
  const root = fs.realpathSync(t.testdir({ d: { sub: { deep: '' } } }));
  const { told, seen } = await watching(t, path.join(root, 'd'));
  fs.writeFileSync(path.join(root, 'd', 'sub', 'deep'), 'x');
  await told('f', 'a new file', () => fs.writeFileSync(path.join(root, 'd', 'f'), ''));
  await told('f', 'its removal', () => fs.rmSync(path.join(root, 'd', 'f')));
  await told('d', 'an entry with the name of the folder', () => fs.mkdirSync(path.join(root, 'd', 'd')));
  await told('d', 'its removal', () => fs.rmdirSync(path.join(root, 'd', 'd')));
  await told('after', 'a file after that', () => fs.writeFileSync(path.join(root, 'd', 'after'), ''));
  t.notOk(seen.has(path.join('sub', 'deep')));
});

t.test('a target may come with all folders above it, again and again', { skip: onWindows }, async (t) => {
  const root = fs.realpathSync(t.testdir());
  const place = path.join(root, 'a', 'b', 'c');
  const { told } = await watching(t, place);
  for (let round = 0; round < 3; round++) {
    await told('', 'a file whose folders are new', () => {
      fs.mkdirSync(path.dirname(place), { recursive: true });
      fs.writeFileSync(place, 'x');
    });
    await told('', 'the removal of everything', () => fs.rmSync(path.join(root, 'a'), { recursive: true }));
  }
  await told('in', 'an entry of a folder that came with its folders', () =>
    fs.mkdirSync(path.join(place, 'in'), { recursive: true }),
  );
  await told('f', 'a later entry', () => fs.writeFileSync(path.join(place, 'f'), ''));
});

t.test('a folder above may be exchanged', { skip: onWindows }, async (t) => {
  const root = fs.realpathSync(t.testdir({ a: { b: { f: '1' } }, other: { b: { f: '2' } } }));
  const place = path.join(root, 'a', 'b', 'f');
  const { told } = await watching(t, place);
  await told('', 'the exchange', () => {
    fs.renameSync(path.join(root, 'a'), path.join(root, 'old'));
    fs.renameSync(path.join(root, 'other'), path.join(root, 'a'));
  });
  await told('', 'a write into the new file', () => fs.appendFileSync(place, 'x'));
});

t.test('links are followed, and may be led elsewhere', { skip: onWindows }, async (t) => {
  const root = fs.realpathSync(
    t.testdir({
      one: { f: '1' },
      two: { f: '2' },
      link: t.fixture('symlink', 'one'),
      lf: t.fixture('symlink', 'link/f'),
    }),
  );
  const folder = await watching(t, path.join(root, 'link'));
  const file = await watching(t, path.join(root, 'lf'));
  await folder.told('g', 'a new entry, under the name of the link', () =>
    fs.writeFileSync(path.join(root, 'one', 'g'), ''),
  );
  await file.told('', 'a write into the target', () => fs.appendFileSync(path.join(root, 'one', 'f'), 'x'));
  const exchange = (): void => {
    fs.symlinkSync('two', path.join(root, 'new'));
    fs.renameSync(path.join(root, 'new'), path.join(root, 'link'));
  };
  await folder.told('', 'another target', exchange);
  await file.told('', 'a write into the new target', () => fs.appendFileSync(path.join(root, 'two', 'f'), 'x'));
  await folder.told('h', 'an entry of the new target', () => fs.writeFileSync(path.join(root, 'two', 'h'), ''));
});

t.test('one folder under two names is reported under both', { skip: onWindows }, async (t) => {
  const root = fs.realpathSync(t.testdir({ d: {}, ld: t.fixture('symlink', 'd') }));
  const folders = createFolderWatches();
  const [real, link] = [
    await watching(t, path.join(root, 'd'), folders),
    await watching(t, path.join(root, 'ld'), folders),
  ];
  for (const name of ['one', 'two', 'three']) {
    await real.told(name, name, () => fs.writeFileSync(path.join(root, 'd', name), ''));
    await until(() => link.seen.has(name), 'the link');
  }
});

t.test('what is closed watches nothing more', async (t) => {
  const root = fs.realpathSync(t.testdir({ d: {} }));
  const { watch, folders } = await watching(t, path.join(root, 'd', 'x', 'y'));
  t.ok(folders.count() > 0);
  watch.close();
  t.equal(folders.count(), 0);
});

t.test(
  'what takes the place of the target is reported, also with its number in the file system',
  { skip: onWindows },
  async (t) => {
    const root = fs.realpathSync(t.testdir({ d: { f: '' } }));
    const place = path.join(root, 'd', 'f');
    const { told, reports } = await watching(t, place);
    for (let round = 0; round < 20; round++) {
      await told('', 'its removal', () => fs.rmSync(path.join(root, 'd'), { recursive: true }));
      fs.mkdirSync(path.join(root, 'd'));
      fs.writeFileSync(place, '');
      // A few reports of the removal may still be on their way, but not so many.
      const enough = reports() + 10;
      const isTold = (): boolean => {
        fs.appendFileSync(place, 'x');
        return reports() >= enough;
      };
      await until(isTold, 'writes into the next one are told');
    }
  },
);

t.test('an entry with the name of the folder comes and goes without a pause', { skip: onWindows }, async (t) => {
  const root = fs.realpathSync(t.testdir({ d: {} }));
  const { told } = await watching(t, path.join(root, 'd'));
  for (let round = 0; round < 20; round++) {
    await told('d', 'the entry', () => fs.mkdirSync(path.join(root, 'd', 'd')));
    await told('d', 'its removal', () => fs.rmdirSync(path.join(root, 'd', 'd')));
  }
});
