import { bareObject } from '../../system/node/objects.js';
import { isList, isTable, newTable, toJson } from '../toml/value.js';
import { checkValue } from './check.js';
import { entriesOf, isForeignEntry } from './foreign-entries.js';
import type { Shape, TableShape } from './toml-shape.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/**
 * A table in the form of config/read: every field of the shape, fields that are not set with their default or null, no
 * unknown keys (docs/protocol/config.md §2). The values are not changed, so `normalizeTable` must come first. The table
 * must have passed `checkTable`.
 */
export function showTable(table: TomlTable, shape: TableShape): Record<string, unknown> {
  const shown = bareObject<unknown>();
  for (const [key, field] of Object.entries(shape.fields)) {
    const value = table[key];
    if (field.kind === 'refused' || field.kind === 'hidden') continue;
    if (value !== undefined) shown[key] = showValue(value, field);
    else if (!shape.sparse || field.fallback !== undefined) shown[key] = unset(field);
  }
  for (const [key, value] of Object.entries(shape.derive?.(table) ?? {})) shown[key] ??= value;
  if (shape.rest !== null) {
    for (const [key, value] of Object.entries(table)) {
      if (Object.hasOwn(shape.fields, key) || isForeignEntry(value, key, shape)) continue;
      shown[key] = showValue(value, shape.rest);
    }
  }
  return shown;
}

function showMap(table: TomlTable, shape: Extract<Shape, { kind: 'map' }>): Record<string, unknown> {
  const shown = bareObject<unknown>();
  for (const [key, value] of Object.entries(table)) {
    if (!isForeignEntry(value, key, entriesOf(shape))) shown[key] = showValue(value, shape.of);
  }
  return shown;
}

function showValue(value: TomlValue, shape: Shape): unknown {
  switch (shape.kind) {
    case 'list':
      return isList(value) ? value.map((item) => showValue(item, shape.of)) : toJson(value);
    case 'map':
      return isTable(value) ? showMap(value, shape) : toJson(value);
    case 'table':
      return isTable(value) ? showTable(value, shape) : toJson(value);
    case 'union': {
      const form = shape.forms.find((candidate) => checkValue(value, candidate) === null);
      return form === undefined ? toJson(value) : showValue(value, form);
    }
    case 'variants': {
      if (!isTable(value)) return toJson(value);
      return mapTable(value, (item, key) => {
        const variant = shape.tables[key];
        return variant === undefined ? toJson(item) : showValue(item, variant);
      });
    }
    case 'tagged': {
      if (!isTable(value)) return toJson(value);
      const tag = value[shape.tag];
      const variant = typeof tag === 'string' ? shape.variants[tag] : undefined;
      return variant === undefined ? toJson(value) : { [shape.tag]: tag, ...showTable(value, variant) };
    }
    default:
      return toJson(value);
  }
}

function unset(shape: Shape): unknown {
  if (shape.fallback === undefined) return null;
  if (shape.kind !== 'table') return shape.fallback;
  return Object.assign(showTable(newTable(), shape), shape.fallback);
}

function mapTable(table: TomlTable, show: (value: TomlValue, key: string) => unknown): Record<string, unknown> {
  const shown = bareObject<unknown>();
  for (const [key, value] of Object.entries(table)) shown[key] = show(value, key);
  return shown;
}
