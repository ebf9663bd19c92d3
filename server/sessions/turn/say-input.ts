/** A message of the person, from the hooks that judge it to the history (docs/protocol/services.md §6). */
import { promptSubmitted } from '../hooks/turn-hooks.js';
import type { TurnThread, WorkTurn } from '../live/turn-thread.js';
import type { TurnModel } from './answer/turn-requests.js';
import { writeInput, type TurnInput } from './user-input.js';

export interface Saying {
  readonly thread: TurnThread;
  readonly turn: WorkTurn;
  readonly model: Pick<TurnModel, 'infoOf'>;
}

/**
 * Shows and keeps the message, unless a hook refuses it. False: one did; the message is neither shown nor kept. `late`:
 * the work of the turn is over, so its abort does not end the hooks.
 */
export async function sayInput(saying: Saying, input: TurnInput, { late = false } = {}): Promise<boolean> {
  const { thread, turn } = saying;
  const { accepted, records } = await promptSubmitted(saying, input, late ? null : turn.signal);
  if (accepted) await recordInput(saying, input);
  thread.record(records);
  return accepted;
}

async function recordInput({ thread, turn, model }: Saying, input: TurnInput): Promise<void> {
  const { item, records } = await writeInput(input, model.infoOf(thread.state));
  if (item === null) thread.record(records);
  else turn.itemCompleted(item, records);
}
