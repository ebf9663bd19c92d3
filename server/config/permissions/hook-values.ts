/** Values of `[permissions.NAME.network.mitm]`, each with its type or a ConfigError that names its place. */
import { ConfigError } from '../../errors/config-error.js';
import { isList, isTable, type TomlTable, type TomlValue } from '../toml/value.js';

/** A method, or the name of a header (RFC 9110 §5.6.2). */
export const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** An error at this place below a profile (keys with dots between). */
export const wrong = (at: string, message: string): ConfigError => new ConfigError(message, { key: at.split('.') });

export const refuse = (at: string, problem: string): ConfigError => wrong(at, `invalid ${at}: it ${problem}`);

/** A table with no other keys than these. */
export function tableOf(value: TomlValue, at: string, keys: readonly string[]): TomlTable {
  if (!isTable(value)) throw wrong(at, `${at} must be a table`);
  for (const key of Object.keys(value)) {
    if (keys.includes(key)) continue;
    const expected = keys.map((one) => `\`${one}\``).join(', ');
    throw wrong(`${at}.${key}`, `unknown field \`${key}\` in ${at}, expected one of ${expected}`);
  }
  return value;
}

export function strings(value: TomlValue | undefined, at: string): readonly string[] {
  if (value === undefined) throw refuse(at, 'is missing');
  if (!isList(value)) throw refuse(at, 'must be a list of strings');
  return value.map((one) => {
    if (typeof one !== 'string') throw refuse(at, 'must be a list of strings');
    return one;
  });
}

/** At least one. */
export function texts(value: TomlValue | undefined, at: string): readonly string[] {
  const found = strings(value, at);
  if (found.length === 0) throw refuse(at, 'must not be empty');
  return found;
}

/** Null: it is not there. */
export function optionalText(value: TomlValue | undefined, at: string): string | null {
  if (value === undefined) return null;
  if (typeof value !== 'string') throw refuse(at, 'must be a string');
  return value;
}

export function requiredText(value: TomlValue | undefined, at: string): string {
  const text = optionalText(value, at);
  if (text === null) throw refuse(at, 'is missing');
  return text;
}

/** A whole number between the two, or the default. */
export function optionalInteger(
  value: TomlValue | undefined,
  at: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): number {
  if (value === undefined) return otherwise;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw refuse(at, `must be a number from ${least} to ${most}`);
}
