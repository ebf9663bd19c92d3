/**
 * Foreign entries: keys of a table that are not among its fields, with values of a type that no such key can have. They
 * belong to a newer version or to another program, or they are typos. They must not make the rest of the file invalid,
 * so every table ignores and reports them.
 */
import { isTable, newTable } from '../toml/value.js';
import type { Shape, TableShape } from './toml-shape.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** The keys that a table or a map can have. */
export interface Entries extends Pick<TableShape, 'fields' | 'rest' | 'restKnown'> {
  /** No entry is foreign. */
  readonly strict?: boolean;
}

/** The entries of a map: every name is possible. */
export const entriesOf = ({ of, strict = false }: Extract<Shape, { kind: 'map' }>): Entries => ({
  fields: {},
  rest: of,
  restKnown: null,
  strict,
});

/**
 * Whether an entry is foreign. In a table of named tables: its value is not a table. In a table with known names: the
 * name is unknown and the value has another type than known names have. A value of the right type with a wrong content
 * is not foreign: it is a mistake.
 */
export function isForeignEntry(value: TomlValue, key: string, entries: Entries): boolean {
  const { fields, rest, restKnown, strict = false } = entries;
  if (strict || rest === null || Object.hasOwn(fields, key)) return false;
  if (restKnown !== null && !restKnown(key)) return rest.kind !== 'boolean' || typeof value !== 'boolean';
  return takesTables(rest) && !isTable(value);
}

const takesTables = ({ kind }: Shape): boolean => kind === 'table' || kind === 'map' || kind === 'tagged';

/** The table without its foreign entries, for all code that runs later; the same object if there is none. */
export function withoutForeignEntries(table: TomlTable, entries: Entries): TomlTable {
  let copy: TomlTable | undefined;
  for (const [key, value] of Object.entries(table)) {
    const foreign = isForeignEntry(value, key, entries);
    const field = Object.hasOwn(entries.fields, key) ? entries.fields[key] : entries.rest;
    const clean = foreign || !isTable(value) || !field ? value : withoutForeignEntriesBelow(value, field);
    if (!foreign && clean === value) continue;
    copy ??= Object.assign(newTable(), table);
    if (foreign) delete copy[key];
    else copy[key] = clean;
  }
  return copy ?? table;
}

function withoutForeignEntriesBelow(table: TomlTable, shape: Shape): TomlTable {
  if (shape.kind === 'table') return withoutForeignEntries(table, shape);
  return shape.kind === 'map' ? withoutForeignEntries(table, entriesOf(shape)) : table;
}
