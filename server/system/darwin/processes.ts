/** The processes of this user, by libproc. No function throws for a process that is gone or another user's. */
import type { Libsystem } from './libsystem.js';
import {
  BSD_INFO,
  BSD_INFO_BYTES,
  DESCRIPTOR_BYTES,
  LIST_DESCRIPTORS,
  readFacts,
  readSocketEnds,
  readSockets,
  SOCKET_INFO,
  SOCKET_INFO_BYTES,
  type ProcessFacts,
  type SocketEnds,
} from './process-bytes.js';

export interface Processes {
  /** All of this user, the ended ones too. */
  pids(): readonly number[];
  /** The leader of its session; null: gone. */
  sessionOf(pid: number): number | null;
  /** Null: gone, or another user's. */
  factsOf(pid: number): ProcessFacts | null;
  /** Its TCP sockets. */
  socketsOf(pid: number): readonly SocketEnds[];
}

/** PROC_UID_ONLY (libproc.h): those with this effective user. */
const OF_USER = 4;
/** Room for those that start between two questions. */
const SPARE = 32;

export function darwinProcesses(
  calls: Pick<Libsystem, 'listPids' | 'pidInfo' | 'descriptorInfo' | 'sessionOf'>,
  user = process.geteuid?.() ?? 0,
): Processes {
  /** Asks with more room until the answer does not fill it. */
  const whole = (unit: number, ask: (into: Buffer) => number): Buffer => {
    for (let units = 256; ; units *= 2) {
      const into = Buffer.alloc((units + SPARE) * unit);
      const bytes = ask(into);
      if (bytes <= 0) return Buffer.alloc(0);
      if (bytes < into.length) return into.subarray(0, bytes);
    }
  };
  return {
    pids: () => {
      const bytes = whole(4, (into) => calls.listPids(OF_USER, user, into));
      return Array.from({ length: Math.floor(bytes.length / 4) }, (_, n) => bytes.readInt32LE(n * 4)).filter(
        (pid) => pid > 0,
      );
    },
    sessionOf: (pid) => {
      const session = calls.sessionOf(pid);
      return session > 0 ? session : null;
    },
    factsOf: (pid) => {
      const into = Buffer.alloc(BSD_INFO_BYTES);
      return calls.pidInfo(pid, BSD_INFO, 0, into) === BSD_INFO_BYTES ? readFacts(into) : null;
    },
    socketsOf: (pid) => {
      const list = whole(DESCRIPTOR_BYTES, (into) => calls.pidInfo(pid, LIST_DESCRIPTORS, 0, into));
      return readSockets(list).flatMap((descriptor) => {
        const into = Buffer.alloc(SOCKET_INFO_BYTES);
        const bytes = calls.descriptorInfo(pid, descriptor, SOCKET_INFO, into);
        return bytes === SOCKET_INFO_BYTES ? (readSocketEnds(into) ?? []) : [];
      });
    },
  };
}
