import path from 'node:path';
import t from 'tap';
import { isIgnored, levelOf, levelsAbove, type IgnoreLevel } from '../../../server/file-search/walk/ignore-chain.js';
import { readIgnoreRules } from '../../../server/file-search/walk/ignore-rules.js';

const level = (folder: string, above: IgnoreLevel | null, ...names: string[]): IgnoreLevel =>
  levelOf(folder, above, new Set(names));

t.test('the nearest rule decides, .ignore before .gitignore, up to the repository', async (t) => {
  const root = t.testdir({
    '.gitignore': 'outer\n',
    '.ignore': 'plain\n',
    repo: {
      '.git': { info: { exclude: 'excluded\nback\n' } },
      '.gitignore': '*.o\nplain2\n!back\n',
      sub: { '.gitignore': '!keep.o\n', '.ignore': '!plain2\n' },
    },
  });
  const outer = level(root, null, '.gitignore', '.ignore');
  const repo = level(path.join(root, 'repo'), outer, '.git', '.gitignore');
  const sub = level(path.join(root, 'repo', 'sub'), repo, '.gitignore', '.ignore');
  const user = readIgnoreRules('user\n');
  const ignored = (name: string, at = sub): boolean => isIgnored(path.join(at.folder, name), false, at, user);
  for (const name of ['a.o', 'excluded', 'user', 'plain']) t.ok(ignored(name), name);
  for (const name of ['keep.o', 'plain2', 'back', 'outer', 'other']) t.notOk(ignored(name), name);
  t.notOk(ignored('outer', outer), 'a .gitignore outside of a repository has no effect');
  t.ok(ignored('plain', outer));
});

t.test('folders above a root count, too', async (t) => {
  const root = t.testdir({ '.git': {}, '.gitignore': '*.o\n', a: { b: {} } });
  const above = levelsAbove(path.join(root, 'a', 'b'));
  const folder = level(path.join(root, 'a', 'b'), above);
  t.ok(isIgnored(path.join(root, 'a', 'b', 'x.o'), false, folder, null));
  t.equal(levelsAbove(path.parse(root).root), null);
});
