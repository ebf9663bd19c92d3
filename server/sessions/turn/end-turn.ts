/** How the work in a turn ends, and what of the person's messages is kept (docs/protocol/turns.md §1, §8). */
import type { TurnError } from '../../../schema/protocol/threads/turn.js';
import { describe } from '../../errors/describe.js';
import { messageOf } from '../../errors/message-of.js';
import type { Logger } from '../../log/log.js';
import { osTroubleText } from '../../system/node/os-errors.js';
import { interrupted } from '../hooks/turn-hooks.js';
import type { LiveTurn, TurnOutcome } from '../live/live-thread.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import { ModelError } from '../model/provider/model-provider.js';
import { notifyLastTurnDiff } from '../tools/apply-patch/apply-patch.js';
import type { TurnModel } from './answer/turn-requests.js';
import { sayInput } from './say-input.js';

/** The thread, the turn and the model of work that ends. */
export interface TurnWork {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  readonly model: Pick<TurnModel, 'infoOf' | 'kind'>;
  readonly daemon: { readonly log: Logger };
}

interface WorkIds {
  readonly thread: Pick<TurnThread, 'id'>;
  readonly turn: Pick<WorkTurn, 'id' | 'signal'>;
}

/** The options with the real turn, which ends with the work, and not only the work's view of it. */
export type Ending<Options extends TurnWork> = Options & { readonly turn: Pick<LiveTurn, 'end'> };

/**
 * The outcome of the work in a turn. Never rejects: an error is an outcome, and it is logged if the model is not its
 * cause.
 */
export async function outcomeOf(
  { turn, thread, daemon }: WorkIds & Pick<TurnWork, 'daemon'>,
  run: () => Promise<TurnOutcome>,
): Promise<TurnOutcome> {
  try {
    return await run();
  } catch (error) {
    if (turn.signal.aborted) return { status: 'interrupted' };
    if (!(error instanceof ModelError))
      daemon.log.error(...describe(`turn ${turn.id} of thread ${thread.id} failed`, error));
    return { status: 'failed', error: turnError(error) };
  }
}

/** The error of a turn that failed, for clients. */
export function turnError(error: unknown): TurnError {
  const message = osTroubleText(error) ?? messageOf(error);
  const codexErrorInfo = error instanceof ModelError ? error.info : 'other';
  return { message, codexErrorInfo, additionalDetails: null, misalignment: null };
}

/** Ends the turn and reports it. Messages that came too late are written for the next turn. */
export async function endTurn(work: Ending<TurnWork>, outcome: TurnOutcome): Promise<TurnOutcome> {
  const { thread, turn, model, daemon } = work;
  const { waiting } = thread.runtime.work;
  for (let input = waiting.shift(); input !== undefined; input = waiting.shift())
    await sayInput(work, input, { late: true }).catch((error: unknown) =>
      daemon.log.error(...describe('what was typed cannot be shown', error)),
    );
  if (turn.signal.aborted) await interrupted(work);
  // A review reports it before its closing items.
  if (model.kind !== 'review') notifyLastTurnDiff(thread, turn);
  await turn.end(outcome);
  return outcome;
}
