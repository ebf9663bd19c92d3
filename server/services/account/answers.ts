/** Reads answers of services that this program does not control: a member of another kind counts as missing. */
import { isObject } from '../../system/node/objects.js';

type Members = Readonly<Record<string, unknown>>;

export const membersOf = (value: unknown): Members => (isObject(value) ? value : {});

export const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Null: not a number. */
export const wholeOrNull = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(Math.trunc(value)) ? Math.trunc(value) : null;

export const listOf = (value: unknown): readonly Members[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** A date as text, in seconds since 1970; null: not a date. */
export function secondsOf(value: unknown): number | null {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? wholeOrNull(value) : Math.floor(time / 1000);
}
