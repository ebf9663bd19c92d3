/** `/diff`: what is not committed, as git on the server's machine says. */
import type { ChatSession } from '../session/chat-session.js';

/**
 * The command runs on the server, without write access and without network: the repository's own settings may name
 * programs. Throws Error with git's words.
 */
export async function workspaceDiff({ client, state }: ChatSession): Promise<string> {
  const git = async (...args: string[]): Promise<string> => {
    const command = ['git', '--no-optional-locks', '--no-pager', ...args];
    const { exitCode, stdout, stderr } = await client.request('command/exec', {
      command,
      cwd: state.cwd,
      sandboxPolicy: { type: 'readOnly' },
    });
    if (exitCode !== 0) throw new Error(stderr.trim() || `git ended with exit code ${exitCode}`);
    return stdout;
  };
  // A repository without a commit has no HEAD: then everything that is staged is new.
  const base = await git('rev-parse', '--verify', '--quiet', 'HEAD').then(
    () => 'HEAD',
    () => null,
  );
  const diff = await git(
    'diff',
    '--no-ext-diff',
    '--no-textconv',
    '--no-color',
    ...(base === null ? ['--cached'] : [base]),
  );
  const untracked = (await git('ls-files', '--others', '--exclude-standard')).split('\n').filter(Boolean);
  const news =
    untracked.length === 0 ? '' : `new files, not in git:\n${untracked.map((file) => `  ${file}\n`).join('')}`;
  return `${diff}${news}` || 'nothing is changed\n';
}
