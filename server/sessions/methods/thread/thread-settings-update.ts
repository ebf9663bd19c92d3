/** thread/settings/update (docs/protocol/threads.md §9): for the turns to come. On disk when it is answered. */
import type { Handler } from '../../../rpc/connection/caller.js';
import { changedThreadState } from '../../state/thread-state.js';
import { liveThreadOf } from '../../live/live-thread-of.js';
import type { LifecycleDeps } from './lifecycle.js';

/** Order: the answer, `thread/settings/updated` to the subscribers, if anything differs. */
export function threadSettingsUpdateHandler({ threads, source }: LifecycleDeps): Handler<'thread/settings/update'> {
  return ({ threadId, ...wishes }, _caller, context) => {
    const live = liveThreadOf(threads, threadId);
    const { state } = changedThreadState(source, live.state, wishes);
    live.applySettings(state, (tell) => context.afterAnswer(tell));
    return {};
  };
}
