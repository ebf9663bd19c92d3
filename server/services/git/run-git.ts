/**
 * Runs git for questions of clients.
 *
 * Threat: a repository of anybody. Its configuration can name programs (hooks, fsmonitor, filters, external diffs,
 * aliases), and a clone with missing objects makes git fetch them. Rule: git runs as a command does, started by the
 * supervisor in the read-only sandbox without a network. Whatever it starts can change nothing and reach nobody. If
 * that sandbox cannot be made, git does not run. What a repository may name is switched off besides. Output and time
 * are bounded. Scope: this folder. Non-scope: what git's output says of files, which is the repository's own.
 */
import { READ_ONLY } from '../../config/permissions/permission-profile.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { collectedOutput } from '../../exec/run/output.js';
import { commandEnvironment, type EnvironmentChanges } from '../../exec/start/command-environment.js';
import type { Supervisor } from '../../exec/supervisor.js';
import type { Caller, RequestContext } from '../../rpc/connection/caller.js';

export interface GitRunner {
  readonly supervisor: () => Promise<Supervisor>;
  readonly source: Pick<ConfigService, 'settings'>;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

export interface GitRun {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs git with these words, or `script` of sh with them, in a folder. Rejects if it cannot be started. */
export type Git = (words: readonly string[], script?: string) => Promise<GitRun>;

/** In milliseconds, for one run. */
const LIMIT_MS = 60_000;

export function gitIn(
  { supervisor, source, env }: GitRunner,
  cwd: string,
  caller: Caller,
  context: RequestContext,
): Git {
  return async (words, script) => {
    const stdout = collectedOutput(null);
    const stderr = collectedOutput(0);
    try {
      const running = await (
        await supervisor()
      ).start({
        argv: script === undefined ? ['git', ...OPTIONS, ...words] : ['sh', '-c', script, 'sh', ...words],
        cwd,
        env: commandEnvironment(source.settings(), env, changesOf(env), true),
        permissions: {
          profile: READ_ONLY,
          workspaceRoots: [],
          network: { kind: 'offline' },
          onNetworkDenial: 'refuse',
        },
        io: { kind: 'pipes', stdin: false },
        timeoutMs: LIMIT_MS,
        owner: { kind: 'connection', connectionId: caller.connectionId, requestId: context.requestId, processId: null },
        prompter: null,
        gone: caller.closed,
        stdout,
        stderr,
      });
      const { exitCode, cause } = await running.ended;
      return { exitCode: cause === 'exit' ? exitCode : -1, output: stdout.finish() };
    } finally {
      stdout.discard();
      stderr.discard();
    }
  };
}

/** Before the subcommand. The lists of git win over every file of its configuration. */
export const OPTIONS = [
  '--no-pager',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'color.ui=never',
  '-c',
  'core.quotePath=true',
] as const;

/** Without what the daemon's own environment says to git, and without locks, fetches and questions. */
function changesOf(env: Readonly<NodeJS.ProcessEnv>): EnvironmentChanges {
  const own = Object.keys(env).filter((name) => /^GIT_/i.test(name));
  return {
    ...Object.fromEntries(own.map((name) => [name, null])),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
  };
}
