/**
 * Memory for messages that are not whole yet, over all connections.
 *
 * Threat: clients that each send most of the largest message and then stop: every single one is within its limit, and
 * together they hold gigabytes for as long as they stay.
 * Rule: what all connections have received of unfinished messages is bounded; beyond it the connection that holds most
 * is ended. Scope: what transports hold. Non-scope: whole messages (ingress.ts), answers (outbox.ts).
 */

/** Twice the largest message, so that one big sender alone is never in question. */
export const MAX_UNFINISHED_BYTES = 128 * 1024 * 1024;

/** One connection's part. */
export interface MessageAccount {
  /** So many bytes more have come. May end this or another connection. */
  received(bytes: number): void;
  /** A message is whole: what came with it counts no more. */
  whole(): void;
  close(): void;
}

export interface MessageBudget {
  /** `end` is called at most once, when the connection has to go. */
  open(end: () => void): MessageAccount;
}

export function createMessageBudget(maxBytes = MAX_UNFINISHED_BYTES): MessageBudget {
  const accounts = new Set<Account>();
  let total = 0;
  const settle = (account: Account): void => {
    total -= account.bytes;
    account.bytes = 0;
  };
  return {
    open(end) {
      const account: Account = { bytes: 0, end };
      accounts.add(account);
      return {
        received(bytes) {
          if (!accounts.has(account)) return;
          account.bytes += bytes;
          total += bytes;
          if (total <= maxBytes) return;
          const largest = [...accounts].reduce((most, next) => (next.bytes > most.bytes ? next : most), account);
          accounts.delete(largest);
          settle(largest);
          largest.end();
        },
        whole: () => {
          if (accounts.has(account)) settle(account);
        },
        close() {
          if (accounts.delete(account)) settle(account);
        },
      };
    },
  };
}

interface Account {
  bytes: number;
  readonly end: () => void;
}
