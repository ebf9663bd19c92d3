import { isTable, newTable } from '../toml/value.js';
import { parseTomlValue, TomlSyntaxError } from '../toml/parse-toml.js';
import { isKnownFeatureKey } from '../shape/features.js';
import { ConfigError } from '../../errors/config-error.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** The configuration options of the command line, as written (docs/protocol/config.md §3). */
export interface CommandLineConfig {
  /** Operands of `-c` and `--config`, in order. */
  readonly overrides: readonly string[];
  /** Operands of `--enable`. */
  readonly enable: readonly string[];
  /** Operands of `--disable`: they have precedence over `--enable` in any order. */
  readonly disable: readonly string[];
  /** `--profile`: `NAME.config.toml` overrides the user's config.toml; null or absent: no profile. */
  readonly profile?: string | null;
  /** `--ignore-user-config`: the user's config.toml is ignored. */
  readonly ignoresUserFile?: boolean;
}

export const NO_OVERRIDES: CommandLineConfig = { overrides: [], enable: [], disable: [] };

/** The session-flags layer; null: no option is given. Throws ConfigError with the text for stderr. */
export function sessionFlags(line: CommandLineConfig): TomlTable | null {
  if (line.overrides.length + line.enable.length + line.disable.length === 0) return null;
  const table = newTable();
  for (const override of line.overrides) {
    const { path, value } = parseOverride(override);
    setOverride(table, path, value);
  }
  for (const [names, on] of [
    [line.enable, true],
    [line.disable, false],
  ] as const) {
    for (const name of names) {
      if (!isKnownFeatureKey(name)) throw new ConfigError(`Unknown feature flag: ${name}`);
      setOverride(table, ['features', name], on);
    }
  }
  return table;
}

/** `key.path=value`: the value is TOML; a text that is not TOML is a string. Throws ConfigError. */
export function parseOverride(text: string): { readonly path: readonly string[]; readonly value: TomlValue } {
  const at = text.indexOf('=');
  if (at < 0) throw new ConfigError(`error parsing -c overrides: Invalid override (missing '='): ${text}`);
  const key = text.slice(0, at).trim();
  if (key === '') throw new ConfigError(`error parsing -c overrides: Empty key in override: ${text.trimStart()}`);
  return { path: splitKey(key), value: overrideValue(text.slice(at + 1).trim()) };
}

/**
 * Sets the value at a path. Missing tables on the path are made, other values on the path are replaced, and a table is
 * merged into a table. A boolean for a feature that is a table sets `enabled` and keeps the other keys.
 */
export function setOverride(table: TomlTable, path: readonly string[], value: TomlValue): void {
  let at = table;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    const child = isTable(next) ? next : featureTable(at, key, table, next);
    at[key] = child;
    at = child;
  }
  const last = path.at(-1) ?? '';
  const old = at[last];
  if (isTable(old) && isTable(value)) for (const [name, item] of Object.entries(value)) setOverride(old, [name], item);
  else if (isTable(old) && typeof value === 'boolean' && at === table.features) old.enabled = value;
  else at[last] = value;
}

/** `features.x = true` followed by `features.x.option = …` stays enabled. */
function featureTable(parent: TomlTable, _key: string, root: TomlTable, old: TomlValue | undefined): TomlTable {
  const child = newTable();
  if (parent === root.features && typeof old === 'boolean') child.enabled = old;
  return child;
}

/**
 * Splits a key at dots; a segment in double quotes may contain dots (the reference splits inside the quotes,
 * docs/protocol/config.md §3).
 */
function splitKey(key: string): string[] {
  const segments: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"(?=\.|$)|[^.]*/y;
  for (;;) {
    const match = pattern.exec(key);
    const quoted = match?.[1];
    segments.push(quoted === undefined ? (match?.[0] ?? '') : quoted.replace(/\\(.)/g, '$1'));
    if (key[pattern.lastIndex] !== '.') return segments;
    pattern.lastIndex += 1;
  }
}

function overrideValue(text: string): TomlValue {
  try {
    return parseTomlValue(text);
  } catch (error) {
    if (error instanceof TomlSyntaxError) return text;
    throw error;
  }
}
