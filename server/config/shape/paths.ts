import path from 'node:path';
import { isList, isTable, newTable } from '../toml/value.js';
import type { Shape, TableShape } from './shape.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** What relative and `~` paths of a layer stand for. */
export interface PathBase {
  readonly folder: string;
  readonly home: string;
}

/**
 * A copy of a layer's table whose paths are absolute: relative ones lie below the layer's folder. What is no text stays
 * as it is (checking comes later). Tables without a path are shared with the original.
 */
export function resolvePaths(table: TomlTable, shape: TableShape, base: PathBase): TomlTable {
  let copy: TomlTable | undefined;
  for (const key of Object.keys(table)) {
    const field = (Object.hasOwn(shape.fields, key) ? shape.fields[key] : shape.rest) ?? undefined;
    if (field === undefined) continue;
    const value = table[key] as TomlValue;
    const resolved = resolveValue(value, field, base);
    if (resolved !== value) (copy ??= Object.assign(newTable(), table))[key] = resolved;
  }
  return copy ?? table;
}

/** Absolute form of a path as written. */
export function resolvePath(written: string, base: PathBase): string {
  if (written === '~') return base.home;
  if (written.startsWith('~/')) return path.join(base.home, written.slice(2));
  return path.resolve(base.folder, written);
}

function resolveValue(value: TomlValue, shape: Shape, base: PathBase): TomlValue {
  if (shape.kind === 'path') return typeof value === 'string' ? resolvePath(value, base) : value;
  if (shape.kind === 'table') return isTable(value) ? resolvePaths(value, shape, base) : value;
  if (shape.kind === 'list' && isList(value)) {
    const items = value.map((item) => resolveValue(item, shape.of, base));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (shape.kind === 'map' && isTable(value) && mayHoldPaths(shape.of)) {
    return Object.assign(
      newTable(),
      Object.fromEntries(Object.keys(value).map((key) => [key, resolveValue(value[key] as TomlValue, shape.of, base)])),
    );
  }
  return value;
}

const mayHoldPaths = (shape: Shape): boolean =>
  shape.kind === 'path' || shape.kind === 'table' || shape.kind === 'list';
