/** thread/unsubscribe (docs/protocol/threads.md §8). The thread stays loaded; what runs in it runs on. */
import type { Handler } from '../../../rpc/connection/caller.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { canonicalId } from '../../live/live-thread-of.js';

export function threadUnsubscribeHandler(threads: Pick<LiveThreads, 'get'>): Handler<'thread/unsubscribe'> {
  return ({ threadId }, caller) => {
    const thread = threads.get(canonicalId(threadId));
    if (!thread) return { status: 'notLoaded' };
    return { status: thread.events.unsubscribe(caller) ? 'unsubscribed' : 'notSubscribed' };
  };
}
