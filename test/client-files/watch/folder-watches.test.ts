import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { createFolderWatches } from '../../../server/client-files/watch/folder-watches.js';
import { until } from '../../fixtures/until.js';

t.test('many who look at a folder share one watch, which ends with the last of them', async (t) => {
  const folder = t.testdir();
  const folders = createFolderWatches();
  const seen: (string | null)[][] = [[], []];
  const stops = seen.map((names) => folders.watch(folder, '1', (name) => names.push(name)));
  t.equal(folders.count(), 1);
  fs.writeFileSync(path.join(folder, 'f'), '');
  await until(() => seen.every((names) => names.includes('f')), 'both are told');
  stops[0]?.();
  stops[0]?.();
  t.equal(folders.count(), 1);
  stops[1]?.();
  t.equal(folders.count(), 0);
});

t.test('the end of a folder is reported, and a folder of its name and id is watched again', async (t) => {
  const folder = path.join(t.testdir({ d: {} }), 'd');
  const folders = createFolderWatches();
  const seen: (string | null)[] = [];
  const stop = folders.watch(folder, '1', (name) => seen.push(name));
  fs.rmdirSync(folder);
  await until(() => seen.includes(null), 'the end is told');
  fs.mkdirSync(folder);
  const again: (string | null)[] = [];
  const stopAgain = folders.watch(folder, '1', (name) => again.push(name));
  fs.writeFileSync(path.join(folder, 'f'), '');
  await until(() => again.includes('f'), 'the new folder is watched');
  stop();
  stopAgain();
  t.equal(folders.count(), 0);
});

t.test('a missing folder is an error', async (t) => {
  const folders = createFolderWatches();
  t.throws(() => folders.watch(path.join(t.testdir(), 'no'), '1', () => {}), { code: 'ENOENT' });
  t.equal(folders.count(), 0);
});
