/**
 * thread/compact/start (docs/protocol/threads.md §10): sums the history up, in a turn of its own, behind the one that
 * runs.
 */
import type { Handler } from '../../../rpc/connection/caller.js';
import type { LiveThreads } from '../../live/live-threads.js';
import type { Turns } from '../../turn/turns.js';
import { liveThreadOf } from '../../live/live-thread-of.js';

export function threadCompactStartHandler(
  threads: Pick<LiveThreads, 'get'>,
  turns: Turns,
): Handler<'thread/compact/start'> {
  return ({ threadId }, caller, context) => {
    const thread = liveThreadOf(threads, threadId);
    context.afterAnswer(() => void turns.compact(thread, caller.client));
    return {};
  };
}
