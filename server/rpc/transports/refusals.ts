/**
 * Refused connections and requests of a listener: counted by reason for /metrics, and logged.
 *
 * Threat: guessed credentials and pages of other origins stay unnoticed, or their sender fills the log.
 * Rule: each refusal is counted. Of each reason, the first are logged, then ever fewer. A line names the peer and the
 * reason, and never the credential.
 */
import { recordOf } from '../../system/node/objects.js';
import type { Logger } from '../../log/log.js';
import { createSparse } from '../../log/log-sparse.js';

/**
 * `origin`: a web page; `host`: a foreign name; `credential`: missing, wrong or expired; `sandboxed`: a command of this
 * daemon's user; `silence`: no request in time; `limit`: too many connections.
 */
export const REFUSAL_REASONS = ['origin', 'host', 'credential', 'sandboxed', 'silence', 'limit'] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export interface Refusals {
  /** `peer`: address and port; null on a unix socket. `why`: in words. */
  refused(reason: RefusalReason, peer: string | null, why: string): void;
  counts(): Readonly<Record<RefusalReason, number>>;
}

export function createRefusals(log: Logger): Refusals {
  const byReason = new Map(REFUSAL_REASONS.map((reason) => [reason, { count: 0, next: createSparse() }]));
  return {
    refused(reason, peer, why) {
      const entry = byReason.get(reason)!;
      entry.count++;
      const number = entry.next();
      if (number !== null) log.warn('connection refused', { reason, peer, why, refused: number });
    },
    counts: () => recordOf(REFUSAL_REASONS, (reason) => byReason.get(reason)?.count ?? 0),
  };
}
