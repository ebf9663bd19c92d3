import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  NOT_A_FILE,
  putFileArgv,
  putPinnedArgv,
  readFileArgv,
  removeFileArgv,
  removePinnedArgv,
  SCRIPT_FOLDER,
  TOO_LARGE,
} from '../../../server/system/programs/file-scripts.js';
import { runToEnd } from '../../fixtures/programs.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

function run(
  [program = '', ...args]: readonly string[],
  input = '',
): { exitCode: number; stdout: string; stderr: string } {
  const { exitCode, stdout, stderr } = runToEnd(program, args, { input, cwd: SCRIPT_FOLDER });
  return { exitCode: exitCode ?? -1, stdout: String(stdout), stderr: String(stderr) };
}

t.test('a file is written, read and removed', async (t) => {
  const folder = path.join(fs.realpathSync(t.testdir()), 'a b', "it's");
  const file = path.join(folder, 'ü $x.txt');
  t.equal(run(putFileArgv(file, folder), 'one\ntwo').exitCode, 0);
  t.equal(fs.readFileSync(file, 'utf8'), 'one\ntwo');
  t.match(run(readFileArgv(file, 100)), { exitCode: 0, stdout: 'one\ntwo' });
  t.equal(run(readFileArgv(file, 3)).exitCode, TOO_LARGE);
  t.equal(run(readFileArgv(folder, 100)).exitCode, NOT_A_FILE);
  t.not(run(readFileArgv(`${file}.gone`, 100)).exitCode, 0);
  t.equal(run(removeFileArgv(file)).exitCode, 0);
  t.notOk(fs.existsSync(file));
  t.not(run(removeFileArgv(file)).exitCode, 0);
});

t.test('a pinned file is written in its folder', async (t) => {
  const folder = path.join(fs.realpathSync(t.testdir()), 'deep', 'er');
  t.equal(run(putPinnedArgv('x', folder), 'content').exitCode, 0);
  t.equal(fs.readFileSync(path.join(folder, 'x'), 'utf8'), 'content');
  t.equal(run(removePinnedArgv('x', folder)).exitCode, 0);
  t.strictSame(fs.readdirSync(folder), []);
});

t.test('a folder that leads elsewhere is not entered, and a link is not written through', notOnWindows, async (t) => {
  const root = fs.realpathSync(t.testdir({ real: { target: 'old' } }));
  fs.symlinkSync('real', path.join(root, 'link'));
  fs.symlinkSync('target', path.join(root, 'real', 'inner'));
  t.match(run(putPinnedArgv('x', path.join(root, 'link')), 'new'), { exitCode: 1, stderr: /leads elsewhere/ });
  t.match(run(putPinnedArgv('inner', path.join(root, 'real')), 'new'), { exitCode: 1, stderr: /became a link/ });
  t.equal(fs.readFileSync(path.join(root, 'real', 'target'), 'utf8'), 'old');
});

t.test('a device of Windows is no file', onWindows, async (t) => {
  const folder = t.testdir();
  for (const name of ['NUL', 'con.txt', 'COM1', '\\\\.\\pipe\\x'])
    t.equal(run(putFileArgv(path.resolve(folder, name), folder), 'x').exitCode, NOT_A_FILE, name);
});
