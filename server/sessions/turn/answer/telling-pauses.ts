/**
 * Pauses while subscribers are notified of an answer of the model. A model may be faster than the daemon: without
 * pauses every other client would wait for the end of the answer.
 */
import { createSlices, type Slices } from '../../../system/node/slices.js';
import type { TurnEvents } from '../../live/turn-thread.js';

/**
 * In milliseconds. At the end of a slice its notifications are written to all subscribers, which takes about as long
 * again.
 */
const SLICE_MS = 2;

/**
 * Await its `rest` between two events of the model. At the end of a slice it lets other clients have their turn, and
 * then waits for subscribers that are behind (ThreadEvents.drained), so that what is unsent stays small.
 */
export function createTellingPauses({ drained }: Pick<TurnEvents, 'drained'>, slices = createSlices(SLICE_MS)): Slices {
  return { rest: () => slices.rest()?.then(drained) };
}
