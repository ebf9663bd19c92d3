import t from 'tap';
import type { WindowsShell } from '../../../server/system/programs/model-shell.js';
import { windowsScript } from '../../../server/sessions/shell/windows-script.js';

const commands = (script: string, shell: WindowsShell = 'powershell') =>
  windowsScript(script, shell)?.pipelines.flat() ?? null;

t.test('plain words are commands, as a person reads them', async (t) => {
  t.strictSame(commands('git status'), [['git', 'status']]);
  t.strictSame(commands('npm run build && npm test -- --a:b ./c/d.txt'), [
    ['npm', 'run', 'build'],
    ['npm', 'test', '--', '--a:b', './c/d.txt'],
  ]);
  t.strictSame(commands('Get-Content a.txt | findstr b; cargo test'), [
    ['Get-Content', 'a.txt'],
    ['findstr', 'b'],
    ['cargo', 'test'],
  ]);
  t.strictSame(commands('dir /s | findstr x', 'cmd'), [
    ['dir', '/s'],
    ['findstr', 'x'],
  ]);
});

t.test('what PowerShell or cmd.exe may read in another way is not understood', async (t) => {
  const either = [
    ...['g^it push', 'git push > x', 'a & b', '& git', '%x% y', '$x', "'git' push", '"git" push', 'git `\n push'],
    ...[
      '(git)',
      'a {b}',
      'a @b',
      'a,b',
      'a=b',
      'a # b',
      'C:\\x.exe',
      '.\\x',
      './x',
      '. x',
      '1 + 2',
      '-join a',
      'a !b!',
    ],
    ...[
      'if a',
      'FOR x',
      'exit',
      'dir/s',
      'echo.x',
      'a |',
      '| a',
      'a\u00a0b',
      'a \u2013b',
      'gi\u200bt',
      'a*',
      'a~1',
      '',
    ],
  ];
  for (const script of either)
    for (const shell of ['powershell', 'cmd'] as const) t.equal(commands(script, shell), null, `${shell}: ${script}`);
  for (const script of ['return git push', 'function git', 'process git push', 'Begin x'])
    t.equal(commands(script), null, script);
  for (const script of ['a; b', 'a\nb', 'rem a && git push', 'goto x', 'set x']) t.equal(commands(script, 'cmd'), null);
});
