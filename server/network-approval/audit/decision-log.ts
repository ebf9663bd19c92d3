/**
 * Every decision that was made about a network request, in memory, oldest dropped first: whose request it was, where it
 * wanted to go, who decided what by which rule, and what was dialled.
 *
 * Threat: a command that asks for much, or with long words, to fill the daemon's memory or to push out what it did
 * before; a log that gives away what commands were told in secret.
 * Rule: the number of entries and the length of each are bounded, and what was dropped is counted (decision-page.ts).
 * Of a command's words only the first is kept: the others may hold tokens. Nothing of a request but its method and
 * target is.
 * Scope: one daemon's life. Non-scope: what outlives it (audit-file.ts).
 */
import { randomBytes } from 'node:crypto';
import type { CommandOwner, DecisionSource, DenialReason, NetworkProtocol } from '../registration/denial.js';

export interface DecisionEntry {
  /** Counts up from 1 in this process; a gap towards the oldest kept entry means that older ones were dropped. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly registrationId: string;
  readonly owner: CommandOwner;
  /** The command's first word. */
  readonly program: string | null;
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

/** How many decisions of one kind there were, those that are no longer kept included. */
export interface DecisionTotal extends Pick<DecisionEntry, 'verdict' | 'reason' | 'protocol' | 'source'> {
  readonly count: number;
}

export interface DecisionLog {
  /** Tells this log from that of an earlier daemon. */
  readonly id: string;
  record(decision: NewDecision): RecordedDecision;
  /** The command has ended: what was not dialled until now never will be. */
  settle(registrationId: string): void;
  /** Entries with a higher sequence than `after`, oldest first, at most `limit`. */
  list(options?: { readonly after?: number; readonly limit?: number }): readonly DecisionEntry[];
  /** Sequences of the oldest and the newest entry that is kept; `oldest` is `newest` + 1 while there is none. */
  bounds(): { readonly oldest: number; readonly newest: number };
  totals(): readonly DecisionTotal[];
  /** Nothing more will be dialled. */
  close(): void;
}

export interface DecisionLogOptions {
  readonly capacity?: number;
  /**
   * Gets each decision once, as it will stay: a refusal at once; an allowed request when it was dialled, or when its
   * command has ended, or after PENDING_MS.
   */
  readonly onFinal?: (entry: DecisionEntry) => void;
}

/** Entries kept: a few hours of busy work, some 4 MiB as a rule. */
const DEFAULT_CAPACITY = 5000;
/** Characters kept of each text: no host name is longer (RFC 1035 §2.3.4), no method or program worth it. */
const MAX_TEXT = { host: 255, method: 32, program: 256, rule: 512, detail: 512 } as const;
/**
 * Milliseconds after which an allowed request counts as never dialled: longer than the attempt may take
 * (upstream/dial.ts).
 */
const PENDING_MS = 40_000;
const SWEEP_MS = 10_000;

export function createDecisionLog({ capacity = DEFAULT_CAPACITY, onFinal }: DecisionLogOptions = {}): DecisionLog {
  const entries: Kept[] = [];
  const totals = new Map<string, { -readonly [K in keyof DecisionTotal]: DecisionTotal[K] }>();
  const pending = new Map<number, Kept>();
  let sequence = 0;
  let sweep: NodeJS.Timeout | undefined;

  const finish = (entry: Kept): void => {
    if (pending.delete(entry.sequence)) onFinal?.({ ...entry });
  };
  const finishAll = (which: (entry: Kept) => boolean): void => {
    for (const entry of [...pending.values()]) if (which(entry)) finish(entry);
    if (pending.size > 0) return;
    clearInterval(sweep);
    sweep = undefined;
  };
  const bounds = () => ({ oldest: Math.max(sequence - capacity, 0) + 1, newest: sequence });
  const count = ({ verdict, reason, protocol, source }: NewDecision): void => {
    const key = `${verdict} ${reason} ${protocol} ${source}`;
    const total = totals.get(key);
    if (total === undefined) totals.set(key, { verdict, reason, protocol, source, count: 1 });
    else total.count++;
  };

  return {
    id: randomBytes(6).toString('hex'),
    record(decision) {
      const entry: Kept = { ...bounded(decision), sequence: ++sequence, address: null };
      entries[entry.sequence % capacity] = entry;
      count(decision);
      if (onFinal !== undefined) {
        pending.set(entry.sequence, entry);
        if (entry.verdict === 'deny') finish(entry);
        else sweep ??= setInterval(() => finishAll(({ at }) => Date.now() - at > PENDING_MS), SWEEP_MS).unref();
      }
      return {
        dialled(address) {
          entry.address = address;
          finish(entry);
        },
      };
    },
    settle: (registrationId) => finishAll((entry) => entry.registrationId === registrationId),
    list({ after = 0, limit = capacity } = {}) {
      const from = Math.max(after + 1, bounds().oldest);
      const to = Math.min(sequence, from + limit - 1);
      const found: DecisionEntry[] = [];
      for (let n = from; n <= to; n++) {
        const entry = entries[n % capacity];
        if (entry !== undefined) found.push({ ...entry });
      }
      return found;
    },
    bounds,
    totals: () => [...totals.values()].map((total) => ({ ...total })),
    close: () => finishAll(() => true),
  };
}

type Kept = DecisionEntry & { address: string | null };

function bounded(decision: NewDecision): NewDecision {
  return {
    ...decision,
    program: cut(decision.program, MAX_TEXT.program),
    method: cut(decision.method, MAX_TEXT.method),
    host: cut(decision.host, MAX_TEXT.host),
    rule: cut(decision.rule, MAX_TEXT.rule),
    detail: cut(decision.detail, MAX_TEXT.detail),
  };
}

/** A copy: a piece of a longer text would keep all of it in memory (V8 makes no copy from 13 characters on). */
function cut<T extends string | null>(text: T, max: number): T {
  if (text === null || text.length < 13) return text;
  return Buffer.from(text.slice(0, max), 'utf16le').toString('utf16le') as T;
}
