/**
 * thread/shellCommand (docs/protocol/exec.md §10) and thread/backgroundTerminals/* (docs/protocol/turns.md §4): a
 * person's commands in a thread, and the model's commands that continue after their turn.
 */
import { assertLocalEnvironment } from '../../../exec/methods/start-errors.js';
import { invalidParams, invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import type { UserShell } from '../../live/user-shell.js';
import { liveThreadOf } from '../../live/live-thread-of.js';
import { defineMethods } from '../../../rpc/connection/define-methods.js';

export interface CommandDeps {
  readonly threads: Pick<LiveThreads, 'get'>;
  readonly shell: UserShell;
  /** The daemon's environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

export const commandMethods = defineMethods(({ threads, shell, env }: CommandDeps) => ({
  /** The answer comes first; then clients receive the command like an item of a turn. */
  'thread/shellCommand': ({ threadId, command, timeoutMs }, _caller, context) => {
    assertLocalEnvironment(env);
    if (command.trim() === '') throw invalidRequest('command must not be empty');
    if (timeoutMs !== null && timeoutMs < 0) {
      throw invalidParams(`thread/shellCommand timeoutMs must be non-negative, got ${timeoutMs}`);
    }
    const thread = liveThreadOf(threads, threadId);
    context.afterAnswer(() => void shell.run(thread, command, timeoutMs));
    return {};
  },
  'thread/backgroundTerminals/list': ({ threadId, cursor, limit }) => {
    const { terminals } = liveThreadOf(threads, threadId);
    const from = cursor === null ? 0 : wholeNumber(cursor, 'invalid cursor');
    const all = terminals.list();
    const to = limit === null ? all.length : from + Math.max(1, limit);
    return {
      data: all.slice(from, to).map(({ itemId, processId, command, cwd, osPid }) => ({
        itemId,
        processId,
        command,
        cwd,
        osPid,
        cpuPercent: null,
        rssKb: null,
      })),
      nextCursor: to < all.length ? String(to) : null,
    };
  },
  'thread/backgroundTerminals/terminate': ({ threadId, processId }) => {
    wholeNumber(processId, 'invalid background terminal process id');
    return { terminated: liveThreadOf(threads, threadId).terminals.terminate(processId) };
  },
  'thread/backgroundTerminals/clean': ({ threadId }) => {
    liveThreadOf(threads, threadId).terminals.terminateAll();
    return {};
  },
}));

/** Throws RpcError with the decoder's text after `what`. */
function wholeNumber(text: string, what: string): number {
  if (text === '') throw invalidRequest(`${what}: cannot parse integer from empty string`);
  if (!/^\+?\d+$/.test(text)) throw invalidRequest(`${what}: invalid digit found in string`);
  const value = Number(text);
  if (value > 0x7fffffff) throw invalidRequest(`${what}: number too large to fit in target type`);
  return value;
}
