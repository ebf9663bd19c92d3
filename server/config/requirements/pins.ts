/**
 * Keys of config.toml that the requirements pin: the pinned value has precedence over the layers, the command line and
 * the configuration of a thread.
 */
import { jsonText } from '../../system/node/json-text.js';
import { BUILT_IN_PROVIDERS } from '../shape/semantic-checks.js';
import { isTable, newTable, tableAt, toJson } from '../toml/value.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** Keys with a single value. */
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
/** Tables that are replaced as a whole, so that they contain nothing of the user's section. */
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
  // A managed provider replaces the user's provider of the same name; their keys are not merged.
  if (isTable(providers))
    result.model_providers = Object.assign(newTable(), tableAt(result, 'model_providers'), providers);
  if (typeof provider === 'string' && BUILT_IN_PROVIDERS.includes(provider)) {
    // A required built-in provider must not be changed by the user.
    if (!isTable(providers) || providers[provider] === undefined) {
      const others = Object.assign(newTable(), tableAt(result, 'model_providers'));
      delete others[provider];
      result.model_providers = others;
    }
    delete result.openai_base_url;
  }
  return result;
}

/** One sentence for each configured value that a pinned value replaces. */
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
