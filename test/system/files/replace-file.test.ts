import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  closeBase,
  lateText,
  openBase,
  replaceFile,
  writeFileAtomically,
  writePiecesAtomically,
} from '../../../server/system/files/replace-file.js';

const names = (folder: string): string[] => fs.readdirSync(folder).sort();
const modeOf = (file: string): number => fs.statSync(file).mode & 0o777;

t.test('a file is written as a whole, with its mode, and no temporary file is left', async (t) => {
  const folder = t.testdir({ old: 'old' });
  const file = path.join(folder, 'old');
  const umask = process.umask(0o077);
  t.teardown(() => process.umask(umask));
  writeFileAtomically(file, 'new');
  t.equal(fs.readFileSync(file, 'utf8'), 'new');
  t.equal(modeOf(file), 0o600);
  writeFileAtomically(file, Buffer.from([1, 2]), { mode: 0o644 });
  t.same(fs.readFileSync(file), Buffer.from([1, 2]));
  t.equal(modeOf(file), 0o644, 'whatever the umask is');
  await writePiecesAtomically(file, [Buffer.from('a'), Buffer.from('b')]);
  t.equal(fs.readFileSync(file, 'utf8'), 'ab');
  t.same(names(folder), ['old']);
});

t.test('a write that fails leaves the old file and no temporary file', async (t) => {
  const folder = t.testdir({ target: { 'not-empty': '' } });
  const target = path.join(folder, 'target');
  t.throws(() => writeFileAtomically(target, 'x'), { code: 'EISDIR' });
  await t.rejects(writePiecesAtomically(target, [Buffer.from('x')]), { code: 'EISDIR' });
  t.same(names(folder), ['target']);
  t.same(names(target), ['not-empty']);
});

t.test('the temporary file is in the staging folder', (t) => {
  const folder = t.testdir({ staging: {}, out: {} });
  const staging = path.join(folder, 'staging');
  const file = path.join(folder, 'out', 'file');
  const base = openBase(file, staging);
  t.teardown(() => closeBase(base));
  let during: string[] = [];
  t.equal(
    replaceFile(base, 'text', () => {
      during = names(staging);
      return true;
    }),
    true,
  );
  t.match(during, [/^\.file\./]);
  t.same(names(staging), []);
  t.equal(fs.readFileSync(file, 'utf8'), 'text');
  t.end();
});

t.test('a file that changed since it was read is not replaced', (t) => {
  const folder = t.testdir({ file: 'one' });
  const file = path.join(folder, 'file');
  const base = openBase(file, folder);
  t.teardown(() => closeBase(base));
  fs.writeFileSync(file, 'somebody else');
  t.equal(
    replaceFile(base, 'mine', () => true),
    false,
  );
  t.equal(fs.readFileSync(file, 'utf8'), 'somebody else');
  t.end();
});

t.test('the text that an editor writes into the replaced file can still be read', (t) => {
  const folder = t.testdir({ file: 'one\n' });
  const file = path.join(folder, 'file');
  const editor = fs.openSync(file, 'a');
  const base = openBase(file, folder);
  t.teardown(() => closeBase(base));
  t.equal(
    replaceFile(base, 'two\n', () => true),
    true,
  );
  t.equal(lateText(base), null);
  fs.writeSync(editor, 'late\n');
  fs.closeSync(editor);
  t.equal(lateText(base), 'one\nlate\n');
  t.end();
});
