/** `[codexd] shutdown_timeout_seconds`: how long a listening daemon waits for running turns after SIGTERM. */
import { LONGEST_TIMER_MS } from '../../system/node/timers.js';
import { tableAt, type TomlTable } from '../toml/value.js';

/** Longer than a turn's usual command, shorter than a person's patience. */
export const DEFAULT_SHUTDOWN_MS = 5 * 60_000;

/** In milliseconds. */
export function shutdownTimeout(table: TomlTable): number {
  const { shutdown_timeout_seconds: seconds } = tableAt(table, 'codexd');
  if (typeof seconds !== 'number' && typeof seconds !== 'bigint') return DEFAULT_SHUTDOWN_MS;
  return Math.min(Number(seconds) * 1000, LONGEST_TIMER_MS);
}
