import { ConnectError } from './errors.js';

export interface ReconnectOptions {
  /** Wait before the first attempt; it doubles with every further one. Default 100 ms. */
  readonly initialDelayMs?: number;
  /** Longest wait between two attempts. Default 5000 ms. */
  readonly maxDelayMs?: number;
  /** Attempts before the client gives up and closes. Default 20 (about a minute and a half with the other defaults). */
  readonly maxAttempts?: number;
}

export type ReconnectPolicy = Required<ReconnectOptions>;

/** The policy with its defaults; null when there is no reconnecting. */
export function reconnectPolicy(options: ReconnectOptions | false | undefined): ReconnectPolicy | null {
  if (options === false) return null;
  return { initialDelayMs: 100, maxDelayMs: 5000, maxAttempts: 20, ...options };
}

/**
 * The wait before attempt number `attempt` (from 1), in ms: doubling, capped, and spread over its upper half so that
 * many clients of one server do not all come back at once.
 */
export function delayBefore(attempt: number, policy: ReconnectPolicy): number {
  const delay = Math.min(policy.initialDelayMs * 2 ** (attempt - 1), policy.maxDelayMs);
  return Math.round(delay * (0.5 + Math.random() / 2));
}

/** Whether another attempt can end differently: a server that says 401 or 403 will say it again. */
export function mayRecover(error: Error): boolean {
  return !(error instanceof ConnectError && error.status !== null && error.status >= 400 && error.status < 500);
}
