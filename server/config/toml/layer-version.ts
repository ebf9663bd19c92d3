import { createHash } from 'node:crypto';
import { isList, isTable, TomlDatetime, TomlFloat } from './value.js';
import type { TomlTable, TomlValue } from './value.js';

/**
 * The version of a layer: `sha256:` and the hex SHA-256 of its content as compact JSON with keys sorted at every level
 * (docs/protocol/config.md §1). Comments, order and quoting do not change the version. Computed once per parsed table.
 */
export function layerVersion(table: TomlTable): string {
  let version = versions.get(table);
  if (version === undefined) {
    version = `sha256:${createHash('sha256').update(canonicalJson(table)).digest('hex')}`;
    versions.set(table, version);
  }
  return version;
}
const versions = new WeakMap<TomlTable, string>();

/** Compact JSON, keys sorted by code point, numbers as the reference prints them. */
export function canonicalJson(value: TomlValue): string {
  if (value instanceof TomlFloat) return floatText(value.value);
  if (value instanceof TomlDatetime) return `{"$__toml_private_datetime":${JSON.stringify(value.text)}}`;
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isTable(value)) return typeof value === 'string' ? JSON.stringify(value) : String(value);
  const entries = Object.entries(value)
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`);
  return `{${entries.join(',')}}`;
}

/** The order of code points, which is the order of UTF-8 bytes. JavaScript compares UTF-16 units instead. */
export function byCodePoint(a: string, b: string): number {
  if (a === b) return 0;
  for (let i = 0; i < a.length && i < b.length;) {
    const x = a.codePointAt(i) ?? 0;
    const y = b.codePointAt(i) ?? 0;
    if (x !== y) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}

/** The shortest text that parses to the same number: `.0` for whole numbers, an exponent outside 1e-5 … 1e16. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= 16 || power < -5) return `${mantissa}e${power}`;
  const text = fixedText(value);
  return text.includes('.') ? text : `${text}.0`;
}

function fixedText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text;
}
