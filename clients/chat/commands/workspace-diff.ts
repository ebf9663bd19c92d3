/** `/diff`: what is not committed, as git on the server's machine says. */
import type { ChatSession } from '../session/chat-session.js';

/** Bytes of the output of one command. */
const MOST = 1024 * 1024;

/**
 * The command runs on the server, without write access and without network: the repository's own settings may name
 * programs. Throws Error when the folder is in no repository, and with git's words when git fails.
 */
export async function workspaceDiff({ client, state }: Pick<ChatSession, 'client' | 'state'>): Promise<string> {
  const run = (...args: string[]) =>
    client.request('command/exec', {
      command: ['git', '--no-optional-locks', '--no-pager', ...args],
      cwd: state.cwd,
      sandboxPolicy: { type: 'readOnly' },
      outputBytesCap: MOST,
    });
  const git = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await run(...args);
    if (exitCode !== 0) throw new Error(stderr.trim() || `git ended with exit code ${exitCode}`);
    return Buffer.byteLength(stdout) < MOST ? stdout : `${stdout}\n… the rest is left out\n`;
  };
  // Outside of a work tree `git diff` would compare files, and explain all of its options.
  const inside = await git('rev-parse', '--is-inside-work-tree');
  if (inside.trim() !== 'true') throw new Error(`${state.cwd} is not a work tree of git`);
  // A repository without a commit has no HEAD: then everything that is staged is new.
  const hasCommit = (await run('rev-parse', '--verify', '--quiet', 'HEAD')).exitCode === 0;
  const base = hasCommit ? 'HEAD' : '--cached';
  const diff = await git('diff', '--no-ext-diff', '--no-textconv', '--no-color', base);
  const untracked = (await git('ls-files', '--others', '--exclude-standard')).split('\n').filter(Boolean);
  const news =
    untracked.length === 0 ? '' : `new files, not in git:\n${untracked.map((file) => `  ${file}\n`).join('')}`;
  return `${diff}${news}` || 'nothing is changed\n';
}
