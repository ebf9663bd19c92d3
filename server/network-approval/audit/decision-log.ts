/**
 * All decisions about network requests, in memory; the oldest are dropped first. Each entry records the command, the
 * target, the source and rule of the decision, and the address of the connection.
 *
 * Threat: a command makes many requests, or long ones, to fill the daemon's memory or to push out earlier entries. The
 * log reveals secrets from command lines.
 * Rule: the number of entries and the length of each are bounded, and dropped entries are counted (decision-page.ts).
 * Only the first word of a command is kept, because the others may contain tokens. Of a request, only its method and
 * target are kept.
 * Scope: the life of one daemon.
 * Non-scope: longer storage (audit-file.ts).
 */
import { randomBytes } from 'node:crypto';
import type { Answerer } from '../../rpc/connection/open-questions.js';
import type { CommandOwner, DecisionSource, DenialReason, NetworkProtocol } from '../registration/denial.js';

export interface DecisionEntry {
  /** Counts up from 1 in this process. A gap before the oldest kept entry means that older entries were dropped. */
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
  /** The address of the connection; null when none was made. */
  readonly address: string | null;
  readonly verdict: 'allow' | 'deny';
  readonly reason: DenialReason | null;
  readonly rule: string | null;
  readonly source: DecisionSource;
  /** The client that answered, if the decision is an answer. */
  readonly answeredBy: Answerer | null;
  /** The address and its class, or the failure of the lookup, when that was the reason. */
  readonly detail: string | null;
  /**
   * From the request's arrival to the verdict, in milliseconds, including the time that a prompt waits for a person.
   */
  readonly latencyMs: number;
  readonly policyRevision: string;
}

export type NewDecision = Omit<DecisionEntry, 'sequence' | 'address'>;

/** One decision's entry in the log. */
export interface RecordedDecision {
  /** Records that a connection to this address was made under the decision. */
  dialled(address: string): void;
}

/** The number of decisions of one kind, including those that are no longer kept. */
export interface DecisionTotal extends Pick<DecisionEntry, 'verdict' | 'reason' | 'protocol' | 'source'> {
  readonly count: number;
}

export interface DecisionLog {
  /** Distinguishes this log from that of an earlier daemon. */
  readonly id: string;
  record(decision: NewDecision): RecordedDecision;
  /** The command has ended: its open entries become final without a connection. */
  settle(registrationId: string): void;
  /** Returns entries with a higher sequence than `after`, oldest first, at most `limit`. */
  list(options?: { readonly after?: number; readonly limit?: number }): readonly DecisionEntry[];
  /** Sequences of the oldest and the newest kept entry. Without entries, `oldest` is `newest` + 1. */
  bounds(): { readonly oldest: number; readonly newest: number };
  totals(): readonly DecisionTotal[];
  /** Calls `watcher` with each decision as it is made, before a connection. Returns what stops it. */
  watch(watcher: (entry: DecisionEntry) => void): () => void;
  /** No further connection will be recorded. */
  close(): void;
}

export interface DecisionLogOptions {
  readonly capacity?: number;
  /**
   * Receives each decision once, in its final form: a refusal at once; an allowed request after its connection, at its
   * command's end, or after PENDING_MS.
   */
  readonly onFinal?: (entry: DecisionEntry) => void;
}

/** The number of kept entries: a few hours of busy work, usually about 4 MiB. */
const DEFAULT_CAPACITY = 5000;
/**
 * Kept characters of each text: no host name is longer (RFC 1035 §2.3.4), and longer methods or programs have no use.
 */
const MAX_TEXT = { host: 255, method: 32, program: 256, rule: 512, detail: 512 } as const;
/**
 * Milliseconds after which an allowed request counts as never connected: longer than the attempt may take
 * (upstream/dial.ts).
 */
const PENDING_MS = 40_000;
const SWEEP_MS = 10_000;

export function createDecisionLog({ capacity = DEFAULT_CAPACITY, onFinal }: DecisionLogOptions = {}): DecisionLog {
  const entries: Kept[] = [];
  const totals = new Map<string, { -readonly [K in keyof DecisionTotal]: DecisionTotal[K] }>();
  const pending = new Map<number, Kept>();
  const watchers = new Set<(entry: DecisionEntry) => void>();
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
      for (const watcher of watchers) watcher(entry);
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
    watch(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
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

/**
 * Copies the text: a piece of a longer text would keep all of it in memory (V8 makes no copy from 13 characters on).
 */
function cut<T extends string | null>(text: T, max: number): T {
  if (text === null || text.length < 13) return text;
  return Buffer.from(text.slice(0, max), 'utf16le').toString('utf16le') as T;
}
