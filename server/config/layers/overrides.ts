import { isTable, newTable } from '../toml/value.js';
import { parseTomlValue, TomlSyntaxError } from '../toml/parse-toml.js';
import { isKnownFeatureKey } from '../shape/features.js';
import { ConfigError } from '../../errors/config-error.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** What the command line says about configuration, as written (docs/protocol/config.md §3). */
export interface CommandLineConfig {
  /** Operands of `-c` and `--config`, in order. */
  readonly overrides: readonly string[];
  /** Operands of `--enable`. */
  readonly enable: readonly string[];
  /** Operands of `--disable`: they win over `--enable`, whatever the order. */
  readonly disable: readonly string[];
  /** `--profile`: `NAME.config.toml` lies over the user's config.toml; null or absent: none. */
  readonly profile?: string | null;
  /** `--ignore-user-config`: the user's config.toml does not count. */
  readonly ignoresUserFile?: boolean;
}

export const NO_OVERRIDES: CommandLineConfig = { overrides: [], enable: [], disable: [] };

/** The session-flags layer; null when the command line says nothing. Throws ConfigError with the text for stderr. */
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

/** `key.path=value`: the value is TOML, and where it is not, the text itself. Throws ConfigError. */
export function parseOverride(text: string): { readonly path: readonly string[]; readonly value: TomlValue } {
  const at = text.indexOf('=');
  if (at < 0) throw new ConfigError(`error parsing -c overrides: Invalid override (missing '='): ${text}`);
  const key = text.slice(0, at).trim();
  if (key === '') throw new ConfigError(`error parsing -c overrides: Empty key in override: ${text.trimStart()}`);
  return { path: splitKey(key), value: overrideValue(text.slice(at + 1).trim()) };
}

/**
 * Sets a value below a path: tables on the way are made, whatever else is on the way gives way, tables merge with
 * tables. A feature that is a table keeps its other keys when it is switched by a boolean.
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
  if (isTable(old) && isTable(value))
    for (const key of Object.keys(value)) setOverride(old, [key], value[key] as TomlValue);
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
 * Splits at dots; a segment in double quotes may hold dots (the reference splits inside the quotes,
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
