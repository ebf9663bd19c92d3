import { layerReference } from '../layers/layer.js';
import { loadLayers } from '../layers/load-layers.js';
import { mergeTables } from '../layers/merge.js';
import { configShape } from '../shape/config-shape.js';
import { redactedTable } from '../shape/redact.js';
import { isTable, sameValue, toJson, valueAt } from '../toml/value.js';
import type { Layer, LayerReference } from '../layers/layer.js';
import type { ConfigService } from '../settings/config-service.js';
import type { TomlTable } from '../toml/value.js';

export interface Overridden {
  readonly message: string;
  readonly overridingLayer: LayerReference;
  readonly effectiveValue: unknown;
}

/**
 * The first written path with another effective value, because a higher layer (session flags, the managed file) sets
 * it; null: all written values are effective (docs/protocol/config.md §5). Lower layers and projects are ignored.
 */
export function overriddenBy(
  source: ConfigService,
  user: TomlTable,
  paths: readonly (readonly string[])[],
): Overridden | null {
  const higher = loadLayers(source.sources).filter(({ name }) => name.type !== 'user' && name.type !== 'system');
  if (higher.length === 0) return null;
  let effective = user;
  for (const layer of higher) effective = mergeTables(effective, layer.table);
  for (const path of paths) {
    const written = valueAt(user, path);
    const value = valueAt(effective, path);
    const shown = valueAt(redactedTable(effective, configShape(), 'wire'), path);
    if (value === undefined || (written !== undefined && sameValue(written, value))) continue;
    const layer = [...higher].reverse().find((candidate) => speaksOf(candidate, path));
    if (layer === undefined) continue;
    return { message: message(layer), overridingLayer: layerReference(layer), effectiveValue: toJson(shown ?? value) };
  }
  return null;
}

/** Whether a layer has a value at the path, below it, or instead of a table on the path. */
function speaksOf(layer: Layer, path: readonly string[]): boolean {
  let at: TomlTable = layer.table;
  for (const key of path) {
    const next = at[key];
    if (next === undefined) return false;
    if (!isTable(next)) return true;
    at = next;
  }
  return true;
}

function message({ name }: Layer): string {
  return name.type === 'legacyManagedConfigTomlFromFile'
    ? `Overridden by legacy managed_config.toml: ${name.file}`
    : 'Overridden by session flags';
}
