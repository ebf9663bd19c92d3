import path from 'node:path';
import t from 'tap';
import { windowsStartForm } from '../../../server/system/windows/start-form.js';
import { onWindows } from '../../fixtures/windows.js';

t.test('a batch file is started by cmd.exe, with a line that is not quoted again', onWindows, async (t) => {
  const cwd = t.testdir({ 'a b.cmd': '', folder: {}, 'plain.txt': '' });
  const form = (file: string, args: string[] = [], where = cwd) =>
    windowsStartForm({ file, args, cwd: where, env: {} });
  const batch = form('.\\a b', ['x']);
  t.match(batch.file, /\\system32\\cmd\.exe$/i);
  t.equal(batch.args.at(-1), `""${path.join(cwd, 'a b.cmd')}" "x""`);
  t.equal(batch.options.windowsVerbatimArguments, true);
  t.throws(() => form('.\\a b', ['x\ny']), { code: 'machine.program', message: /batch file/ });
  t.throws(() => form('no-such'), { code: 'machine.program', message: 'program not found' });
  t.throws(() => form('.\\no-such'), { code: 'ENOENT' });
  t.throws(() => form('.\\folder'), { code: 'EACCES' });
  t.throws(() => form('cmd', [], path.join(cwd, 'gone')), { code: 'ENOTDIR' });
  t.throws(() => form('cmd', [], path.join(cwd, 'plain.txt')), { code: 'ENOTDIR' });
});

t.test('a script of cmd.exe is passed as it is', onWindows, async (t) => {
  const form = (...args: string[]) => windowsStartForm({ file: 'cmd.exe', args, cwd: t.testdirName, env: {} });
  t.testdir();
  const script = form('/d', '/s', '/c', 'echo "a b" & echo c');
  t.strictSame(script.args, ['/d', '/s', '/c', '"echo "a b" & echo c"']);
  t.equal(script.options.windowsVerbatimArguments, true);
  t.equal(form('/c', 'echo "a"').options.windowsVerbatimArguments, undefined, 'other arguments are quoted by Node');
  t.throws(() => form('/d', '/s', '/c', 'a\r\nb'), { code: 'machine.program', message: /one line/ });
});
