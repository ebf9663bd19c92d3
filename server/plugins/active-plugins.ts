/**
 * The plugins that a configuration switches on and that are installed (docs/protocol/services.md §10 "Active
 * plugins").
 *
 * Threat: a plugin is loaded that the administrator has spoken against, or without its person's wish. Rule: only an
 * entry `[plugins."ID"]` that is not off loads a plugin; being installed is not enough. Where the requirements speak
 * of plugins or marketplaces, which codexd cannot compare, no plugin is loaded. Scope: skills, servers and hooks of
 * plugins.
 * Non-scope: whether a hook may run (hooks/discover/hook-trust.ts), and which servers the administrator allows.
 */
import path from 'node:path';
import { featureOn } from '../config/shape/features.js';
import type { ResolvedConfig } from '../config/settings/resolved-config.js';
import { isTable, tableAt, type TomlTable } from '../config/toml/value.js';
import { ConfigError } from '../errors/config-error.js';
import { readManifest, type PluginManifest } from './plugin-manifest.js';
import { readPluginId, type PluginId } from './plugin-id.js';
import { dataFolder, installedVersion } from './plugin-places.js';

export interface ActivePlugin extends PluginId {
  readonly version: string;
  /** Its files. Absolute. */
  readonly root: string;
  /** For what it keeps. Absolute; it need not exist. */
  readonly data: string;
  readonly manifest: PluginManifest;
  /** `[plugins."ID".mcp_servers]`. */
  readonly servers: TomlTable;
}

type Config = Pick<ResolvedConfig, 'effective' | 'requirements' | 'problem'>;

/** By id. `except`: ids that the thread does without. Never throws. */
export function activePlugins(config: Config, except: readonly string[] = []): readonly ActivePlugin[] {
  return wantedPlugins(config).flatMap((wanted) => ('fault' in wanted || except.includes(wanted.id) ? [] : [wanted]));
}

/** Why plugins that are switched on are not loaded, one sentence each. Never throws. */
export function missingPlugins(config: Config): readonly string[] {
  return wantedPlugins(config).flatMap((wanted) =>
    'fault' in wanted ? [`the plugin \`${wanted.key}\` is not loaded: ${wanted.fault}`] : [],
  );
}

/** Those that are switched on. */
function wantedPlugins(config: Config): readonly (ActivePlugin | { readonly key: string; readonly fault: string })[] {
  const codexHome = codexHomeOf(config);
  if (codexHome === null || config.problem !== null || !pluginsOn(config)) return [];
  return Object.entries(tableAt(config.effective.table, 'plugins'))
    .filter(([, entry]) => !isTable(entry) || entry.enabled !== false)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, entry]) => {
      const read = isTable(entry) ? wantedPlugin(codexHome, key, entry) : { fault: 'its entry is not a table' };
      return 'fault' in read ? { key, fault: read.fault } : read;
    });
}

function wantedPlugin(codexHome: string, key: string, entry: TomlTable): ActivePlugin | { readonly fault: string } {
  const id = readPluginId(key);
  if (id === null) return { fault: 'its name is not `PLUGIN@MARKETPLACE`' };
  const installed = installedVersion(codexHome, id);
  if (installed === null) return { fault: 'it is not installed' };
  const read = readManifest(installed.root);
  if ('missing' in read) return { fault: 'its plugin.json is missing' };
  if ('fault' in read) return read;
  const servers = tableAt(entry, 'mcp_servers');
  return { ...id, ...installed, data: dataFolder(codexHome, id), manifest: read.manifest, servers };
}

/** Whether plugins are loaded at all. */
export function pluginsOn(config: Pick<Config, 'effective' | 'requirements'>): boolean {
  const { requirements } = config;
  if (requirements instanceof ConfigError || requirementsOnPlugins(config)) return false;
  return requirements.features?.plugins ?? featureOn(config.effective.table, 'plugins');
}

/** Whether an administrator speaks of plugins or marketplaces. */
export function requirementsOnPlugins({ requirements }: Pick<Config, 'requirements'>): boolean {
  if (requirements instanceof ConfigError) return true;
  const { plugins, marketplaces } = requirements.table;
  return plugins !== undefined || marketplaces !== undefined;
}

/** The folder of the user's file; null: there is no such layer. */
function codexHomeOf({ effective }: Pick<Config, 'effective'>): string | null {
  for (const { name } of effective.layers) if (name.type === 'user') return path.dirname(name.file);
  return null;
}
