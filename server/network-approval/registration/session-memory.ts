import type { NetworkProtocol } from './denial.js';

/**
 * Targets that were approved for a session (a thread, a connection): one protocol, host and port each. The memory
 * exists only as long as its session, is not copied, and is never stored (docs/protocol/network.md §4).
 */
export interface SessionMemory {
  approve(target: SessionTarget): void;
  approved(target: SessionTarget): boolean;
  /** The number of approved targets. */
  readonly held: number;
  /** Ends the memory: no target is approved any more, and none can be. */
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
  // A canonical host contains no blanks, so two targets never share a key.
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
