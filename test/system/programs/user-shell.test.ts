import path from 'node:path';
import t from 'tap';
import { MODEL_SHELL } from '../../../server/system/programs/model-shell.js';
import { forThisSystem, userShellArgv } from '../../../server/system/programs/user-shell.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('a line runs in a shell of the user, as a login shell if asked', notOnWindows, async (t) => {
  const [shell = '', ...rest] = userShellArgv('echo a', { SHELL: '/bin/sh' }, true);
  t.ok(path.isAbsolute(shell));
  t.strictSame(rest, ['-lc', 'echo a']);
  t.strictSame(userShellArgv('echo a', {}, false).slice(1), ['-c', 'echo a']);
  t.equal(forThisSystem('a', 'b'), 'a');
});

t.test('on Windows it runs in PowerShell', onWindows, async (t) => {
  t.strictSame(userShellArgv('echo a', {}, true), [MODEL_SHELL.program, '-Command', 'echo a']);
  t.strictSame(userShellArgv('echo a', {}, false), [MODEL_SHELL.program, '-NoProfile', '-Command', 'echo a']);
  t.equal(forThisSystem('a', 'b'), 'b');
  t.equal(forThisSystem('a', undefined), 'a');
});
