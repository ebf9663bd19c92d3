import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';
import { assertStartable, folderError, programError } from '../../../server/exec/process/program-lookup.js';

t.test('on Windows the error of a start is known before it', onWindows, async (t) => {
  const dir = t.testdir({ 'text.txt': 'text', folder: {} });
  const env = { PATH: process.env.PATH ?? '' };
  await t.rejects(Promise.resolve(assertStartable(['no-such-program'], dir, env)), { message: 'program not found' });
  await t.rejects(Promise.resolve(assertStartable(['.\\text.txt'], dir, env)), { message: /os error 193/ });
  await t.rejects(Promise.resolve(assertStartable(['.\\folder'], dir, env)), { message: /os error 5/ });
  await t.rejects(Promise.resolve(assertStartable(['.\\none.exe'], dir, env)), { message: /os error 2/ });
  await t.rejects(Promise.resolve(assertStartable(['.\\none\\none.exe'], dir, env)), { message: /os error 3/ });
  await t.resolves(Promise.resolve(assertStartable(['cmd.exe', '/c', 'exit'], dir, env)));
});

t.test('elsewhere it is not looked for', notOnWindows, async (t) => {
  t.equal(assertStartable(['no-such-program'], '/', {}), undefined);
});

t.test('a program is searched like in execvp(3)', async (t) => {
  const dir = t.testdir({ bin: { tool: '#!/bin/sh\n', plain: '', folder: {} }, later: { plain: '#!/bin/sh\n' } });
  fs.chmodSync(path.join(dir, 'bin/tool'), 0o755);
  fs.chmodSync(path.join(dir, 'later/plain'), 0o755);
  fs.chmodSync(path.join(dir, 'bin/plain'), 0o644);
  const bin = path.join(dir, 'bin');
  const rows: readonly (readonly [
    program: string,
    searchPath: string | undefined,
    errno: string | null,
    why: string,
  ])[] = [
    ['tool', bin, null, 'on the PATH given'],
    ['tool', '/nonexistent', 'ENOENT', 'the daemon’s own PATH does not count'],
    ['tool', `/nonexistent:${bin}`, null, 'missing folders are passed over'],
    ['plain', bin, 'EACCES', 'found but not executable'],
    ['plain', `${bin}:${path.join(dir, 'later')}`, null, 'and passed over when a later one is'],
    ['folder', bin, 'EACCES', 'a folder is not a program'],
    ['bin/tool', '', null, 'a slash means a path from the working folder'],
    ['./bin/none', '', 'ENOENT', 'which may be missing'],
    ['bin/tool/x', '', 'ENOTDIR', 'or lead through a file'],
    ['', bin, 'ENOENT', 'the empty name is no program'],
    ['sh', undefined, null, 'without PATH the system has a default'],
  ];
  for (const [program, searchPath, errno, why] of rows) {
    t.equal(programError(program, dir, searchPath)?.errno ?? null, errno, why);
  }
});

t.test('a folder that cannot be entered is reported with the reason', async (t) => {
  const dir = t.testdir({ file: '' });
  t.equal(folderError(dir), null);
  t.equal(folderError(path.join(dir, 'none'))?.message, 'No such file or directory (os error 2)');
  t.equal(folderError(path.join(dir, 'file'))?.message, 'Not a directory (os error 20)');
});
