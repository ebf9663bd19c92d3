/**
 * turn/settings/update: other settings for the turn that runs, from its next request on; the thread's own stay. Behind
 * `[features] step_model_switching`, as in the reference.
 */
import { featureOn } from '../../../config/shape/features.js';
import type { ConfigService } from '../../../config/settings/config-service.js';
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { changedThreadState } from '../../state/thread-state.js';
import type { Turns } from '../../turn/turns.js';
import { liveThreadOf } from '../../live/live-thread-of.js';

export interface TurnSettingsUpdateOptions {
  readonly threads: Pick<LiveThreads, 'get'>;
  readonly turns: Pick<Turns, 'adjust'>;
  readonly source: ConfigService;
}

/** `targetUnavailable`: the turn does not run, or is one that takes no settings (a review, a compaction). */
export function turnSettingsUpdateHandler(options: TurnSettingsUpdateOptions): Handler<'turn/settings/update'> {
  const { threads, turns, source } = options;
  return ({ threadId, turnId, ...wishes }) => {
    const thread = liveThreadOf(threads, threadId);
    if (!featureOn(thread.state.table, 'step_model_switching'))
      throw invalidRequest('turn settings updates require the step_model_switching feature');
    const applied = turns.adjust(thread, turnId, (state) => changedThreadState(source, state, wishes).state);
    return { status: applied ? 'applied' : 'targetUnavailable' };
  };
}
