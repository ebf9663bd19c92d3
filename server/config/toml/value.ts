/**
 * TOML values as the rest of server/config sees them. Tables have no prototype, so a key such as `__proto__` is a key
 * like any other. Integers are numbers where a double holds them exactly, else bigints; floats are wrapped, because
 * `1.0` and `1` are different types to TOML, to error messages and to a layer's version.
 */

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
  return Object.create(null) as TomlTable;
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

/** The table under `key`, or an empty one when the key is missing or holds something else. */
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

/** What clients get: dates as text, `nan` and the infinities as text (JSON has none), big integers as they are. */
export function toJson(value: TomlValue): unknown {
  if (value instanceof TomlFloat) return Number.isFinite(value.value) ? value.value : String(value.value);
  if (value instanceof TomlDatetime) return value.text;
  if (isList(value)) return value.map(toJson);
  if (!isTable(value)) return value;
  const object = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(value)) object[key] = toJson(value[key] as TomlValue);
  return object;
}

/** Same type, same content; the order of a table's keys does not count. */
export function sameValue(a: TomlValue, b: TomlValue): boolean {
  if (a instanceof TomlFloat) return b instanceof TomlFloat && Object.is(a.value, b.value);
  if (a instanceof TomlDatetime) return b instanceof TomlDatetime && a.text === b.text;
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index] as TomlValue));
  }
  if (!isTable(a)) return a === b;
  if (!isTable(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && sameValue(a[key] as TomlValue, b[key] as TomlValue))
  );
}
