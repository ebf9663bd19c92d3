import { bareObject } from '../../system/node/objects.js';
import { isList, isTable, newTable } from '../toml/value.js';
import { layerReference } from './layer.js';
import type { Layer, LayerReference } from './layer.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** The effective content of active layers, lowest first: tables are merged key by key, other values are replaced. */
export function mergeLayers(layers: readonly Layer[]): TomlTable {
  let merged = newTable();
  for (const layer of layers) if (layer.disabledReason === null) merged = mergeTables(merged, layer.table, 0);
  return merged;
}

/** Merges two tables into a new one; neither argument is changed. */
export function mergeTables(lower: TomlTable, higher: TomlTable, depth = 0, inFeatures = false): TomlTable {
  const merged = Object.assign(newTable(), lower);
  for (const [key, above] of Object.entries(higher)) {
    const below = merged[key];
    merged[key] =
      below === undefined ? above : mergeValues(below, above, depth + 1, inFeatures, depth === 0 && key === 'features');
  }
  return merged;
}

/**
 * A feature may be a switch in one layer and a table in another: the switch becomes `enabled` of the table
 * (docs/protocol/config.md §3).
 */
function mergeValues(
  below: TomlValue,
  above: TomlValue,
  depth: number,
  isFeature: boolean,
  holdsFeatures: boolean,
): TomlValue {
  if (isTable(below) && isTable(above)) return mergeTables(below, above, depth, holdsFeatures);
  if (isFeature && typeof below === 'boolean' && isTable(above)) {
    return Object.assign(newTable(), { enabled: below }, above);
  }
  if (isFeature && isTable(below) && typeof above === 'boolean') {
    return Object.assign(newTable(), below, { enabled: above });
  }
  return above;
}

/**
 * The layer of each effective value, by dotted path: names are not quoted, an element of a list has an index. A list
 * replaces the lists of lower layers as a whole, so their elements have no origin.
 */
export function originsOf(layers: readonly Layer[]): Record<string, LayerReference> {
  const active = layers.filter((layer) => layer.disabledReason === null).reverse();
  const origins = bareObject<LayerReference>();
  collect(
    active.map((layer) => ({ table: layer.table, origin: layerReference(layer) })),
    '',
    origins,
  );
  return origins;
}

interface Source {
  readonly table: TomlTable;
  readonly origin: LayerReference;
}

/** `sources`: the tables that are merged at this path, highest first. */
function collect(sources: readonly Source[], prefix: string, origins: Record<string, LayerReference>): void {
  const keys = new Set(sources.flatMap((source) => Object.keys(source.table)));
  for (const key of keys) {
    const path = prefix + key;
    const tables: Source[] = [];
    for (const { table, origin } of sources) {
      const value = table[key];
      if (value === undefined) continue;
      if (!isTable(value)) {
        // It hides the tables of lower layers; tables of higher ones have replaced it.
        if (tables.length === 0) leaves(value, path, origin, origins);
        break;
      }
      tables.push({ table: value, origin });
    }
    collect(tables, `${path}.`, origins);
  }
}

function leaves(value: TomlValue, path: string, origin: LayerReference, origins: Record<string, LayerReference>): void {
  if (isList(value)) value.forEach((item, index) => leaves(item, `${path}.${index}`, origin, origins));
  else if (isTable(value)) {
    for (const [key, item] of Object.entries(value)) leaves(item, `${path}.${key}`, origin, origins);
  } else origins[path] = origin;
}
