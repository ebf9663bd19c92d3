/** gitDiffToRemote (docs/protocol/services.md §14): the work in a folder since the commit that a remote has. */
import { messageOf } from '../../errors/message-of.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { isFolder } from '../../system/files/look.js';
import path from 'node:path';
import { remoteBase } from './remote-base.js';
import { gitIn, OPTIONS, type Git, type GitRunner } from './run-git.js';

export const gitMethods = defineMethods((runner: GitRunner) => ({
  gitDiffToRemote: async ({ cwd }, caller, context) => {
    const failed = `failed to compute git diff to remote for cwd: ${JSON.stringify(cwd)}`;
    if (!path.isAbsolute(cwd) || !isFolder(cwd)) throw invalidRequest(failed);
    const git = gitIn(runner, cwd, caller, context);
    try {
      const sha = await remoteBase(git);
      const diff = sha === null ? null : await diffSince(git, sha);
      if (sha !== null && diff !== null) return { sha, diff };
    } catch (error) {
      throw invalidRequest(`${failed}: ${messageOf(error)}`);
    }
    throw invalidRequest(failed);
  },
}));

const DIFF = ['diff', '--no-textconv', '--no-ext-diff'] as const;

/** Changes of tracked files, committed or not, then each untracked file as a new one. Null: git refuses. */
async function diffSince(git: Git, sha: string): Promise<string | null> {
  const tracked = await git([...DIFF, sha, '--']);
  if (tracked.exitCode > 1 || tracked.exitCode < 0) return null;
  const untracked = await git([...OPTIONS, ...DIFF, '--binary', '--no-index'], UNTRACKED);
  if (untracked.exitCode !== 0) return null;
  return tracked.output + untracked.output;
}

/**
 * One sandbox for all files. `diff --no-index` ends with 1 where files differ, and xargs then with 123 (1 in busybox).
 * The first line ends the script where git cannot list the files; the second, where there are none.
 */
const UNTRACKED = `
git -c core.fsmonitor=false ls-files --others --exclude-standard > /dev/null || exit 2
[ -n "$(git -c core.fsmonitor=false ls-files --others --exclude-standard | head -c 1)" ] || exit 0
git -c core.fsmonitor=false ls-files -z --others --exclude-standard | xargs -0 -n 1 git "$@" -- /dev/null
case $? in 0 | 1 | 123) exit 0 ;; *) exit 3 ;; esac
`;
