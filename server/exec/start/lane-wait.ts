/**
 * The wait for a lane counts as a command's time.
 *
 * Threat: some commands hold every lane permanently. Others then wait without end for a lane, past their time limits
 * and after their owners have left.
 * Rule: the command's timeout runs from the request. The wait ends when the timeout expires or the command's owner has
 * gone.
 */
import type { Registration } from '../../network-approval/registration/registration.js';
import type { CommandSpec } from './command.js';
import { countdown } from '../end/expiration.js';
import { SpawnError } from '../process/spawn-errors.js';

/** The registration, and the rest of the command's time (milliseconds; null: no limit). */
export interface Registered {
  readonly registration: Registration;
  readonly timeoutMs: number | null;
}

/**
 * Registers a command that may have to wait. Returns 'timeout' when its time expires first. Rejects with SpawnError
 * when its owner has gone, and with the errors of `register`.
 */
export async function registerInTime(
  { timeoutMs, gone }: Pick<CommandSpec, 'timeoutMs' | 'gone'>,
  register: (giveUp: AbortSignal) => Promise<Registration>,
): Promise<Registered | 'timeout'> {
  const giveUp = new AbortController();
  const clock = countdown(timeoutMs, () => giveUp.abort(TIMED_OUT));
  const leave = (): void => giveUp.abort(new SpawnError('nobody waits for it any more'));
  if (gone.aborted) leave();
  gone.addEventListener('abort', leave, { once: true });
  const since = performance.now();
  try {
    const registration = await register(giveUp.signal);
    return {
      registration,
      timeoutMs: timeoutMs === null ? null : Math.max(timeoutMs - (performance.now() - since), 0),
    };
  } catch (error) {
    if (error === TIMED_OUT) return 'timeout';
    throw error;
  } finally {
    clock.stop();
    gone.removeEventListener('abort', leave);
  }
}

const TIMED_OUT = new Error('no network lane became free in time');
