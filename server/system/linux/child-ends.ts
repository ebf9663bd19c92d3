/**
 * Learns of the ends of processes that Node did not start itself (posix-spawn.ts).
 *
 * The kernel sends SIGCHLD when a child ends, and several ends can make one signal. So each signal is a look at every
 * process that is watched. Node collects its own children by their pids, and leaves these alone.
 */
import type { PosixSpawn, SpawnEnd } from './posix-spawn.js';

export interface WatchedChild {
  /** Settles when it has ended. From then on its pid may be another process's. */
  readonly ended: Promise<SpawnEnd>;
  /** null: it has not ended, as far as this process has noticed. */
  readonly end: SpawnEnd | null;
  /** Whether this process keeps running while the child runs; at first it does. */
  keepsRunning(does: boolean): void;
}

export interface ChildEnds {
  /** Call it directly after the start. */
  watch(pid: number): WatchedChild;
}

/** The longest interval that Node has. */
const NEVER_MS = 2 ** 31 - 1;

/** Make it before the first child starts. */
export function createChildEnds(collect: PosixSpawn['collect']): ChildEnds {
  const watched = new Map<number, (end: SpawnEnd) => void>();
  const keeping = new Set<number>();
  let keeper: NodeJS.Timeout | undefined;
  const look = (): void => {
    for (const [pid, settle] of watched) {
      const end = collect(pid);
      if (end !== null) settle(end);
    }
  };
  /** A listener for a signal does not keep Node running; a timer does. */
  const keep = (pid: number, does: boolean): void => {
    if (does) keeping.add(pid);
    else keeping.delete(pid);
    if (keeping.size > 0) keeper ??= setInterval(look, NEVER_MS);
    else {
      clearInterval(keeper);
      keeper = undefined;
    }
  };
  // Before the first child: one that ended earlier would never be noticed.
  process.on('SIGCHLD', look);
  return {
    watch(pid) {
      keep(pid, true);
      let end: SpawnEnd | null = null;
      const ended = new Promise<SpawnEnd>((resolve) => {
        watched.set(pid, (found) => {
          watched.delete(pid);
          keep(pid, false);
          end = found;
          resolve(found);
        });
      });
      return {
        ended,
        get end() {
          return end;
        },
        keepsRunning: (does) => {
          if (end === null) keep(pid, does);
        },
      };
    },
  };
}
