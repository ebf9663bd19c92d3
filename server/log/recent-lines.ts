/** The last warnings and errors of the log, whatever is written: for operators. Without the fields of their lines. */
import type { Logger, RootLogger } from './log.js';

export interface RecentLine {
  readonly atMs: number;
  readonly level: 'warn' | 'error';
  readonly message: string;
}

const KEPT = 50;
const MAX_LENGTH = 500;

export function withRecentLines(log: RootLogger): { readonly log: RootLogger; readonly recent: () => RecentLine[] } {
  const lines: RecentLine[] = [];
  const keep = (level: RecentLine['level'], message: string): void => {
    lines.push({ atMs: Date.now(), level, message: message.slice(0, MAX_LENGTH) });
    if (lines.length > KEPT) lines.shift();
  };
  const kept = (inner: Logger): Logger => ({
    ...inner,
    error(message, fields) {
      keep('error', message);
      inner.error(message, fields);
    },
    warn(message, fields) {
      keep('warn', message);
      inner.warn(message, fields);
    },
    child: (target) => kept(inner.child(target)),
  });
  return { log: { ...log, ...kept(log) }, recent: () => [...lines] };
}
