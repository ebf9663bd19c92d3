/** How a turn ends. */
import type { TurnError } from '../../../schema/protocol/threads/turn.js';

export type TurnOutcome =
  | { readonly status: 'completed' }
  | { readonly status: 'interrupted' }
  | { readonly status: 'failed'; readonly error: TurnError };
