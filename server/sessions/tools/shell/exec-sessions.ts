/** The commands of a thread that the model may come back to (docs/protocol/turns.md §4 "Sessions"). */
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

/** Sessions of a thread at once; the one that was started first is ended for the next one. */
const MAX_SESSIONS = 64;
/** Those that have ended and whose end the model never asked for: the oldest are forgotten, with their output. */
const MAX_ENDED = 16;
/** Numbers that are not given again at once: a command has its own before it is kept. */
const MAX_RECENT = 256;

export function createExecSessions(): ExecSessions {
  const threads = new WeakMap<LiveThread, Map<number, ExecSession>>();
  const of = (thread: LiveThread): Map<number, ExecSession> => {
    const known = threads.get(thread);
    if (known !== undefined) return known;
    const fresh = new Map<number, ExecSession>();
    threads.set(thread, fresh);
    return fresh;
  };
  const recent: number[] = [];
  return {
    newId(thread) {
      for (;;) {
        const id = randomInt(1000, 100_000);
        if (of(thread).has(id) || recent.includes(id)) continue;
        if (recent.push(id) > MAX_RECENT) recent.shift();
        return id;
      }
    },
    get: (thread, id) => of(thread).get(id) ?? null,
    keep(thread, session) {
      const sessions = of(thread);
      sessions.set(session.id, session);
      const ended = [...sessions.values()].filter(({ end }) => end !== null);
      for (const { id } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) sessions.delete(id);
      const [oldest] = sessions.values();
      if (sessions.size <= MAX_SESSIONS || oldest === undefined) return;
      sessions.delete(oldest.id);
      oldest.terminate();
    },
    forget: (thread, id) => void of(thread).delete(id),
  };
}
