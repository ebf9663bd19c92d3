/**
 * Strays: values under names that are no field, of a kind that nothing with such a name can be. They are settings of a
 * newer version, of another program, or typos. One part of a file that this version does not know must not make the
 * rest of it void, so they are passed over and reported, in every table alike.
 */
import { isTable, newTable } from '../toml/value.js';
import type { Shape, TableShape } from './shape.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** What a table or a map says of its keys. */
export type Entries = Pick<TableShape, 'fields' | 'rest' | 'restKnown'>;

/** The entries of a map: every name is somebody's. */
export const entriesOf = ({ of }: Extract<Shape, { kind: 'map' }>): Entries => ({
  fields: {},
  rest: of,
  restKnown: null,
});

/**
 * Whether the value is nobody's: where people name tables, it is no table; where names are known, this one is not and
 * the value is not what a known one has. Values that are of the right kind and wrong inside are mistakes, not strays.
 */
export function isForeignEntry(value: TomlValue, key: string, { fields, rest, restKnown }: Entries): boolean {
  if (rest === null || Object.hasOwn(fields, key)) return false;
  if (restKnown !== null && !restKnown(key)) return rest.kind !== 'boolean' || typeof value !== 'boolean';
  return takesTables(rest) && !isTable(value);
}

const takesTables = ({ kind }: Shape): boolean => kind === 'table' || kind === 'map' || kind === 'tagged';

/** The table without its strays, so that nobody behind it has to expect them; the same object when there are none. */
export function withoutForeignEntries(table: TomlTable, entries: Entries): TomlTable {
  let copy: TomlTable | undefined;
  for (const key of Object.keys(table)) {
    const value = table[key] as TomlValue;
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
