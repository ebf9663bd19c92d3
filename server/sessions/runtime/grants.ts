/**
 * Permissions that a person granted in addition to those of the thread's state: for the turn, or while the thread is
 * loaded.
 *
 * Threat: a grant that outlives its purpose. Rule: one list for each turn and one for each loaded thread. A closed list
 * grants nothing, also if an answer arrives late. Non-scope: the effect of a grant (approvals/extra-permissions.ts).
 */
import type { RuntimePart } from './part.js';

/** Absolute, normalised paths. */
export interface ExtraPermissions {
  readonly network: boolean;
  readonly read: readonly string[];
  readonly write: readonly string[];
}

export interface Grants extends RuntimePart {
  add(extra: ExtraPermissions): void;
  /** Oldest first. */
  all(): readonly ExtraPermissions[];
}

export function createGrants(): Grants {
  let granted: readonly ExtraPermissions[] = [];
  let closed = false;
  return {
    add(extra) {
      if (!closed) granted = [...granted, extra];
    },
    all: () => granted,
    get held() {
      return granted.length;
    },
    close() {
      closed = true;
      granted = [];
    },
  };
}
