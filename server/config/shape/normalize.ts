import path from 'node:path';
import { paths } from '../../system/files/paths.js';
import { isList, isTable, newTable, TomlFloat } from '../toml/value.js';
import type { Shape, TableShape } from './toml-shape.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** How relative paths and `~` of a layer are resolved. */
export interface PathBase {
  readonly folder: string;
  readonly home: string;
}

/**
 * A layer's content in the form that is shown and versioned (docs/protocol/config.md §1): paths are absolute, older
 * words are replaced by the current ones, and an integer is a float if the key is a float. Values of the wrong type
 * (they are checked later) and unknown keys are kept. Unchanged parts are shared with the original.
 */
export function normalizeTable(table: TomlTable, shape: TableShape, base: PathBase): TomlTable {
  let copy: TomlTable | undefined;
  for (const [key, value] of Object.entries(table)) {
    const field = (Object.hasOwn(shape.fields, key) ? shape.fields[key] : shape.rest) ?? undefined;
    if (field === undefined) continue;
    const normal = normalizeValue(value, field, base);
    if (normal !== value) (copy ??= Object.assign(newTable(), table))[key] = normal;
  }
  return copy ?? table;
}

function normalizeValue(value: TomlValue, shape: Shape, base: PathBase): TomlValue {
  switch (shape.kind) {
    case 'path':
      return typeof value === 'string' ? resolvePath(value, base) : value;
    case 'float':
      return typeof value === 'number' ? new TomlFloat(value) : value;
    case 'enum':
    case 'variants':
      return typeof value === 'string' ? (shape.shownAs?.[value] ?? value) : value;
    case 'table':
      return isTable(value) ? normalizeTable(value, shape, base) : value;
    case 'list': {
      if (!isList(value)) return value;
      const items = value.map((item) => normalizeValue(item, shape.of, base));
      return items.some((item, index) => item !== value[index]) ? items : value;
    }
    case 'map':
      return isTable(value) ? normalizeMap(value, shape.of, base) : value;
    case 'union':
      // The only union with older words is a word or a map of words, so every form can be applied in turn.
      return shape.forms.reduce((at, form) => normalizeValue(at, form, base), value);
    default:
      return value;
  }
}

function normalizeMap(table: TomlTable, of: Shape, base: PathBase): TomlTable {
  let copy: TomlTable | undefined;
  for (const [key, value] of Object.entries(table)) {
    const normal = normalizeValue(value, of, base);
    if (normal !== value) (copy ??= Object.assign(newTable(), table))[key] = normal;
  }
  return copy ?? table;
}

/** The absolute form of a path in a file. */
function resolvePath(written: string, base: PathBase): string {
  return paths.inHome(written, base.home) ?? path.resolve(base.folder, written);
}
