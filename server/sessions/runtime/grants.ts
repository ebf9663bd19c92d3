/**
 * Permissions beside those of the turn's state that a person granted: for the turn, or for as long as the thread is
 * loaded.
 *
 * Threat: a grant that outlives what it was given for. Rule: one list for each turn and one for each loaded thread; a
 * list that is closed grants nothing, whatever answer comes late. Non-scope: what a grant comes to (approvals/extra-
 * permissions.ts).
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
