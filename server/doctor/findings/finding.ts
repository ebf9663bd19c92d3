/** What a look at the installation found: one fact, whether it is as it has to be, and the way out where it is not. */

export type FindingStatus = 'ok' | 'warn' | 'fail' | 'skipped';

export interface Finding {
  /** `family.name`, the same in every version: scripts go by it. */
  readonly id: string;
  /** `fail`: something that codexd is for does not work. `warn`: it works, and not as somebody would want. */
  readonly status: FindingStatus;
  /** One line. */
  readonly what: string;
  /** More lines, or ''. */
  readonly detail: string;
  /** What to do; null exactly for `ok` and `skipped`. */
  readonly fix: string | null;
}

export const ok = (id: string, what: string, detail = ''): Finding => ({ id, status: 'ok', what, detail, fix: null });
/** `why`: what has to be otherwise before this can be looked at. */
export const skipped = (id: string, what: string, why: string): Finding => ({
  id,
  status: 'skipped',
  what,
  detail: why,
  fix: null,
});
export const warn = (id: string, what: string, fix: string, detail = ''): Finding => ({
  id,
  status: 'warn',
  what,
  detail,
  fix,
});
export const fail = (id: string, what: string, fix: string, detail = ''): Finding => ({
  id,
  status: 'fail',
  what,
  detail,
  fix,
});

/** What is reported where a check itself broke: never an exception without a word. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
