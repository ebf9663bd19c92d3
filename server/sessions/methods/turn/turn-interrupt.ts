/**
 * turn/interrupt (docs/protocol/turns.md §7). The answer comes first, then the end of the turn as every turn's end is
 * told.
 */
import type { Handler } from '../../../rpc/connection/caller.js';
import { invalidRequest } from '../../../errors/rpc-error.js';
import type { LiveThreads } from '../../live/live-threads.js';
import type { Turns } from '../../turn/turns.js';
import { liveThreadOf } from '../../live/live-thread-of.js';

export function turnInterruptHandler(
  threads: Pick<LiveThreads, 'get'>,
  turns: Pick<Turns, 'interruptPromised'>,
): Handler<'turn/interrupt'> {
  return ({ threadId, turnId }, _caller, context) => {
    const thread = liveThreadOf(threads, threadId);
    const { turn } = thread;
    // It waits for the end of another one: its own comes as it begins.
    if (turnId !== '' && turn?.id !== turnId && turns.interruptPromised(thread, turnId)) return {};
    // Without an id it means whatever runs, and nothing may well run.
    if (turnId !== '') {
      if (!turn) throw invalidRequest('no active turn to interrupt');
      if (turn.id !== turnId) throw invalidRequest(`expected active turn id ${turnId} but found ${turn.id}`);
    }
    if (turn) context.afterAnswer(() => void thread.interrupt());
    return {};
  };
}
