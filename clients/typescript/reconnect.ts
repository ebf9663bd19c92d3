import { ConnectError } from './errors.js';

export interface ReconnectOptions {
  /** Pause before the first attempt. It doubles with every attempt. Default 100 ms. */
  readonly initialDelayMs?: number;
  /** Longest pause between two attempts. Default 5000 ms. */
  readonly maxDelayMs?: number;
  /** Attempts before the client closes. Default 20 (about 90 seconds with the other defaults). */
  readonly maxAttempts?: number;
}

export type ReconnectPolicy = Required<ReconnectOptions>;

/** The policy with its defaults filled in. Null: no reconnecting. */
export function reconnectPolicy(options: ReconnectOptions | false | undefined): ReconnectPolicy | null {
  if (options === false) return null;
  return { initialDelayMs: 100, maxDelayMs: 5000, maxAttempts: 20, ...options };
}

/**
 * The pause before attempt number `attempt` (from 1), in ms. It doubles up to a limit. A random part of the upper half
 * keeps the clients of one server from reconnecting at the same time.
 */
export function delayBefore(attempt: number, policy: ReconnectPolicy): number {
  const delay = Math.min(policy.initialDelayMs * 2 ** (attempt - 1), policy.maxDelayMs);
  return Math.round(delay * (0.5 + Math.random() / 2));
}

/** Whether another attempt can succeed: a server that responds with 401 or 403 responds so again. */
export function mayRecover(error: Error): boolean {
  return !(error instanceof ConnectError && error.status !== null && error.status >= 400 && error.status < 500);
}
