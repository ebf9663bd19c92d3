import { invalidType, missingField, unknownField, unknownVariant } from '../../../schema/shape/sentences.js';
import { isList, isTable, TomlDatetime, TomlFloat } from '../toml/value.js';
import { paths } from '../../system/files/paths.js';
import { entriesOf, isForeignEntry, withoutForeignEntries } from './foreign-entries.js';
import { isSecretName } from './redact.js';
import type { Shape, TableShape } from './toml-shape.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** Why a value is invalid, in the wording of the protocol (docs/protocol/config.md §2.1). */
export interface Mismatch {
  readonly text: string;
  /** The path of the invalid value: keys only, without list indexes. */
  readonly path: readonly string[];
  /** The same, of the value itself: `path` may name a table around it (`opaque` of toml-shape.ts). */
  readonly at: readonly string[];
  /** The text for a value in a file, where the reference uses another parser; absent: same as `text`. */
  readonly fileText?: string;
}

/** How foreign entries (foreign-entries.ts) are treated: `pass` ignores them, `refuse` makes them a mismatch. */
export type ForeignEntryPolicy = 'pass' | 'refuse';

/**
 * The first mismatch in the order of the table; null: every value is valid. Foreign entries are no mismatch, because
 * `unknownKeys` reports them. With `refuse` they are one: for files that must not be misunderstood.
 */
export function checkTable(
  table: TomlTable,
  shape: TableShape,
  foreignEntries: ForeignEntryPolicy = 'pass',
): Mismatch | null {
  return checkFields(table, shape, { path: [], at: [], opaque: false, foreignEntries });
}

/** The first mismatch, where a path of Windows without a drive is one as well (docs/protocol/config.md §5). */
export const checkWithDrives = (table: TomlTable, shape: TableShape): Mismatch | null =>
  checkFields(table, shape, { path: [], at: [], opaque: false, foreignEntries: 'pass', drives: true });

/** The same for one value. */
export function checkValue(value: TomlValue, shape: Shape, path: readonly string[] = []): Mismatch | null {
  return check(value, shape, { path, at: path, opaque: false, foreignEntries: 'pass' });
}

/**
 * The unknown keys as paths; of an unknown table only the table itself (docs/protocol/config.md §2).
 */
export function unknownKeys(table: TomlTable, shape: TableShape): readonly string[][] {
  const found: string[][] = [];
  collectUnknown(table, shape, [], found);
  return found;
}

interface Place {
  readonly path: readonly string[];
  readonly at: readonly string[];
  /** The value is inside a table that reports its errors at its own path. */
  readonly opaque: boolean;
  readonly foreignEntries: ForeignEntryPolicy;
  /** A path that begins with a slash must have a drive or a share before it, where the system has these. */
  readonly drives?: true;
}

function below(place: Place, key: string): Place {
  const at = [...place.at, key];
  return place.opaque ? { ...place, at } : { ...place, at, path: [...place.path, key] };
}

const fail = ({ path, at }: Place, text: string, fileText?: string): Mismatch =>
  fileText === undefined ? { text, path, at } : { text, path, at, fileText };

