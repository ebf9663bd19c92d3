/** One finding about the installation: a fact, whether it is as required, and the remedy if it is not. */

export type FindingStatus = 'ok' | 'warn' | 'fail' | 'skipped';

export interface Finding {
  /** `family.name`, the same in every version, because scripts depend on it. */
  readonly id: string;
  /** `fail`: an essential function of codexd does not work. `warn`: it works, but with a drawback. */
  readonly status: FindingStatus;
  /** One line. */
  readonly what: string;
  /** More lines, or ''. */
  readonly detail: string;
  /** The remedy; null exactly for `ok` and `skipped`. */
  readonly fix: string | null;
}

export const ok = (id: string, what: string, detail = ''): Finding => ({ id, status: 'ok', what, detail, fix: null });
/** `why`: the condition that must change before this check can run. */
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
