/**
 * Limits the memory for incomplete messages, over all connections.
 *
 * Threat: many clients each send most of a message of the largest size and then stop. Each client is within its limit,
 * but together they hold gigabytes while they stay connected.
 * Rule: the bytes of incomplete messages of all connections are bounded. Beyond the bound, the connection that holds
 * most bytes ends.
 * Scope: bytes that transports hold.
 * Non-scope: whole messages (ingress.ts), answers (connection-outbox.ts).
 */

/** Twice the largest message, so that one large message alone never reaches the bound. */
export const MAX_UNFINISHED_BYTES = 128 * 1024 * 1024;

/** One connection's share. */
export interface MessageAccount {
  /** Adds the number of bytes received. May end this connection or another one. */
  received(bytes: number): void;
  /** The message is complete: its bytes no longer count. */
  whole(): void;
  close(): void;
}

export interface MessageBudget {
  /** Calls `end` at most once, when this connection must end. */
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
