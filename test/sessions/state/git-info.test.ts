import { execaSync } from 'execa';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { readGitInfo } from '../../../server/sessions/state/git-info.js';

function folder(t: { teardown(fn: () => void): unknown }): string {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'git-info-')));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  return root;
}
const git = (cwd: string, ...args: string[]): string =>
  execaSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd }).stdout.trim();

t.test('the same facts as git itself, in all forms of its storage', (t) => {
  const root = folder(t);
  t.equal(readGitInfo(root), null, 'no repository');
  git(root, 'init', '-q', '-b', 'topic/x');
  t.strictSame(readGitInfo(root), { branch: 'topic/x' }, 'nothing committed yet');
  fs.writeFileSync(path.join(root, 'a'), 'x');
  git(root, 'add', '.');
  git(root, 'commit', '-qm', 'x');
  git(root, 'remote', 'add', 'upstream', 'https://example.com/other.git');
  git(root, 'remote', 'add', 'origin', 'https://example.com/r.git');
  const sha = git(root, 'rev-parse', 'HEAD');
  const here = { commit_hash: sha, branch: 'topic/x', repository_url: 'https://example.com/r.git' };
  t.strictSame(readGitInfo(root), here);
  fs.mkdirSync(path.join(root, 'sub', 'deep'), { recursive: true });
  t.strictSame(readGitInfo(path.join(root, 'sub', 'deep')), here, 'from below');
  git(root, 'pack-refs', '--all');
  t.strictSame(readGitInfo(root), here, 'packed refs');
  const tree = path.join(folder(t), 'tree');
  git(root, 'worktree', 'add', '-q', '-b', 'side', tree);
  t.strictSame(readGitInfo(tree), { ...here, branch: 'side' }, 'a worktree');
  git(root, 'checkout', '-q', '--detach');
  const { branch: _branch, ...detached } = here;
  t.strictSame(readGitInfo(root), detached, 'a detached head');
  t.end();
});

t.test('credentials in the address are removed', (t) => {
  const rows = [
    ['https://user:secret@example.com/r.git', 'https://example.com/r.git'],
    ['https://token@example.com/r.git', 'https://example.com/r.git'],
    ['ssh://git:pw@example.com/r.git', 'ssh://example.com/r.git'],
    ['ssh://git@example.com/r.git', 'ssh://git@example.com/r.git'],
    ['git@example.com:r.git', 'git@example.com:r.git'],
    ['/some/where', '/some/where'],
  ] as const;
  for (const [url, shown] of rows) {
    const root = folder(t);
    git(root, 'init', '-q', '-b', 'main');
    git(root, 'remote', 'add', 'origin', url);
    t.equal(readGitInfo(root)?.repository_url, shown, url);
  }
  t.end();
});

t.test('a manipulated repository does not lead to other files', (t) => {
  const root = folder(t);
  const dotGit = path.join(root, '.git');
  fs.mkdirSync(dotGit);
  fs.writeFileSync(path.join(root, 'secret'), 'a'.repeat(40));
  fs.writeFileSync(path.join(dotGit, 'HEAD'), 'ref: refs/../../secret\n');
  t.equal(readGitInfo(root), null, 'a ref does not leave the repository');
  fs.writeFileSync(path.join(dotGit, 'HEAD'), 'not a head\n');
  t.equal(readGitInfo(root), null);
  fs.rmSync(dotGit, { recursive: true });
  fs.writeFileSync(dotGit, 'nonsense');
  t.equal(readGitInfo(root), null);
  t.end();
});