function check(value: TomlValue, shape: Shape, place: Place): Mismatch | null {
  switch (shape.kind) {
    case 'string':
      return typeof value === 'string' ? null : fail(place, wrongType(value, 'a string', place));
    case 'path':
      if (typeof value !== 'string') return fail(place, wrongType(value, 'path string', place));
      return place.drives === true && /^[\\/]/.test(value) && paths.windows && !paths.isAbsolute(value)
        ? fail(place, 'AbsolutePathBuf deserialized without a base path')
        : null;
    case 'boolean':
      return typeof value === 'boolean' ? null : fail(place, wrongType(value, 'a boolean', place));
    case 'float':
      return value instanceof TomlFloat || typeof value === 'number'
        ? null
        : fail(place, wrongType(value, 'f64', place));
    case 'integer':
      return checkInteger(value, shape.type, place);
    case 'any':
      return null;
    case 'hidden':
      return check(value, shape.of, place);
    case 'refused':
      return fail(place, shape.text);
    case 'enum':
      return checkVariant(value, shape.values, {}, place);
    case 'variants':
      return checkVariant(value, shape.order, shape.tables, place);
    case 'list':
      if (!isList(value)) return fail(place, wrongType(value, 'a sequence', place));
      return first(value, (item) => check(item, shape.of, place));
    case 'map':
      if (!isTable(value)) return fail(place, wrongType(value, 'a map', place));
      return (
        first(Object.entries(value), ([key, item]) =>
          place.foreignEntries === 'pass' && isForeignEntry(item, key, entriesOf(shape))
            ? null
            : check(item, shape.of, below(place, key)),
        ) ?? semanticMismatch(shape.semanticCheck?.(withoutForeignEntries(value, entriesOf(shape))), place)
      );
    case 'table':
      if (!isTable(value)) return fail(place, wrongType(value, `struct ${shape.name}`, place));
      return checkFields(value, shape, place);
    case 'union':
      if (shape.forms.some((form) => check(value, form, place) === null)) return null;
      return fail(place, `data did not match any variant of untagged enum ${shape.name}`);
    case 'tagged': {
      if (!isTable(value)) return fail(place, wrongType(value, `internally tagged enum ${shape.name}`, place));
      const tag = value[shape.tag];
      if (tag === undefined) return fail(place, missingField(shape.tag));
      if (typeof tag !== 'string') return fail(below(place, shape.tag), wrongType(tag, 'variant identifier', place));
      const variant = Object.hasOwn(shape.variants, tag) ? shape.variants[tag] : undefined;
      if (variant === undefined) return fail(below(place, shape.tag), unknownVariant(tag, Object.keys(shape.variants)));
      return checkFields(value, variant, place, shape.tag);
    }
  }
}

function checkFields(table: TomlTable, shape: TableShape, outer: Place, skip?: string): Mismatch | null {
  const place = shape.opaque === null ? outer : { ...outer, opaque: true };
  const named = shape.opaque === 'all' ? place : outer;
  for (const [key, value] of Object.entries(table)) {
    if (key === skip) continue;
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : shape.rest;
    if (place.foreignEntries === 'pass' && isForeignEntry(value, key, shape)) continue;
    if (field === null || field === undefined) {
      if (shape.closed) return { ...fail(place, unknownField(key, Object.keys(shape.fields))), at: [...place.at, key] };
      continue;
    }
    const own = below(Object.hasOwn(shape.fields, key) ? named : place, key);
    const mismatch = check(value, field, own);
    if (mismatch !== null) return mismatch;
  }
  const missing = shape.required.find((key) => table[key] === undefined);
  if (missing !== undefined) return fail(place, missingField(missing));
  return semanticMismatch(shape.semanticCheck?.(table), place);
}

const semanticMismatch = (text: string | null | undefined, place: Place): Mismatch | null =>
  text === null || text === undefined ? null : fail(place, text);

const RANGES: Readonly<Record<string, readonly [low: bigint, high: bigint]>> = {
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u8: [0n, 2n ** 8n - 1n],
  u16: [0n, 2n ** 16n - 1n],
  u32: [0n, 2n ** 32n - 1n],
  u64: [0n, 2n ** 64n - 1n],
  usize: [0n, 2n ** 64n - 1n],
  'a nonzero u64': [1n, 2n ** 64n - 1n],
  'a nonzero usize': [1n, 2n ** 64n - 1n],
};

function checkInteger(value: TomlValue, type: string, place: Place): Mismatch | null {
  if (typeof value !== 'number' && typeof value !== 'bigint') return fail(place, wrongType(value, type, place));
  const [low, high] = RANGES[type] ?? [0n, 0n];
  const exact = BigInt(value);
  return exact < low || exact > high ? fail(place, `invalid value: integer \`${exact}\`, expected ${type}`) : null;
}

