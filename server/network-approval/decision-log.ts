/**
 * Every decision that was made about a network request, in memory, oldest dropped first: whose request it was, where it
 * wanted to go, who decided what by which rule, and what was dialled.
 */
import type { CommandOwner, DecisionSource, DenialReason, NetworkProtocol } from './registration.js';

export interface DecisionEntry {
  /** Counts up from 1 in this process; a gap towards the oldest kept entry means that older ones were dropped. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly registrationId: string;
  readonly owner: CommandOwner;
  readonly protocol: NetworkProtocol;
  readonly method: string | null;
  readonly host: string;
  readonly port: number;
  /** The address that the connection was made to; null when none was. */
  readonly address: string | null;
  readonly verdict: 'allow' | 'deny';
  readonly reason: DenialReason | null;
  readonly rule: string | null;
  readonly source: DecisionSource;
  /** The address and its class, or the lookup's failure, where that was the reason. */
  readonly detail: string | null;
  /** From the request's arrival to the verdict, in milliseconds; time spent waiting for a person included. */
  readonly latencyMs: number;
  readonly policyRevision: string;
}

export type NewDecision = Omit<DecisionEntry, 'sequence' | 'address'>;

/** One decision's place in the log. */
export interface RecordedDecision {
  /** A connection to this address was made under the decision. */
  dialled(address: string): void;
}

export interface DecisionLog {
  record(decision: NewDecision): RecordedDecision;
  /** Entries with a higher sequence than `after`, oldest first, at most `limit`. */
  list(options?: { readonly after?: number; readonly limit?: number }): readonly DecisionEntry[];
}

/** Entries kept: a few hours of busy work, below 4 MiB. */
const DEFAULT_CAPACITY = 5000;

export function createDecisionLog({ capacity = DEFAULT_CAPACITY }: { readonly capacity?: number } = {}): DecisionLog {
  const entries: (DecisionEntry & { address: string | null })[] = [];
  let sequence = 0;
  return {
    record(decision) {
      const entry = { ...decision, sequence: ++sequence, address: null as string | null };
      entries[entry.sequence % capacity] = entry;
      return {
        dialled(address) {
          entry.address = address;
        },
      };
    },
    list({ after = 0, limit = capacity } = {}) {
      const oldest = Math.max(sequence - capacity, 0) + 1;
      const from = Math.max(after + 1, oldest);
      const to = Math.min(sequence, from + limit - 1);
      const found: DecisionEntry[] = [];
      for (let n = from; n <= to; n++) {
        const entry = entries[n % capacity];
        if (entry !== undefined) found.push({ ...entry });
      }
      return found;
    },
  };
}
