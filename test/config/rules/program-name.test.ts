import t from 'tap';
import { isProgramPath, programKey } from '../../../server/config/rules/program-name.js';
import { POSIX_PATHS, WINDOWS_PATHS } from '../../../server/system/files/paths.js';

t.test('Windows: a program has one key, whatever its spelling', (t) => {
  for (const word of ['git', 'GIT', 'git.exe', 'Git.CMD', 'C:\\bin\\git.bat', 'c:/bin/GIT.COM', 'C:git', 'git.exe. '])
    t.equal(programKey(word, WINDOWS_PATHS), 'git', word);
  t.equal(programKey('git.ps1', WINDOWS_PATHS), 'git.ps1');
  for (const word of ['C:\\git', 'bin/git', 'bin\\git', 'C:git']) t.ok(isProgramPath(word, WINDOWS_PATHS), word);
  t.notOk(isProgramPath('git.exe', WINDOWS_PATHS));
  t.end();
});

t.test('POSIX: the name as it is', (t) => {
  t.equal(programKey('/usr/bin/Git.exe', POSIX_PATHS), 'Git.exe');
  t.equal(programKey('a\\b', POSIX_PATHS), 'a\\b');
  t.notOk(isProgramPath('a\\b', POSIX_PATHS));
  t.ok(isProgramPath('./a', POSIX_PATHS));
  t.end();
});
