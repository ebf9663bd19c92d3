import { constants } from 'node:os';
import type { EndCause } from './command.js';
import type { ExitStatus } from '../process/program-call.js';

/** docs/protocol/exec.md §2. */
export const TIMED_OUT_EXIT_CODE = 124;
const KILLED = 128 + constants.signals.SIGKILL;

/** Returns the exit code that the protocol reports for a command. `terminal`: it ran on a terminal. */
export function exitCodeOf(cause: EndCause, { code, signal }: ExitStatus, terminal: boolean): number {
  if (cause === 'timeout') return TIMED_OUT_EXIT_CODE;
  // The reference's answer for a terminal that the client ended. Otherwise death by a signal is 128+n in the reference
  // too.
  if (cause === 'terminate' && signal === 'SIGKILL') return terminal ? 1 : KILLED;
  // A code of Windows has 32 bits without a sign; the protocol's has one (docs/protocol/exec.md §2).
  if (code !== null) return code | 0;
  return 128 + (signal ? constants.signals[signal] : 0);
}
