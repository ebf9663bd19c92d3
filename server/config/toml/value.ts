/**
 * TOML values for the rest of server/config. Tables have no prototype, so `__proto__` is an ordinary key. An integer is
 * a number if a double holds it exactly, else a bigint. A float is wrapped: TOML, error messages and the version of a
 * layer distinguish `1.0` from `1`.
 */
import { bareObject } from '../../system/node/objects.js';

export class TomlFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A date, a time or both, as text. */
export class TomlDatetime {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type TomlScalar = string | number | bigint | boolean | TomlFloat | TomlDatetime;
export type TomlValue = TomlScalar | readonly TomlValue[] | TomlTable;
export interface TomlTable {
  [key: string]: TomlValue;
}

/** An empty table. */
export function newTable(): TomlTable {
  return bareObject();
}

export function isTable(value: TomlValue | undefined): value is TomlTable {
  return (
    typeof value === 'object' &&
    !Array.isArray(value) &&
    !(value instanceof TomlFloat) &&
    !(value instanceof TomlDatetime)
  );
}

export function isList(value: TomlValue | undefined): value is readonly TomlValue[] {
  return Array.isArray(value);
}

/** The table under `key`; an empty table if the key is missing or its value is not a table. */
export function tableAt(table: TomlTable, key: string): TomlTable {
  const value = table[key];
  return isTable(value) ? value : newTable();
}

/** The value at a path of keys; undefined where the path ends early. */
export function valueAt(table: TomlTable, path: readonly string[]): TomlValue | undefined {
  let value: TomlValue | undefined = table;
  for (const key of path) {
    if (!isTable(value)) return undefined;
    value = value[key];
  }
  return value;
}

/** The form for clients: dates, `nan` and infinities become text (JSON has none of them); bigints are kept. */
export function toJson(value: TomlTable): Record<string, unknown>;
export function toJson(value: TomlValue): unknown;
export function toJson(value: TomlValue): unknown {
  if (value instanceof TomlFloat) return Number.isFinite(value.value) ? value.value : String(value.value);
  if (value instanceof TomlDatetime) return value.text;
  if (isList(value)) return value.map((item) => toJson(item));
  if (!isTable(value)) return value;
  const object = bareObject<unknown>();
  for (const [key, item] of Object.entries(value)) object[key] = toJson(item);
  return object;
}

/** Whether type and content are the same; the order of the keys of a table is ignored. */
export function sameValue(a: TomlValue, b: TomlValue): boolean {
  if (a instanceof TomlFloat) return b instanceof TomlFloat && Object.is(a.value, b.value);
  if (a instanceof TomlDatetime) return b instanceof TomlDatetime && a.text === b.text;
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((item, index) => sameAt(item, b[index]));
  }
  if (!isTable(a)) return a === b;
  if (!isTable(b)) return false;
  return (
    Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([key, item]) => sameAt(item, b[key]))
  );
}

const sameAt = (a: TomlValue, b: TomlValue | undefined): boolean => b !== undefined && sameValue(a, b);
