/**
 * An error as a line of the log: one shape for all.
 *
 * The text is for people. The fields are for programs: `code` and `kind` are those of the table (codes.ts) and always
 * there; `errno` is the operating system's name, `cause` the words of what lies beneath, and `stack` stands there where
 * nobody foresaw the error.
 */
import { isCodexdError } from './codexd-error.js';
import { rowOf, type Code, type ErrorKind } from './codes.js';
import { messageOf } from './message-of.js';
import { osCode } from './os-code.js';

export type ErrorFields = Readonly<{
  code: Code;
  kind: ErrorKind;
  errno?: string;
  cause?: string;
  stack?: string;
}>;

/**
 * What a logger takes: `log.error(...describe('the index was not saved', error, { thread }))`. `what`: the clause
 * before the error's words.
 */
export function describe<F extends object>(
  what: string,
  error: unknown,
  fields?: F,
): [message: string, fields: F & ErrorFields] {
  return [`${what}: ${messageOf(error)}`, { ...(fields as F), ...errorFields(error) }];
}

/** The fields alone, for a line whose text says it otherwise. */
export function errorFields(error: unknown): ErrorFields {
  const own = (error as { readonly errno?: unknown } | null | undefined)?.errno;
  const errno = typeof own === 'string' ? own : osErrorIn(error)?.code;
  const code: Code = isCodexdError(error) ? error.code : errno !== undefined ? 'machine.os' : 'unexpected';
  const { kind } = rowOf(code);
  const beneath = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : undefined;
  const stack = kind === 'bug' && error instanceof Error ? error.stack : undefined;
  return {
    code,
    kind,
    ...(errno !== undefined && { errno }),
    ...(beneath !== undefined && { cause: beneath }),
    ...(stack !== undefined && { stack }),
  };
}

/** Causes may lie in each other, and in a circle. */
const MOST_CAUSES = 5;

type OsError = NodeJS.ErrnoException & { readonly code: string };
const isOsError = (error: unknown): error is OsError => /^E[A-Z0-9]+$/.test(osCode(error) ?? '');

/** The error itself, or the one that it was made of, that has an operating system's code. */
export function osErrorIn(error: unknown): OsError | null {
  for (let at = error, depth = 0; at instanceof Error && depth < MOST_CAUSES; at = at.cause, depth++) {
    if (isOsError(at)) return at;
  }
  return null;
}
