/** The commands of one thread that the model may come back to (see ExecSessions): a bounded number of them. */
import { randomInt } from 'node:crypto';
import type { ExecSession, ExecSessions } from '../../runtime/exec-sessions.js';

/** Sessions of a thread at once; the one that was started first is ended for the next one. */
const MAX_SESSIONS = 64;
/** Those that have ended and whose end the model never asked for: the oldest are forgotten, with their output. */
const MAX_ENDED = 16;
/** Numbers that are not given again at once: a command has its own before it is kept. */
const MAX_RECENT = 256;

export function createExecSessions(): ExecSessions {
  const sessions = new Map<number, ExecSession>();
  const recent: number[] = [];
  let closed = false;
  return {
    newId() {
      for (;;) {
        const id = randomInt(1000, 100_000);
        if (sessions.has(id) || recent.includes(id)) continue;
        if (recent.push(id) > MAX_RECENT) recent.shift();
        return id;
      }
    },
    get: (id) => sessions.get(id) ?? null,
    keep(session) {
      if (closed) return session.terminate();
      sessions.set(session.id, session);
      const ended = [...sessions.values()].filter(({ end }) => end !== null);
      for (const { id } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) sessions.delete(id);
      const [oldest] = sessions.values();
      if (sessions.size <= MAX_SESSIONS || oldest === undefined) return;
      sessions.delete(oldest.id);
      oldest.terminate();
    },
    forget: (id) => void sessions.delete(id),
    get held() {
      return sessions.size;
    },
    close() {
      closed = true;
      const running = [...sessions.values()].filter(({ end }) => end === null);
      sessions.clear();
      for (const session of running) session.terminate();
    },
  };
}
