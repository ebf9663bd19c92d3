/** thread/increment_elicitation and thread/decrement_elicitation (docs/protocol/threads.md §15). */
import { invalidRequest } from '../../../errors/rpc-error.js';
import { defineMethods } from '../../../rpc/connection/define-methods.js';
import { liveThreadOf } from '../../live/live-thread-of.js';
import type { LiveThreads } from '../../live/live-threads.js';
import type { Pauses } from '../../runtime/pauses.js';

export interface ElicitationDeps {
  readonly threads: Pick<LiveThreads, 'get'>;
}

export const elicitationMethods = defineMethods(({ threads }: ElicitationDeps) => ({
  'thread/increment_elicitation': ({ threadId }) => {
    const { pauses } = liveThreadOf(threads, threadId).runtime;
    pauses.add();
    return stateOf(pauses);
  },
  'thread/decrement_elicitation': ({ threadId }) => {
    const { pauses } = liveThreadOf(threads, threadId).runtime;
    if (!pauses.remove()) throw invalidRequest('out-of-band elicitation count is already zero');
    return stateOf(pauses);
  },
}));

const stateOf = ({ count }: Pauses) => ({ count, paused: count > 0 });
