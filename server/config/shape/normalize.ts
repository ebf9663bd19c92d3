import path from 'node:path';
import { isList, isTable, newTable, TomlFloat } from '../toml/value.js';
import type { Shape, TableShape } from './shape.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** What relative and `~` paths of a layer stand for. */
export interface PathBase {
  readonly folder: string;
  readonly home: string;
}

/**
 * A layer's content in the form in which it is shown and versioned (docs/protocol/config.md §1): paths absolute, older
 * words replaced by those that mean the same today, whole numbers floats where the key is one. What has the wrong type
 * stays as it is (checking comes later), as do unknown keys. What does not change is shared with the original.
 */
export function normalizeTable(table: TomlTable, shape: TableShape, base: PathBase): TomlTable {
  let copy: TomlTable | undefined;
  for (const key of Object.keys(table)) {
    const field = (Object.hasOwn(shape.fields, key) ? shape.fields[key] : shape.rest) ?? undefined;
    if (field === undefined) continue;
    const value = table[key] as TomlValue;
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
      // A word or a map of words, in the only union whose words have older forms.
      return shape.forms.reduce((at, form) => normalizeValue(at, form, base), value);
    default:
      return value;
  }
}

function normalizeMap(table: TomlTable, of: Shape, base: PathBase): TomlTable {
  let copy: TomlTable | undefined;
  for (const key of Object.keys(table)) {
    const value = table[key] as TomlValue;
    const normal = normalizeValue(value, of, base);
    if (normal !== value) (copy ??= Object.assign(newTable(), table))[key] = normal;
  }
  return copy ?? table;
}

/** Absolute form of a path as written. */
function resolvePath(written: string, base: PathBase): string {
  if (written === '~') return base.home;
  if (written.startsWith('~/')) return path.join(base.home, written.slice(2));
  return path.resolve(base.folder, written);
}
