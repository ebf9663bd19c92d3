/** `/diff` with the real git. */
import fs from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { workspaceDiff } from '../../../../clients/chat/commands/workspace-diff.js';
import { fakeClient, type Loose } from '../fake-client.js';

/** `command/exec` runs the command here, as it came. */
function stage(t: Test) {
  const cwd = t.testdir({});
  const { client, answer, sent } = fakeClient();
  const run = (command: string[]) =>
    execa(command[0]!, command.slice(1), {
      cwd,
      // No repository above the folder of the test counts.
      env: { GIT_CEILING_DIRECTORIES: path.dirname(cwd), GIT_CONFIG_GLOBAL: '/dev/null' },
      reject: false,
      stripFinalNewline: false,
    });
  answer('command/exec', async ({ command }) => {
    const { exitCode, stdout, stderr } = await run(command);
    return { exitCode, stdout, stderr };
  });
  const git = (...args: string[]) => run(['git', '-c', 'user.name=a', '-c', 'user.email=a@b', ...args]);
  const write = (name: string, text: string): void => fs.writeFileSync(path.join(cwd, name), text);
  return { git, write, sent, diff: () => workspaceDiff({ client, state: { cwd } as Loose }) };
}

t.test('changes against the last commit, staged or not, and new files', async (t) => {
  const { git, write, diff, sent } = stage(t);
  await git('init', '-q');
  write('a.txt', 'one\n');
  write('b.txt', 'one\n');
  t.equal(await diff(), 'new files, not in git:\n  a.txt\n  b.txt\n', 'no commit, nothing staged');
  await git('add', 'a.txt');
  t.match(await diff(), /\+\+\+ b\/a\.txt\n[^]*\+one\nnew files, not in git:\n {2}b\.txt\n$/, 'no commit');
  await git('add', '.');
  await git('commit', '-qm', 'first');
  t.equal(await diff(), 'nothing is changed\n');
  write('a.txt', 'two\n');
  await git('add', 'a.txt');
  write('b.txt', 'three\n');
  t.match(await diff(), /-one\n\+two\n[^]*-one\n\+three\n$/);
  for (const [, params] of sent)
    t.match(params, { cwd: String, sandboxPolicy: { type: 'readOnly' } }, 'git writes nothing');
});

t.test('programs that the repository names do not run', async (t) => {
  const { git, write, diff } = stage(t);
  await git('init', '-q');
  write('a.txt', 'one\n');
  write('.gitattributes', '*.txt diff=evil\n');
  await git('add', '.');
  await git('commit', '-qm', 'first');
  await git('config', 'diff.evil.textconv', 'echo TEXTCONV');
  await git('config', 'diff.external', 'echo EXTERNAL');
  write('a.txt', 'two\n');
  t.match(await diff(), /^-one\n\+two\n$/m);
  t.notMatch(await diff(), /TEXTCONV|EXTERNAL/);
});

t.test('outside of a work tree the answer is one line', async (t) => {
  const { git, diff } = stage(t);
  await t.rejects(diff(), { message: /^fatal: not a git repository[^\n]*$/ });
  await git('init', '-q', '--bare', '.');
  await t.rejects(diff(), { message: /is not a work tree of git$/ });
});

t.test('an error of the server is not a repository without commits', async (t) => {
  const { client, answer } = fakeClient();
  answer('command/exec', () => Promise.reject(new Error('no sandbox')));
  await t.rejects(workspaceDiff({ client, state: { cwd: '/' } as Loose }), { message: 'no sandbox' });
});

t.test('a diff that is too long says so', async (t) => {
  const { client, answer } = fakeClient();
  answer('command/exec', ({ command, outputBytesCap }) => ({
    exitCode: 0,
    stdout: command.includes('diff') ? '+'.repeat(outputBytesCap) : command.includes('ls-files') ? '' : 'true\n',
    stderr: '',
  }));
  t.match(await workspaceDiff({ client, state: { cwd: '/' } as Loose }), /\+\n… the rest is left out\n$/);
});
