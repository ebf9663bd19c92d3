/** turn/steer (docs/protocol/turns.md §7): something more to say, to the turn that runs. */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest, type RpcError } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import type { Turns } from '../../turn/turns.js';
import { additionalContext, assertInputKinds, assertInputSize } from '../../turn/user-input.js';
import { liveThreadOf } from '../../live/live-thread-of.js';

export function turnSteerHandler(threads: Pick<LiveThreads, 'get'>, turns: Turns): Handler<'turn/steer'> {
  return ({ threadId, expectedTurnId, input, clientUserMessageId, additionalContext: extra }) => {
    const thread = liveThreadOf(threads, threadId);
    if (expectedTurnId === '') throw invalidRequest('expectedTurnId must not be empty');
    assertInputSize(input);
    assertInputKinds(input);
    const { turn } = thread;
    if (turn === null || turn.ending) throw invalidRequest('no active turn to steer');
    if (turn.id !== expectedTurnId)
      throw invalidRequest(`expected active turn id \`${expectedTurnId}\` but found \`${turn.id}\``);
    const kind = turns.kind(thread);
    if (kind !== null) throw notSteerable(kind);
    if (input.length === 0) throw invalidRequest('input must not be empty');
    const said = { input, clientUserMessageId, before: additionalContext(extra), toolOutput: null };
    if (!turns.steer(thread, said)) throw invalidRequest('no active turn to steer');
    return { turnId: turn.id };
  };
}

/** A review, and a compaction, go their own way (docs/protocol/turns.md §7). */
export function notSteerable(turnKind: 'review' | 'compact'): RpcError {
  const message = `cannot steer a ${turnKind} turn`;
  return invalidRequest(message, {
    message,
    codexErrorInfo: { activeTurnNotSteerable: { turnKind } },
    additionalDetails: null,
    misalignment: null,
  });
}
