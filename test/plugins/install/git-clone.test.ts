/** A repository that a person asked for is cloned; nothing of it runs. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { cloneInto } from '../../../server/plugins/install/git-clone.js';
import { runToEnd } from '../../fixtures/programs.js';

t.setTimeout(60_000);

const git = (folder: string, ...args: string[]): string => {
  const { exitCode, stdout } = runToEnd('git', [
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@h.test',
    '-C',
    folder,
    ...args,
  ]);
  t.equal(exitCode, 0, args.join(' '));
  return stdout;
};

t.test('branches, tags, commits and single folders', async (t) => {
  const root = fs.realpathSync(t.testdir({ repo: { a: { x: '1' }, b: { y: '2' } } }));
  const repo = path.join(root, 'repo');
  git(repo, 'init', '-q', '-b', 'main');
  git(repo, 'add', '.');
  git(repo, 'commit', '-qm', 'one');
  git(repo, 'tag', 'v1');
  const first = git(repo, 'rev-parse', 'HEAD').trim();
  fs.writeFileSync(path.join(repo, 'a', 'x'), 'changed');
  git(repo, 'commit', '-qam', 'two');
  const url = `file://${repo}`;
  const cloned = async (name: string, ref: string | null, sparsePaths: readonly string[] = []) => {
    const folder = path.join(root, name);
    await cloneInto(folder, { url, ref, sparsePaths });
    return { x: fs.readFileSync(path.join(folder, 'a', 'x'), 'utf8'), y: fs.existsSync(path.join(folder, 'b', 'y')) };
  };
  t.same(await cloned('head', null), { x: 'changed', y: true });
  t.same(await cloned('tag', 'v1'), { x: '1', y: true });
  t.same(await cloned('commit', first), { x: '1', y: true });
  t.same(await cloned('branch', 'main', ['a']), { x: 'changed', y: false });
  await t.rejects(cloneInto(path.join(root, 'none'), { url, ref: 'none', sparsePaths: [] }), {
    rpcCode: -32603,
    message: /git checkout none failed with status/,
  });
  await t.rejects(cloneInto(path.join(root, 'gone'), { url: `${url}-gone`, ref: null, sparsePaths: [] }), {
    message: /git clone file:.*-gone failed with status 128: /,
  });
  await t.rejects(cloneInto(path.join(root, 'option'), { url: '--upload-pack=x', ref: null, sparsePaths: [] }), {
    rpcCode: -32600,
    message: /is no address of Git/,
  });
});

t.test('neither hooks nor filters nor links of a repository count', async (t) => {
  const root = fs.realpathSync(t.testdir({ repo: { '.gitattributes': '* filter=evil\n', file: 'x' } }));
  const repo = path.join(root, 'repo');
  git(repo, 'init', '-q', '-b', 'main');
  fs.symlinkSync('/etc/passwd', path.join(repo, 'link'));
  git(repo, 'add', '.');
  git(repo, 'commit', '-qm', 'one');
  const hook = path.join(repo, '.git', 'hooks', 'post-checkout');
  fs.mkdirSync(path.dirname(hook), { recursive: true });
  fs.writeFileSync(hook, `#!/bin/sh\ntouch ${root}/ran\n`, { mode: 0o755 });
  const folder = path.join(root, 'clone');
  await cloneInto(folder, { url: `file://${repo}`, ref: null, sparsePaths: [] });
  t.notOk(fs.existsSync(path.join(root, 'ran')));
  t.ok(fs.lstatSync(path.join(folder, 'link')).isFile(), 'a link is a file with its text');
});
