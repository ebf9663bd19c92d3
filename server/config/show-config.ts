import { layerLabel } from './layers/layer.js';
import { originsOf } from './layers/merge.js';
import { configReadMessage, locateProblem } from './problem.js';
import { ConfigError } from './settings.js';
import { isList, isTable } from './toml/value.js';
import { renderInline, renderPath } from './write/render.js';
import type { LayerReference } from './layers/layer.js';
import type { ConfigSource } from './settings-source.js';
import type { TomlTable, TomlValue } from './toml/value.js';

/**
 * The effective configuration as text for people: one `key = value` a line, TOML; with `origins`, the layer that each
 * comes from behind it. Throws ConfigError when it cannot be used.
 */
export function showConfig(source: ConfigSource, options: { readonly cwd: string; readonly origins: boolean }): string {
  const { effective, problem } = source.resolve(options.cwd);
  if (problem !== null) {
    const { text, path } = locateProblem(effective, problem);
    throw new ConfigError(path === null ? configReadMessage(problem).trimEnd() : text);
  }
  const origins = options.origins ? originsOf(effective.layers) : null;
  const lines = leaves(effective.table, []).map(([path, value]) => {
    const line = `${renderPath(path)} = ${renderInline(value)}`;
    const origin = origins === null ? undefined : originOf(origins, path, value);
    return origin === undefined ? line : `${line}  # ${layerLabel(origin.name)}`;
  });
  return lines.map((line) => `${line}\n`).join('');
}

function leaves(table: TomlTable, path: readonly string[]): [readonly string[], TomlValue][] {
  return Object.keys(table).flatMap((key): [readonly string[], TomlValue][] => {
    const value = table[key] as TomlValue;
    const at = [...path, key];
    return isTable(value) && Object.keys(value).length > 0 ? leaves(value, at) : [[at, value]];
  });
}

/** A list has an origin for each element; they all come from one layer. */
function originOf(
  origins: Readonly<Record<string, LayerReference>>,
  path: readonly string[],
  value: TomlValue,
): LayerReference | undefined {
  const key = path.join('.');
  return origins[isList(value) && value.length > 0 ? `${key}.0` : key];
}
