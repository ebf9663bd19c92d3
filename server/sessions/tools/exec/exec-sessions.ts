/** The commands of a thread that the model may come back to (spec/turns.md §4 "Sessions"). */
import { randomInt } from 'node:crypto';
import type { LiveThread } from '../../live/live-thread.js';
import type { ExecSession } from './exec-session.js';

export interface ExecSessions {
  /** A number that no session of the thread has. */
  newId(thread: LiveThread): number;
  get(thread: LiveThread, id: number): ExecSession | null;
  keep(thread: LiveThread, session: ExecSession): void;
  /** Its end was told. */
  forget(thread: LiveThread, id: number): void;
}

export function createExecSessions(): ExecSessions {
  const threads = new WeakMap<LiveThread, Map<number, ExecSession>>();
  const of = (thread: LiveThread): Map<number, ExecSession> => {
    const known = threads.get(thread);
    if (known !== undefined) return known;
    const fresh = new Map<number, ExecSession>();
    threads.set(thread, fresh);
    return fresh;
  };
  return {
    newId(thread) {
      for (;;) {
        const id = randomInt(1000, 100_000);
        if (!of(thread).has(id)) return id;
      }
    },
    get: (thread, id) => of(thread).get(id) ?? null,
    keep: (thread, session) => void of(thread).set(session.id, session),
    forget: (thread, id) => void of(thread).delete(id),
  };
}
