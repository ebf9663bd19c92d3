/** Walks a shape: every table in it, and how a file can contain one. */
import { newTable } from '../../../server/config/toml/value.js';
import type { Shape, TableShape } from '../../../server/config/shape/toml-shape.js';
import type { Entries } from '../../../server/config/shape/foreign-entries.js';
import type { TomlTable, TomlValue } from '../../../server/config/toml/value.js';

export interface FoundTable {
  /** Dotted; what people name is called `mine`. */
  readonly path: string;
  readonly entries: Entries;
  /** The shape when it is one of named fields; null: a map. */
  readonly table: TableShape | null;
  /** A whole file with `content` in this place. */
  file(content: TomlTable): TomlTable;
}

/** Every table and every map of a file, through lists, unions, variants and tags. */
export function* tablesOf(root: TableShape): Generator<FoundTable> {
  yield* below(root, '', (content) => content as TomlTable);
}

type Wrap = (content: TomlValue) => TomlTable;

function* below(shape: Shape, path: string, wrap: Wrap): Generator<FoundTable> {
  const at = (key: string): [string, Wrap] => [
    path === '' ? key : `${path}.${key}`,
    (content) => wrap(tableWith(key, content)),
  ];
  switch (shape.kind) {
    case 'map':
      yield { path, entries: { fields: {}, rest: shape.of, restKnown: null }, table: null, file: wrap };
      yield* below(shape.of, ...at('mine'));
      return;
    case 'list':
      yield* below(shape.of, path, (content) => wrap([content]));
      return;
    case 'union':
      for (const form of shape.forms) yield* below(form, path, wrap);
      return;
    case 'hidden':
      yield* below(shape.of, path, wrap);
      return;
    case 'variants':
      for (const [name, table] of Object.entries(shape.tables)) yield* below(table, ...at(name));
      return;
    case 'tagged':
      for (const [name, table] of Object.entries(shape.variants)) {
        yield* below(table, path, (content) => wrap({ [shape.tag]: name, ...(content as TomlTable) }));
      }
      return;
    case 'table':
      yield { path, entries: shape, table: shape, file: wrap };
      for (const [key, field] of Object.entries(shape.fields)) yield* below(field, ...at(key));
      if (shape.rest !== null) yield* below(shape.rest, ...at('mine'));
      return;
    default:
      return;
  }
}

export function tableWith(key: string, value: TomlValue): TomlTable {
  const table = newTable();
  table[key] = value;
  return table;
}
