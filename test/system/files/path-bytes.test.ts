import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import {
  decodePath,
  encodePath,
  listFolder,
  listFolderAsync,
  nativePath,
  normalPath,
} from '../../../server/system/files/path-bytes.js';

t.test('every name survives the conversion to text', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => Buffer.from(bytes).equals(encodePath(decodePath(bytes)))),
  );
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) => decodePath(Buffer.from(text)) === Buffer.from(text).toString(),
    ),
  );
  t.equal(normalPath('/a/\udcc3\udca9'), '/a/é', 'one text for the same bytes');
  t.equal(nativePath('/a/é'), '/a/é', 'an ordinary path stays a string');
  t.end();
});

t.test('a folder is listed with names that are not UTF-8, and they lead to the files', async (t) => {
  const folder = t.testdir({ plain: {} });
  fs.mkdirSync(Buffer.concat([Buffer.from(`${folder}/d`), Buffer.of(0xe9)]));
  fs.writeFileSync(path.join(folder, 'real \ufffd'), '');
  const want = [
    { name: 'd\udce9', kind: 'folder' },
    { name: 'plain', kind: 'folder' },
    { name: 'real \ufffd', kind: 'other' },
  ];
  const sorted = (entries: readonly { name: string }[]) => [...entries].sort((a, b) => (a.name < b.name ? -1 : 1));
  t.same(sorted(listFolder(folder)), sorted(want));
  t.same(sorted(await listFolderAsync(folder)), sorted(want));
  t.ok(fs.existsSync(nativePath(`${folder}/d\udce9`)));
});

t.test('entries that are removed during a listing without kinds do not make it fail', async (t) => {
  const folder = t.testdir({ plain: {}, file: '' });
  // Node's own error for an entry whose kind it has to look up: it names the entry, not the folder.
  const gone = (): never => {
    throw Object.assign(new Error(`ENOENT: no such file or directory, lstat '${folder}/gone'`), {
      code: 'ENOENT',
      syscall: 'lstat',
      path: `${folder}/gone`,
    });
  };
  const { readdirSync } = fs;
  const { readdir } = fs.promises;
  t.teardown(() => Object.assign(fs, { readdirSync }) && Object.assign(fs.promises, { readdir }));
  Object.assign(fs, {
    readdirSync: (place: string, options: { withFileTypes?: boolean }) =>
      options.withFileTypes === true ? gone() : readdirSync(place, options as never),
  });
  Object.assign(fs.promises, { readdir: async () => gone() });
  const want = new Map([
    ['file', 'other'],
    ['plain', 'folder'],
  ]);
  t.same(new Map(listFolder(folder).map(({ name, kind }) => [name, kind])), want);
  t.same(new Map((await listFolderAsync(folder)).map(({ name, kind }) => [name, kind])), want);
  t.throws(() => listFolder(path.join(folder, 'nothing')), { code: 'ENOENT' });
});
