/** The status of a loaded thread, and when its clients receive a change of it. */
import { isDeepStrictEqual } from 'node:util';
import type { ThreadActiveFlag, ThreadStatus } from '../../../schema/protocol/threads/thread.js';

export interface StatusTracker {
  readonly status: ThreadStatus;
  /** A turn runs now, without flags. */
  begin(): void;
  /** No turn runs any more. `failed`: how the last one ended. */
  end(failed: boolean): void;
  /** Something raised (`up`) or lowered the flag. It is shown until everything that raised it has lowered it. */
  flag(flag: ThreadActiveFlag, up: boolean): void;
  /** The thread is not loaded any more. */
  close(): void;
  /** Reports the status if it differs from the last one that was reported. */
  tell(): void;
}

/** `announce` receives each status that differs from the one before. The first one, idle, is not announced. */
export function createStatusTracker(announce: (status: ThreadStatus) => void): StatusTracker {
  const flags = new Map<ThreadActiveFlag, number>();
  let closed = false;
  let running = false;
  let failed = false;
  const status = (): ThreadStatus => {
    if (closed) return { type: 'notLoaded' };
    if (running) return { type: 'active', activeFlags: FLAGS.filter((flag) => flags.has(flag)) };
    return failed ? { type: 'systemError' } : { type: 'idle' };
  };
  let told = status();
  return {
    get status() {
      return status();
    },
    begin() {
      running = true;
      flags.clear();
    },
    end(withFailure) {
      running = false;
      failed = withFailure;
      flags.clear();
    },
    flag(flag, up) {
      const count = (flags.get(flag) ?? 0) + (up ? 1 : -1);
      if (count > 0) flags.set(flag, count);
      else flags.delete(flag);
    },
    close: () => void (closed = true),
    tell() {
      const now = status();
      if (isDeepStrictEqual(now, told)) return;
      told = now;
      announce(now);
    },
  };
}

/** In the order in which clients receive them. */
const FLAGS: readonly ThreadActiveFlag[] = ['waitingOnApproval', 'waitingOnUserInput'];
