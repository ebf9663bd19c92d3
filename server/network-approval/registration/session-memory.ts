import type { NetworkProtocol } from './denial.js';

/**
 * Targets that were approved for a session (a thread, a connection): one protocol, host and port each. Lives and dies
 * with its session, is not copied, and is never written down (docs/protocol/network.md §4).
 */
export interface SessionMemory {
  approve(target: SessionTarget): void;
  approved(target: SessionTarget): boolean;
  /** How many targets are approved. */
  readonly held: number;
  /** The session is over: nothing is approved, and nothing can be. */
  close(): void;
}

export interface SessionTarget {
  readonly protocol: NetworkProtocol;
  /** Canonical. */
  readonly host: string;
  readonly port: number;
}

export function createSessionMemory(): SessionMemory {
  const targets = new Set<string>();
  let closed = false;
  // A canonical host has no blanks, so two targets never share a key.
  const key = ({ protocol, host, port }: SessionTarget): string => `${protocol} ${host} ${port}`;
  return {
    approve(target) {
      if (!closed) targets.add(key(target));
    },
    approved: (target) => targets.has(key(target)),
    get held() {
      return targets.size;
    },
    close() {
      closed = true;
      targets.clear();
    },
  };
}
