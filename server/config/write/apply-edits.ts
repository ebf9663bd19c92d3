import { isTable, newTable, TomlFloat } from '../toml/value.js';
import { parseKeyPath } from './key-path.js';
import { writeRefused } from './write-refusal.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

export interface ConfigEdit {
  readonly keyPath: string;
  /** JSON; null removes the key. */
  readonly value: unknown;
  readonly mergeStrategy: 'replace' | 'upsert';
}

export interface AppliedEdits {
  readonly table: TomlTable;
  /** The path of each edit, in order. */
  readonly paths: readonly (readonly string[])[];
  /** Tables that a removal may have left empty, with their ancestors. */
  readonly emptied: readonly (readonly string[])[];
}

/** The content after all edits, in order; `table` is not changed. Throws configValidationError. */
export function applyEdits(table: TomlTable, edits: readonly ConfigEdit[]): AppliedEdits {
  const parsed = edits.map((edit) => ({ path: parseKeyPath(edit.keyPath), edit }));
  for (const { path } of parsed) refuseProfile(path);
  let result = table;
  for (const { path, edit } of parsed) {
    result = edit.value === null ? removed(result, path) : set(result, path, fromJson(edit.value), edit.mergeStrategy);
  }
  const removals = parsed.filter(({ edit }) => edit.value === null);
  return {
    table: result,
    paths: parsed.map(({ path }) => path),
    emptied: removals.flatMap(({ path }) =>
      path.map((_, length) => path.slice(0, length)).filter((at) => at.length > 0),
    ),
  };
}

function refuseProfile(path: readonly string[]): void {
  if (path.length !== 1 || path[0] !== 'profile') return;
  throw writeRefused(
    'configValidationError',
    '`profile` is a legacy config selector and can no longer be written; use `--profile <name>` with `<name>.config.toml` instead',
  );
}

function set(
  table: TomlTable,
  path: readonly string[],
  value: TomlValue,
  strategy: ConfigEdit['mergeStrategy'],
): TomlTable {
  const [key = '', ...rest] = path;
  const old = table[key];
  const copy = Object.assign(newTable(), table);
  if (rest.length > 0) {
    if (old !== undefined && !isTable(old)) {
      throw writeRefused('configValidationError', 'cannot set value on non-table parent');
    }
    copy[key] = set(old ?? newTable(), rest, value, strategy);
  } else {
    copy[key] = strategy === 'upsert' && old !== undefined ? upserted(old, value) : value;
  }
  return copy;
}

function upserted(old: TomlValue, value: TomlValue): TomlValue {
  if (!isTable(old) || !isTable(value)) return value;
  const merged = Object.assign(newTable(), old);
  for (const [key, item] of Object.entries(value)) {
    const below = merged[key];
    merged[key] = below === undefined ? item : upserted(below, item);
  }
  return merged;
}

function removed(table: TomlTable, path: readonly string[]): TomlTable {
  const [key = '', ...rest] = path;
  const old = table[key];
  if (old === undefined) return table;
  const copy = Object.assign(newTable(), table);
  if (rest.length === 0) delete copy[key];
  else if (isTable(old)) copy[key] = removed(old, rest);
  else return table;
  return copy;
}

/** How deep a value may nest; less than the limit of the parser. */
const MAX_DEPTH = 64;

/** Converts a JSON value of a client. Throws configValidationError for a value that TOML does not have. */
export function fromJson(value: unknown, depth = 0): TomlValue {
  if (depth > MAX_DEPTH)
    throw writeRefused('configValidationError', `invalid value: it nests deeper than ${MAX_DEPTH} levels`);
  switch (typeof value) {
    case 'string':
      if (/\p{Cs}/u.test(value))
        throw writeRefused('configValidationError', 'invalid value: a string is not valid Unicode');
      return value;
    case 'boolean':
      return value;
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) {
        throw writeRefused('configValidationError', `invalid value: integer \`${value}\` does not fit 64 bits`);
      }
      return value;
    case 'number':
      return Number.isSafeInteger(value) ? value : new TomlFloat(value);
    case 'object': {
      if (value === null) {
        throw writeRefused('configValidationError', 'invalid value: invalid type: null, expected any valid TOML value');
      }
      if (Array.isArray(value)) return value.map((item) => fromJson(item, depth + 1));
      const table = newTable();
      for (const [key, item] of Object.entries(value)) table[key] = fromJson(item, depth + 1);
      return table;
    }
    default:
      throw writeRefused('configValidationError', `invalid value: ${typeof value} cannot be written`);
  }
}
