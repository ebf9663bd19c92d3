/**
 * The approvals of a person that are valid while the thread is loaded, as keys of what was approved.
 *
 * Threat: an approval that outlives the thread, or that counts for another thread. Rule: one set for each loaded
 * thread. After the thread is closed, its set is empty and stays so, also if an answer arrives late. Scope: commands
 * and files of patches. Non-scope: network targets (network-approval/registration/session-memory.ts) and permissions
 * (grants.ts).
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
