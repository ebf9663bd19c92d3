/**
 * The wait for a lane is part of a command's time.
 *
 * Threat: commands that hold every lane for good, and others that wait for one without an end, whatever time they were
 * given and whoever has long gone.
 * Rule: the command's own clock runs from the request; the wait ends when it runs out, and when nobody wants the
 * command.
 */
import type { Registration } from '../../network-approval/registration/registration.js';
import type { CommandSpec } from './command.js';
import { countdown } from '../end/expiration.js';
import { SpawnError } from '../process/spawn-errors.js';

/** Registered, and what is left of the command's time (milliseconds; null: no limit). */
export interface Registered {
  readonly registration: Registration;
  readonly timeoutMs: number | null;
}

/**
 * Registers a command that may have to wait; 'timeout': its time ran out before. Rejects with SpawnError when nobody
 * wants it any more, and with what `register` rejects.
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
