/** A real git, real repositories, and a remote in a folder beside them. */
import fs from 'node:fs';
import path from 'node:path';
import t, { type Test } from 'tap';
import { startDaemon } from '../../fixtures/daemon.js';
import { runToEnd } from '../../fixtures/programs.js';

t.setTimeout(120_000);

async function scene(t: Test) {
  const daemon = await startDaemon();
  t.teardown(() => daemon.stop());
  const client = await daemon.connect();
  const repository = path.join(daemon.work, 'repository');
  const remote = path.join(daemon.work, 'remote.git');
  fs.mkdirSync(repository);
  const git = (...words: string[]): string => {
    const who = ['-c', 'user.name=t', '-c', 'user.email=t@t', '-c', 'init.defaultBranch=main'];
    const { exitCode, stdout, stderr } = runToEnd('git', [...who, ...words], { cwd: repository });
    if (exitCode !== 0) throw new Error(`git ${words.join(' ')}: ${stderr}`);
    return stdout;
  };
  git('init', '--bare', remote);
  git('init');
  const write = (name: string, content: string | Buffer): void => {
    fs.mkdirSync(path.dirname(path.join(repository, name)), { recursive: true });
    fs.writeFileSync(path.join(repository, name), content);
  };
  const commit = (): string => {
    git('add', '-A');
    git('commit', '-m', 'x');
    return git('rev-parse', 'HEAD').trim();
  };
  const ask = (cwd = repository) => client.request('gitDiffToRemote', { cwd });
  const refused = (cwd = repository) => ({
    code: -32600,
    message: `failed to compute git diff to remote for cwd: ${JSON.stringify(cwd)}`,
  });
  return { daemon, repository, remote, git, write, commit, ask, refused };
}

t.test('there is nothing to compare with', async (t) => {
  const { daemon, remote, git, write, commit, ask, refused } = await scene(t);
  await t.rejects(ask(daemon.work), refused(daemon.work), 'no repository');
  await t.rejects(ask(path.join(daemon.work, 'none')), refused(path.join(daemon.work, 'none')));
  await t.rejects(ask('relative'), refused('relative'));
  await t.rejects(ask(), refused(), 'no commit');
  write('a', 'one\n');
  commit();
  await t.rejects(ask(), refused(), 'no remote');
  git('remote', 'add', 'origin', remote);
  await t.rejects(ask(), refused(), 'nothing was pushed');
});

t.test('commits, changes and untracked files since the last push', async (t) => {
  const { repository, remote, git, write, commit, ask } = await scene(t);
  write('a', 'one\n');
  const first = commit();
  git('remote', 'add', 'origin', remote);
  git('push', '-u', 'origin', 'main');
  t.strictSame(await ask(), { sha: first, diff: '' });

  write('a', 'one\ntwo\n');
  commit();
  write('a', 'one\ntwo\nthree\n');
  write('.gitignore', 'ignored\n');
  write('ignored', 'x');
  write("sub/x '{}' y", 'no newline');
  write('binary', Buffer.from([0, 1, 2, 255]));
  write('empty', '');
  const { sha, diff } = await ask();
  t.equal(sha, first);
  t.match(diff, '@@ -1 +1,3 @@\n one\n+two\n+three\n');
  t.notMatch(diff, 'b/ignored');
  t.match(diff, 'GIT binary patch');
  t.match(diff, 'diff --git a/empty b/empty\nnew file mode 100644\n');
  const copy = path.join(path.dirname(repository), 'copy');
  git('worktree', 'add', '--detach', copy, first);
  t.equal(runToEnd('git', ['apply', '-'], { cwd: copy, input: diff }).exitCode, 0);
  for (const name of ['a', '.gitignore', "sub/x '{}' y", 'binary', 'empty']) {
    t.ok(fs.readFileSync(path.join(copy, name)).equals(fs.readFileSync(path.join(repository, name))), name);
  }
  t.match((await ask(path.join(repository, 'sub'))).diff, '+three', 'the whole repository, from a folder of it');

  git('checkout', '-b', 'feature');
  const second = commit();
  git('push', 'origin', 'feature');
  t.strictSame(await ask(), { sha: second, diff: '' }, 'the nearest branch of a remote');
});

t.test('what a repository names is not run, and its filters can change nothing', async (t) => {
  const { daemon, remote, git, write, commit, ask } = await scene(t);
  write('a', 'one\n');
  commit();
  git('remote', 'add', 'origin', remote);
  git('push', '-u', 'origin', 'main');
  const mark = path.join(daemon.work, 'mark');
  const touch = `touch ${mark};`;
  for (const key of ['core.fsmonitor', 'diff.external', 'core.pager', 'diff.x.textconv', 'filter.y.clean']) {
    git('config', key, `${touch} cat`);
  }
  fs.writeFileSync(path.join(daemon.work, 'repository', '.git', 'hooks', 'post-index-change'), `#!/bin/sh\n${touch}`, {
    mode: 0o755,
  });
  write('.gitattributes', '* diff=x filter=y\n');
  write('a', 'two\n');
  t.match((await ask()).diff, /-one\n\+two/);
  t.notOk(fs.existsSync(mark));
});