function checkVariant(
  value: TomlValue,
  order: readonly string[],
  tables: Readonly<Record<string, TableShape>>,
  place: Place,
): Mismatch | null {
  if (typeof value === 'string') return order.includes(value) ? null : fail(place, unknownVariant(value, order));
  if (place.opaque && !isTable(value)) return fail(place, wrongType(value, 'string or map', place));
  if (!isTable(value)) return fail(place, 'invalid type: unit variant, expected string only', 'wanted string or table');
  const entries = Object.entries(value);
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) {
    if (place.opaque) return fail(place, 'invalid value: map, expected map with a single key');
    const count = `wanted exactly 1 element, ${entries.length === 0 ? 'found 0' : 'more than 1'} elements`;
    return fail(place, count);
  }
  const [key, content] = entry;
  if (!order.includes(key)) return fail(place, unknownVariant(key, order));
  const shape = Object.hasOwn(tables, key) ? tables[key] : undefined;
  if (shape === undefined) return fail(place, wrongType(content, 'unit', place));
  return check(content, shape, place);
}

/** Without a text whose key says that it is a secret: a person may have written it where its place belongs. */
const wrongType = (value: TomlValue, expected: string, { at }: Pick<Place, 'at'>): string =>
  invalidType(typeof value === 'string' && isSecretName(at.at(-1) ?? '') ? 'string' : named(value), expected);

/** As `named` of schema/shape/sentences.ts: TOML also has dates, and integers of 64 bits. */
function named(value: TomlValue): string {
  if (typeof value === 'string') return `string ${JSON.stringify(value)}`;
  if (typeof value === 'boolean') return `boolean \`${value}\``;
  if (value instanceof TomlFloat) {
    const text = String(value.value);
    return `floating point \`${/^-?\d+$/.test(text) ? `${text}.0` : text}\``;
  }
  if (isList(value)) return 'sequence';
  if (typeof value === 'number' || typeof value === 'bigint') return `integer \`${value}\``;
  return value instanceof TomlDatetime ? 'datetime' : 'map';
}

function first<T>(items: readonly T[], test: (item: T) => Mismatch | null): Mismatch | null {
  for (const item of items) {
    const mismatch = test(item);
    if (mismatch !== null) return mismatch;
  }
  return null;
}

function collectUnknown(value: TomlValue, shape: Shape, path: readonly string[], found: string[][]): void {
  switch (shape.kind) {
    case 'list':
      if (isList(value)) for (const item of value) collectUnknown(item, shape.of, path, found);
      return;
    case 'map':
      if (isTable(value))
        eachKey(value, path, found, (key, item) => (isForeignEntry(item, key, entriesOf(shape)) ? null : shape.of));
      return;
    case 'table':
      if (isTable(value))
        eachKey(value, path, found, (key, item) => (isForeignEntry(item, key, shape) ? null : fieldOf(shape, key)));
      return;
    case 'union': {
      const form = shape.forms.find((candidate) => checkValue(value, candidate) === null);
      if (form !== undefined) collectUnknown(value, form, path, found);
      return;
    }
    case 'variants':
      if (isTable(value)) eachKey(value, path, found, (key) => shape.tables[key] ?? null);
      return;
    case 'tagged': {
      if (!isTable(value)) return;
      const tag = value[shape.tag];
      const variant = typeof tag === 'string' ? shape.variants[tag] : undefined;
      if (variant !== undefined)
        eachKey(value, path, found, (key) => (key === shape.tag ? ANY : fieldOf(variant, key)));
      return;
    }
    default:
      return;
  }
}

const ANY: Shape = { kind: 'any', doc: '' };

function eachKey(
  value: TomlTable,
  path: readonly string[],
  found: string[][],
  shapeOf: (key: string, item: TomlValue) => Shape | null,
): void {
  for (const [key, item] of Object.entries(value)) {
    const shape = shapeOf(key, item);
    if (shape === null) found.push([...path, key]);
    else collectUnknown(item, shape, [...path, key], found);
  }
}

function fieldOf(shape: TableShape, key: string): Shape | null {
  if (Object.hasOwn(shape.fields, key)) return shape.fields[key] ?? null;
  return shape.restKnown === null || shape.restKnown(key) ? shape.rest : null;
}
