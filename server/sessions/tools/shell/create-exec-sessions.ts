/** The commands of one thread with which the model can continue later (see ExecSessions). Their number is limited. */
import { randomInt } from 'node:crypto';
import type { ExecSession, ExecSessions } from '../../runtime/exec-sessions.js';

/** Running sessions of a thread; a further one ends the oldest. */
const MAX_SESSIONS = 64;
/** Ended sessions whose end the model never read: the oldest are removed with their output. */
const MAX_ENDED = 16;
/** How many recent numbers are not used again: a command has its number before it is added. */
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
