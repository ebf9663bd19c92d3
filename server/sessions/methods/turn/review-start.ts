/** review/start (docs/protocol/turns.md §10). */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import { reviewRequest } from '../../turn/review.js';
import { promised, type Turns } from '../../turn/turns.js';
import { liveThreadOf } from '../../live/live-thread-of.js';

export function reviewStartHandler(threads: Pick<LiveThreads, 'get'>, turns: Turns): Handler<'review/start'> {
  return ({ threadId, target }, caller, context) => {
    const thread = liveThreadOf(threads, threadId);
    const request = reviewRequest(target);
    const started = turns.review(thread, request, caller.client);
    if (started === null) throw invalidRequest(`a turn is running in thread ${thread.id}; a review needs its own`);
    context.afterAnswer(started.begin);
    const content = [{ type: 'text' as const, text: request.label, text_elements: [] }];
    const item = { type: 'userMessage' as const, id: started.turnId, clientId: null, content };
    const turn = { ...promised(started.turnId, started.turnId), rootTurnId: null };
    return {
      turn: { ...turn, items: [{ ...item, startedAtMs: null, completedAtMs: null }] },
      reviewThreadId: thread.id,
    };
  };
}
