import t from 'tap';
import { remoteBase } from '../../../server/services/git/remote-base.js';
import type { Git } from '../../../server/services/git/run-git.js';

/** Answers by the first words of a run; anything else fails as git does. */
function fakeGit(answers: Readonly<Record<string, string>>): { readonly git: Git; readonly asked: string[] } {
  const asked: string[] = [];
  const git: Git = (words) => {
    const line = words.join(' ');
    asked.push(line);
    const found = Object.entries(answers).find(([start]) => line.startsWith(start));
    return Promise.resolve(found === undefined ? { exitCode: 128, output: '' } : { exitCode: 0, output: found[1] });
  };
  return { git, asked };
}

const HEAD = { 'rev-parse --verify': 'h\n' };

t.test('a folder without a commit is not asked for more', async (t) => {
  const { git, asked } = fakeGit({});
  t.equal(await remoteBase(git), null);
  t.equal(asked.length, 1);
});

t.test('the fewest commits win, origin comes first, and the default branch has any name', async (t) => {
  const refs = [
    'c1 refs/remotes/mirror/trunk',
    'c2 refs/remotes/origin/trunk',
    'c2 refs/remotes/origin/HEAD refs/remotes/origin/trunk',
    'c3 refs/remotes/mirror/work',
  ].join('\n');
  const answers = {
    ...HEAD,
    'for-each-ref --format=%(objectname)': refs,
    'for-each-ref --format=%(refname)': '',
    'symbolic-ref': 'work\n',
    remote: 'mirror\norigin\n',
  };
  t.equal(
    await remoteBase(fakeGit({ ...answers, 'rev-list --count c2': '5\n', 'rev-list --count c3': '2' }).git),
    'c3',
  );
  t.equal(
    await remoteBase(fakeGit({ ...answers, 'rev-list --count c2': '1\n', 'rev-list --count c3': '2' }).git),
    'c2',
  );
  t.equal(await remoteBase(fakeGit({ ...answers, remote: '' }).git), null, 'refs of a removed remote do not count');
});

t.test('a repository with countless branches costs a bounded number of runs', async (t) => {
  const names = Array.from({ length: 10_000 }, (_, at) => `refs/remotes/origin/b${at}`);
  const { git, asked } = fakeGit({
    ...HEAD,
    'for-each-ref --format=%(objectname)': names.map((name) => `c ${name}`).join('\n'),
    'for-each-ref --format=%(refname)': names.join('\n'),
    remote: 'origin\n',
    'rev-list': '1\n',
  });
  t.equal(await remoteBase(git), 'c');
  t.ok(asked.length < 60, String(asked.length));
});
