import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { repositoryExcludes, rulesIn, userExcludes } from '../../../server/file-search/walk/git-excludes.js';

t.test('a missing file, a folder and a file without rules have no rules', async (t) => {
  const folder = t.testdir({ empty: '# nothing\n', some: '*.o\n' });
  t.equal(rulesIn(path.join(folder, 'no')), null);
  t.equal(rulesIn(folder), null);
  t.equal(rulesIn(path.join(folder, 'empty')), null);
  t.equal(rulesIn(path.join(folder, 'some'))?.judge('a.o', false), 'ignored');
});

t.test("a repository's excludes are found, from its other working trees, too", async (t) => {
  const folder = t.testdir({
    main: { '.git': { info: { exclude: 'x\n' }, worktrees: { w: { commondir: '../..\n' } } } },
    tree: { '.git': '' },
  });
  fs.writeFileSync(
    path.join(folder, 'tree', '.git'),
    `gitdir: ${path.join(folder, 'main', '.git', 'worktrees', 'w')}\n`,
  );
  for (const name of ['main', 'tree']) {
    t.equal(repositoryExcludes(path.join(folder, name))?.judge('x', false), 'ignored', name);
  }
  t.equal(repositoryExcludes(folder), null);
});

t.test("the user's excludes are where the settings of git say, or in git's own place", async (t) => {
  const home = t.testdir({ '.config': { git: { ignore: 'own\n' } }, named: 'named\n' });
  t.equal(userExcludes({ HOME: home })?.judge('own', false), 'ignored');
  t.equal(userExcludes({ XDG_CONFIG_HOME: path.join(home, 'nowhere'), HOME: home }), null);
  fs.writeFileSync(path.join(home, '.gitconfig'), '[core]\n\texcludesFile = ~/named\n');
  t.equal(userExcludes({ HOME: home })?.judge('named', false), 'ignored');
  t.equal(userExcludes({}), null);
});
