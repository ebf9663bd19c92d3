/**
 * thread/shellCommand (docs/protocol/exec.md §10). The answer comes first; what the command does is told as a turn's
 * items are.
 */
import { assertLocalEnvironment } from '../../../exec/methods/start-errors.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidParams, invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import type { UserShell } from '../../live/user-shell.js';
import { liveThreadOf } from '../../live/live-thread-of.js';

export interface ThreadShellCommandOptions {
  readonly threads: Pick<LiveThreads, 'get'>;
  readonly shell: UserShell;
  /** The daemon's own. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

export function threadShellCommandHandler(options: ThreadShellCommandOptions): Handler<'thread/shellCommand'> {
  const { threads, shell, env } = options;
  return ({ threadId, command, timeoutMs }, _caller, context) => {
    assertLocalEnvironment(env);
    if (command.trim() === '') throw invalidRequest('command must not be empty');
    if (timeoutMs !== null && timeoutMs < 0) {
      throw invalidParams(`thread/shellCommand timeoutMs must be non-negative, got ${timeoutMs}`);
    }
    const thread = liveThreadOf(threads, threadId);
    context.afterAnswer(() => void shell.run(thread, command, timeoutMs));
    return {};
  };
}
