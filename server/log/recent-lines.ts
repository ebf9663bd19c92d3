/**
 * The last warnings and errors of the log, whatever is written, for operators.
 *
 * Rule: as in the log, a line has no secret in its fields. Stacks are left out: what went wrong is in the message, and
 * a page has no room for them. Scope: what operators read. Non-scope: the log itself (log.ts).
 */
import { plainData, withoutSecrets } from './log-fields.js';
import { fieldsText, type LogFields, type Logger, type RootLogger } from './log.js';
import { isObject } from '../system/node/objects.js';

export interface RecentLine {
  readonly atMs: number;
  readonly level: 'warn' | 'error';
  /** With the fields, as in a plain line of the log. */
  readonly message: string;
}

const KEPT = 50;
const MAX_LENGTH = 1000;

export function withRecentLines(log: RootLogger): { readonly log: RootLogger; readonly recent: () => RecentLine[] } {
  const lines: RecentLine[] = [];
  const keep = (level: RecentLine['level'], message: string, fields: LogFields = {}): void => {
    lines.push({ atMs: Date.now(), level, message: `${message}${mainFields(fields)}`.slice(0, MAX_LENGTH) });
    if (lines.length > KEPT) lines.shift();
  };
  const kept = (inner: Logger): Logger => ({
    ...inner,
    error(message, fields) {
      keep('error', message, fields);
      inner.error(message, fields);
    },
    warn(message, fields) {
      keep('warn', message, fields);
      inner.warn(message, fields);
    },
    child: (target) => kept(inner.child(target)),
  });
  return { log: { ...log, ...kept(log) }, recent: () => [...lines] };
}

function mainFields(fields: LogFields): string {
  const { stack: _, err, ...rest } = withoutSecrets(plainData(fields));
  const error = isObject(err) ? { err: err['message'] } : err === undefined ? {} : { err };
  return fieldsText({ ...rest, ...error });
}
