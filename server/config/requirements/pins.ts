/**
 * Keys of config.toml that the requirements pin: their value counts whatever the layers, the command line, or a
 * thread's own configuration say.
 */
import { jsonText } from '../../system/node/json-text.js';
import { BUILT_IN_PROVIDERS } from '../shape/semantic-checks.js';
import { isTable, newTable, tableAt, toJson } from '../toml/value.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** Replaced as a whole. */
const VALUES = [
  'model_provider',
  'model_catalog_json',
  'allow_login_shell',
  'cli_auth_credentials_store',
  'chatgpt_base_url',
  'sqlite_home',
  'log_dir',
  'check_for_update_on_startup',
] as const;
/** Tables, replaced as a whole, too: half of a user's section is not what an administrator wrote. */
const TABLES = ['feedback', 'otel'] as const;

export const PINNED_KEYS: readonly string[] = [...VALUES, ...TABLES, 'model_providers'];

/** `table`: effective content of config.toml. `requirements`: requirements.toml. Nothing pinned: returns `table`. */
export function pinned(table: TomlTable, requirements: TomlTable): TomlTable {
  if (!PINNED_KEYS.some((key) => requirements[key] !== undefined)) return table;
  const result = Object.assign(newTable(), table);
  for (const key of [...VALUES, ...TABLES]) {
    const value = requirements[key];
    if (value !== undefined) result[key] = value;
  }
  const { model_provider: provider, model_providers: providers } = requirements;
  // An administrator's provider is theirs alone: no key of a user's table of that name is mixed into it.
  if (isTable(providers))
    result.model_providers = Object.assign(newTable(), tableAt(result, 'model_providers'), providers);
  if (typeof provider === 'string' && BUILT_IN_PROVIDERS.includes(provider)) {
    // A built-in provider that is demanded is the one it is built in as.
    if (!isTable(providers) || providers[provider] === undefined) {
      const others = Object.assign(newTable(), tableAt(result, 'model_providers'));
      delete others[provider];
      result.model_providers = others;
    }
    delete result.openai_base_url;
  }
  return result;
}

/** One sentence for each configured value that another one was pinned over. */
export function overriddenWarnings(table: TomlTable, requirements: TomlTable, source: string): string[] {
  const shown = (value: TomlValue | undefined): string =>
    jsonText(value === undefined ? null : toJson(value)) ?? 'null';
  const differs = (key: string): boolean =>
    table[key] !== undefined && requirements[key] !== undefined && shown(table[key]) !== shown(requirements[key]);
  return [
    ...VALUES.filter(differs)
      .sort()
      .map(
        (key) =>
          `Configured value for \`${key}\` is overridden by the required value ${shown(requirements[key])} from ${source}.`,
      ),
    ...TABLES.filter(differs).map(
      (key) => `Configured values under \`${key}\` are overridden by requirements from ${source}.`,
    ),
  ];
}
