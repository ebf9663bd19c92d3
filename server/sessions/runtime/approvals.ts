/**
 * What a person has said yes to for as long as the thread is loaded, as keys of what was approved.
 *
 * Threat: a yes that outlives the thread, or that serves another thread. Rule: one set a loaded thread; a thread that
 * is closed has approved nothing, whatever answer comes late. Scope: commands and files of patches. Non-scope: network
 * targets (network-approval/registration/session-memory.ts) and permissions (grants.ts).
 */
import type { RuntimePart } from './part.js';

export interface SessionApprovals extends RuntimePart {
  has(key: string): boolean;
  add(key: string): void;
}

export function createApprovals(): SessionApprovals {
  const keys = new Set<string>();
  let closed = false;
  return {
    has: (key) => keys.has(key),
    add(key) {
      if (!closed) keys.add(key);
    },
    get held() {
      return keys.size;
    },
    close() {
      closed = true;
      keys.clear();
    },
  };
}
