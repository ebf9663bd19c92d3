/** The limits of an account that an endpoint's answer says in its headers (docs/protocol/services.md §4). */
import type { IncomingHttpHeaders } from 'node:http';
import type {
  CreditsSnapshot,
  RateLimitReachedType,
  RateLimitSnapshot,
  RateLimitWindow,
} from '../../../schema/protocol/services/account-usage.js';

/** `x-codex-primary-used-percent`; another limit has its name in the place of `codex`. */
const WINDOW = /^x-([a-z0-9-]{1,64})-(?:primary|secondary)-used-percent$/;
const CREDITS = 'x-codex-credits-has-credits';
/** An endpoint that names more does not mean limits. */
const MOST_LIMITS = 16;

/** One for each limit, that of codex first. Empty: the answer says nothing about limits. */
export function limitsIn(headers: IncomingHttpHeaders): readonly RateLimitSnapshot[] {
  const found = new Set<string>();
  for (const name of Object.keys(headers)) {
    const id = name === CREDITS ? 'codex' : WINDOW.exec(name)?.[1];
    if (id !== undefined) found.add(id);
  }
  const ids = [...found].sort((a, b) => Number(b === 'codex') - Number(a === 'codex')).slice(0, MOST_LIMITS);
  return ids.map((id) => snapshotOf(headers, id));
}

function snapshotOf(headers: IncomingHttpHeaders, id: string): RateLimitSnapshot {
  const text = (name: string): string | null => {
    const value = headers[`x-${id}-${name}`];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  const number = (name: string): number | null => {
    const value = text(name);
    return value !== null && Number.isFinite(Number(value)) ? Number(value) : null;
  };
  const whole = (name: string): number | null => {
    const value = number(name);
    return value === null || !Number.isSafeInteger(Math.trunc(value)) ? null : Math.trunc(value);
  };
  const window = (which: string): RateLimitWindow | null => {
    const used = number(`${which}-used-percent`);
    if (used === null) return null;
    return {
      usedPercent: percent(used),
      windowDurationMins: whole(`${which}-window-minutes`),
      resetsAt: whole(`${which}-reset-at`),
    };
  };
  const credits = (): CreditsSnapshot | null => {
    const has = flag(text('credits-has-credits'));
    const unlimited = flag(text('credits-unlimited'));
    return has === null || unlimited === null ? null : { hasCredits: has, unlimited, balance: text('credits-balance') };
  };
  return {
    limitId: id.replaceAll('-', '_'),
    limitName: text('limit-name'),
    normalModelSlug: null,
    primary: window('primary'),
    secondary: window('secondary'),
    credits: credits(),
    individualLimit: null,
    spendControlReached: null,
    planType: null,
    rateLimitReachedType: reachedType(text('rate-limit-reached-type')),
  };
}

/** Of a number of 32 bits, as the protocol has it. */
export const percent = (used: number): number => Math.round(Math.min(Math.max(used, -(2 ** 31)), 2 ** 31 - 1));

const flag = (text: string | null): boolean | null => {
  const word = text?.toLowerCase();
  return word === 'true' || word === '1' ? true : word === 'false' || word === '0' ? false : null;
};

/** Null: none, or one that the protocol does not have. */
export const reachedType = (said: unknown): RateLimitReachedType | null =>
  REACHED.find((type) => type === said) ?? null;

const REACHED: readonly RateLimitReachedType[] = [
  'rate_limit_reached',
  'workspace_owner_credits_depleted',
  'workspace_member_credits_depleted',
  'workspace_owner_usage_limit_reached',
  'workspace_member_usage_limit_reached',
];
