import { execaSync } from 'execa';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  FileRefused,
  liesBelow,
  openFile,
  readStartOf,
  readWhole,
  readWholeLater,
  withFile,
} from '../../../server/system/files/open-file.js';
import { followAll, followNone, openFolder, openFolderBelow } from '../../../server/system/files/open-folder.js';

const root = fs.realpathSync(t.testdir({ a: { 'file.txt': 'words\n' }, b: {} }));
const at = (...parts: string[]): string => path.join(root, ...parts);
const refusal = (file: string): string => refusalOf(() => openFile(file).close());
const refusalOf = (attempt: () => unknown): string => {
  try {
    attempt();
    return 'opened';
  } catch (error) {
    return error instanceof FileRefused ? error.refusal : ((error as NodeJS.ErrnoException).code ?? String(error));
  }
};

t.test('a file is read by its descriptor, and its path is where its links lead', async (t) => {
  fs.symlinkSync('../a/file.txt', at('b', 'link'));
  const opened = openFile(at('b', 'link'));
  t.equal(opened.real, at('a', 'file.txt'));
  fs.renameSync(at('a', 'file.txt'), at('a', 'moved.txt'));
  fs.writeFileSync(at('a', 'file.txt'), 'another');
  t.equal(readWhole(opened, 100).toString(), 'words\n');
  t.same(readStartOf(opened, 3), { bytes: Buffer.from('wor'), size: 6 });
  t.equal((await readWholeLater(opened, 100)).toString(), 'words\n');
  t.equal(
    refusalOf(() => readWhole(opened, 5)),
    'too-large',
  );
  opened.close();
});

t.test(
  'a file that is not a regular file is refused, and nothing waits for it',
  { skip: process.platform !== 'linux' },
  (t) => {
    execaSync('mkfifo', [at('pipe')]);
    fs.symlinkSync('/proc/self/environ', at('environ'));
    fs.symlinkSync(`/proc/${process.pid}/environ`, at('ours'));
    fs.symlinkSync('loop', at('loop'));
    t.equal(refusal(at('pipe')), 'not-a-file');
    t.equal(refusal(root), 'not-a-file');
    t.equal(refusal('/dev/zero'), 'not-a-file');
    t.equal(refusal(at('environ')), 'kernel-file');
    t.equal(refusal(at('ours')), 'kernel-file');
    t.equal(refusal('/sys/kernel/mm/transparent_hugepage/enabled'), 'kernel-file');
    t.equal(refusal(at('loop')), 'ELOOP');
    t.equal(refusal(at('nothing')), 'ENOENT');
    const gone = fs.openSync(at('gone'), 'w+');
    fs.unlinkSync(at('gone'));
    t.equal(refusal(`/proc/self/fd/${gone}`), 'elsewhere', 'a file without a name');
    fs.closeSync(gone);
    const kept = fs.openSync(at('a', 'file.txt'), 'r');
    t.equal(
      withFile(`/proc/self/fd/${kept}`, ({ real }) => real),
      at('a', 'file.txt'),
      'a descriptor is judged by its file',
    );
    fs.closeSync(kept);
    t.end();
  },
);

t.test('a folder is opened without following forbidden links', (t) => {
  fs.symlinkSync('../a', at('b', 'to-a'));
  t.equal(
    refusalOf(() => openFolder(at('b', 'to-a'), followNone)),
    'elsewhere',
  );
  t.equal(
    refusalOf(() => openFolder(at('b', 'to-a'), (folder) => folder !== at('b'))),
    'elsewhere',
  );
  const folder = openFolder(at('b', 'to-a'), followAll);
  t.equal(folder.real, at('a'));
  fs.renameSync(at('a'), at('elsewhere'));
  fs.mkdirSync(at('a'));
  if (process.platform === 'linux') t.ok(fs.existsSync(folder.at('moved.txt')), 'it stays the folder that was opened');
  t.throws(() => folder.at('../x'));
  folder.close();
  const top = openFolder(root, followNone);
  t.throws(() => openFolderBelow(openFolder(at('b'), followNone), 'to-a'), /ELOOP|ENOTDIR/);
  const below = openFolderBelow(top, 'b');
  t.equal(below.real, at('b'));
  below.close();
  top.close();
  t.throws(() => openFolder(at('elsewhere', 'moved.txt'), followNone), { code: 'ENOTDIR' });
  t.end();
});

t.test('a path below a folder is known by the folder, not by its name', (t) => {
  t.ok(liesBelow(at('b', 'x', 'y'), at('b')));
  t.ok(liesBelow(at('b'), at('b')));
  t.notOk(liesBelow(at('elsewhere', 'moved.txt'), at('b')));
  fs.symlinkSync('b', at('name-of-b'));
  t.ok(liesBelow(at('b', 'x'), at('name-of-b')));
  t.end();
});
