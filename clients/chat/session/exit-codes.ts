/** The exit codes of the chat. They are those of `codexd exec`. */
import type { Turn } from '../../../schema/protocol/threads/turn.js';

export const FAILED = 1;
/** Shells expect this code after Ctrl-C: 128 + SIGINT. */
export const INTERRUPTED = 130;
/** Shells expect this code when the reader of a pipe goes away: 128 + SIGPIPE. */
export const UNHEARD = 141;

/** The code of a chat whose last turn ended so. `byPerson`: the person interrupted it here. */
export function turnCode(status: Turn['status'], byPerson: boolean): number {
  if (status === 'completed') return 0;
  return status === 'interrupted' && byPerson ? INTERRUPTED : FAILED;
}
