/** Editors that write without the lock: nothing of theirs is lost. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { keepLateEdits, putUnderComments, wholeBase } from '../../../server/config/write/late-edits.js';
import { closeBase, openBase, replaceFile, type FileBase } from '../../../server/system/files/replace-file.js';

const lock = { held: () => true };

function file(t: Test, text: string) {
  const home = t.testdir({ 'config.toml': text });
  const at = path.join(home, 'config.toml');
  return {
    at,
    home,
    write: (now: string) => fs.writeFileSync(at, now),
    read: () => fs.readFileSync(at, 'utf8'),
  };
}
const closing = (t: Test, base: FileBase): FileBase => (t.teardown(() => closeBase(base)), base);

t.test('comments that came above and below stay around the new text', async (t) => {
  const { at, home, write, read } = file(t, 'a = 1\n');
  const base = closing(t, openBase(at, home));
  write('# above\na = 1\n# below\n');
  const now = putUnderComments(at, base, 'a = 2\n', lock);
  t.ok(now !== null);
  if (now !== null) closing(t, now);
  t.equal(read(), '# above\na = 2\n# below\n');
});

t.test('another change than comments is not overwritten, and neither is anything without the lock', async (t) => {
  const { at, home, write, read } = file(t, 'a = 1\n');
  const base = closing(t, openBase(at, home));
  write('a = 3\n');
  t.equal(putUnderComments(at, base, 'a = 2\n', lock), null);
  t.equal(putUnderComments(at, base, 'a = 2\n', { held: () => false }), null);
  t.equal(read(), 'a = 3\n');
});

t.test('what an editor writes into the replaced file comes into the new one', async (t) => {
  const { at, home, read } = file(t, 'a = 1\n');
  const editor = fs.openSync(at, 'r+');
  t.teardown(() => fs.closeSync(editor));
  const base = openBase(at, home);
  t.ok(replaceFile(base, 'a = 1\nb = 2\n', lock.held));
  fs.writeSync(editor, '# late\na = 1\n', 0);
  closing(t, await keepLateEdits(at, base, lock));
  t.equal(read(), '# late\na = 1\nb = 2\n');
});

t.test('a file that is being written is read when it is whole; an old one at once', async (t) => {
  const { at, home, write } = file(t, '');
  setImmediate(() => write('a = 1\n'));
  t.equal(closing(t, await wholeBase(at, home)).text, 'a = 1\n');
  write('a = ');
  fs.utimesSync(at, 1, 1);
  t.equal(closing(t, await wholeBase(at, home)).text, 'a = ', 'nobody writes it any more');
});
