/** A plugin of a marketplace for clients: `PluginSummary` and `PluginDetail`. */
import type { PluginDetail, PluginInterface, PluginSummary } from '../../../schema/protocol/services/plugin.js';
import { isTable, tableAt, type TomlTable } from '../../config/toml/value.js';
import { hooksOf } from '../../hooks/discover/found-hooks.js';
import { isEnabled } from '../../skills/configured.js';
import { discoverSkills } from '../../skills/discover.js';
import { pluginId, pluginNameFault } from '../plugin-id.js';
import { declaredHooks } from '../plugin-hooks.js';
import { readManifest, type PluginManifest } from '../plugin-manifest.js';
import { installedVersion } from '../plugin-places.js';
import { declaredServers } from '../plugin-servers.js';
import { pluginSkillRoots } from '../plugin-skills.js';
import type { Marketplace, OfferedPlugin } from './market-file.js';

export interface PluginPlace {
  readonly codexHome: string;
  /** The effective configuration. */
  readonly table: TomlTable;
}

/** Null: its name is none. */
export function pluginSummary(
  market: Marketplace,
  offered: OfferedPlugin,
  { codexHome, table }: PluginPlace,
): PluginSummary | null {
  if (pluginNameFault(offered.name) !== null) return null;
  const id = pluginId(offered.name, market.name);
  const entry = tableAt(table, 'plugins')[id.id];
  const read = offered.source.type === 'local' ? readManifest(offered.source.path) : null;
  const installed = installedVersion(codexHome, id);
  const installedManifest = installed === null ? null : readManifest(installed.root);
  const manifest = manifestOf(read) ?? manifestOf(installedManifest);
  return {
    id: id.id,
    remotePluginId: null,
    version: null,
    localVersion: manifest?.version ?? null,
    name: offered.name,
    shareContext: null,
    source: offered.source,
    installed: installed !== null && isTable(entry),
    installedAt: null,
    enabled: isTable(entry) && entry.enabled !== false,
    installPolicy: offered.installation,
    installPolicySource: null,
    mustShowInstallationInterstitial: null,
    authPolicy: offered.authentication,
    availability: 'AVAILABLE',
    disabledReason: null,
    eligiblePlanTypes: null,
    interface: withCategory(manifest?.interface ?? null, offered.category),
    keywords: [...(manifest?.keywords ?? [])],
  };
}

const manifestOf = (read: ReturnType<typeof readManifest> | null): PluginManifest | null =>
  read !== null && 'manifest' in read ? read.manifest : null;

/** The marketplace's category counts, if it names one. */
const withCategory = (shown: PluginInterface | null, category: string | null): PluginInterface | null =>
  shown === null || category === null ? shown : { ...shown, category };

/** `root`: where its files are looked at; null: they are elsewhere. */
export function pluginDetail(
  market: Marketplace,
  summary: PluginSummary,
  manifest: PluginManifest | null,
  root: string | null,
  { table }: PluginPlace,
): PluginDetail {
  const own =
    root === null || manifest === null ? null : { id: summary.id, name: manifest.name ?? summary.name, root, manifest };
  return {
    marketplaceName: market.name,
    marketplacePath: market.file,
    summary,
    shareUrl: null,
    description: manifest?.description ?? elsewhereText(summary),
    skills: (own === null ? [] : discoverSkills(pluginSkillRoots([own])).skills).map((skill) => ({
      name: skill.name,
      description: skill.description,
      shortDescription: skill.shortDescription,
      interface: null,
      path: skill.path,
      enabled: isEnabled(skill, table),
    })),
    onboardingSkill: null,
    hooks: own === null ? [] : hookSummaries(own),
    apps: [],
    appTemplates: [],
    mcpServers: own === null ? [] : Object.keys(declaredServers(own.root, own.manifest).servers),
    scheduledTasks: null,
  };
}

function hookSummaries({ id, root, manifest }: { id: string; root: string; manifest: PluginManifest }) {
  return declaredHooks(root, manifest).files.flatMap(({ name, sourcePath, events }) =>
    hooksOf({
      source: 'plugin',
      sourcePath,
      isManaged: false,
      isRequired: false,
      events,
      plugin: { id, root, data: root, contentHash: '', keyPath: `${id}:${name}` },
    }).hooks.map(({ key, eventName }) => ({ key, eventName })),
  );
}

function elsewhereText({ source }: PluginSummary): string | null {
  switch (source.type) {
    case 'git':
      return `The files of this plugin are in a Git repository, ${source.url}. codexd shows more once it is installed.`;
    case 'npm':
      return `The files of this plugin are in an npm package, ${source.package}, which codexd does not install.`;
    default:
      return null;
  }
}
