import t from 'tap';
import { MODEL_SHELL, modelShellArgv, windowsShell } from '../../../server/system/programs/model-shell.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('shells of Windows are known by their names', async (t) => {
  for (const program of ['powershell', 'PowerShell.EXE', 'C:\\Program Files\\PowerShell\\7\\pwsh.exe', '/usr/bin/pwsh'])
    t.equal(windowsShell(program), 'powershell', program);
  for (const program of ['cmd', 'C:\\Windows\\System32\\CMD.EXE']) t.equal(windowsShell(program), 'cmd', program);
  for (const program of ['/bin/bash', 'sh', 'cmd.sh', '']) t.equal(windowsShell(program), null, program);
});

t.test('each shell gets the script in its own way', async (t) => {
  t.strictSame(modelShellArgv('a | b', '/bin/zsh', true), ['/bin/zsh', '-lc', 'a | b']);
  t.strictSame(modelShellArgv('a', 'bash', false), ['bash', '-c', 'a']);
  t.strictSame(modelShellArgv('a', 'pwsh', true), ['pwsh', '-Command', 'a']);
  t.strictSame(modelShellArgv('a', 'powershell.exe', false), ['powershell.exe', '-NoProfile', '-Command', 'a']);
  t.strictSame(modelShellArgv('a', 'cmd.exe', true), ['cmd.exe', '/d', '/s', '/c', 'a']);
});

t.test('without a wish it is bash', notOnWindows, async (t) => {
  t.equal(MODEL_SHELL.name, 'bash');
  t.strictSame(modelShellArgv('a', null, true), ['/bin/bash', '-lc', 'a']);
});

t.test('and PowerShell on Windows, by its path', onWindows, async (t) => {
  t.equal(MODEL_SHELL.name, 'powershell');
  t.match(MODEL_SHELL.program, /^[A-Z]:\\.*\\(?:powershell|pwsh)\.exe$/i);
  t.strictSame(modelShellArgv('a', null, true), [MODEL_SHELL.program, '-Command', 'a']);
});
