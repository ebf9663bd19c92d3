/**
 * plugin/install and plugin/uninstall (docs/protocol/services.md §10 "Installation"). Nothing of a plugin runs here.
 */
import path from 'node:path';
import type { ConfigService } from '../../config/settings/config-service.js';
import { isTable, tableAt } from '../../config/toml/value.js';
import { writeConfig } from '../../config/write/write-config.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { requirementsOnPlugins } from '../active-plugins.js';
import { folderInside } from '../inside.js';
import { LOCAL_VERSION, pluginId, versionFault, type PluginId } from '../plugin-id.js';
import { readManifest } from '../plugin-manifest.js';
import type { FoundPlugin } from '../market/find-plugin.js';
import { copyPlugin } from './copy-plugin.js';
import { cloneInto } from './git-clone.js';
import { activateVersion, removeVersions, withPluginLock, withStaging } from './plugin-store.js';

export interface Installed extends PluginId {
  readonly version: string;
  /** Where its files are now. */
  readonly root: string;
}

/** The files first, then the configuration: what is switched on is there. Throws RpcError. */
export async function installPlugin(source: ConfigService, found: FoundPlugin): Promise<Installed> {
  const { market, offered } = found;
  refuseManaged(source);
  if (offered.installation === 'NOT_AVAILABLE')
    throw invalidRequest(`plugin \`${offered.name}\` is not available for install in marketplace \`${market.name}\``);
  const id = pluginId(offered.name, market.name);
  const { codexHome } = source.sources;
  const installed = await withStaging(codexHome, async (staging) => {
    const staged = path.join(staging, 'plugin');
    await copyPlugin(await sourceFolder(found, staging), staged);
    const version = versionOf(staged, offered.name);
    const root = await withPluginLock(codexHome, () => activateVersion(codexHome, id, version, staged));
    return { version, root };
  });
  const entry = tableAt(tableAt(source.resolve().effective.table, 'plugins'), id.id);
  if (entry.enabled !== true) await switchPlugin(source, id, true);
  return { ...id, ...installed };
}

/** The configuration first, then the files: nothing is switched on that is gone. Throws RpcError. */
export async function uninstallPlugin(source: ConfigService, id: PluginId): Promise<void> {
  const { effective } = source.resolve();
  const user = effective.layers.find(({ name }) => name.type === 'user');
  if (user !== undefined && isTable(tableAt(user.table, 'plugins')[id.id])) await switchPlugin(source, id, null);
  const { codexHome } = source.sources;
  await withPluginLock(codexHome, () => removeVersions(codexHome, id));
}

/** Throws RpcError where an administrator speaks of plugins, whose rules codexd cannot compare. */
export function refuseManaged(source: ConfigService): void {
  if (requirementsOnPlugins(source.resolve()))
    throw invalidRequest(
      'the requirements of this machine speak of plugins or marketplaces, and codexd cannot enforce what they say: it adds and loads none',
    );
}

/** Null removes the entry. */
async function switchPlugin(source: ConfigService, { id }: PluginId, enabled: boolean | null): Promise<void> {
  // The characters of an id need no escape.
  const keyPath = enabled === null ? `plugins."${id}"` : `plugins."${id}".enabled`;
  await writeConfig(source, {
    edits: [{ keyPath, value: enabled, mergeStrategy: 'replace' }],
    filePath: null,
    expectedVersion: null,
  });
}

async function sourceFolder({ market, offered }: FoundPlugin, staging: string): Promise<string> {
  const { source, name } = offered;
  if (source.type === 'local') {
    const folder = folderInside(market.root, `./${path.relative(market.root, source.path)}`);
    if (folder === null) throw invalidRequest('missing plugin.json');
    return folder;
  }
  if (source.type !== 'git')
    throw invalidRequest(
      `plugin \`${name}\` is an npm package, and codexd installs plugins from folders and Git repositories only: download it, and add a marketplace with its folder`,
    );
  const { url, refName, sha, path: below } = source;
  const clone = path.join(staging, 'clone');
  await cloneInto(clone, { url, ref: sha ?? refName, sparsePaths: [] });
  const folder = folderInside(clone, below === null || below === '' ? '.' : below);
  if (folder === null) throw invalidRequest(`the repository ${url} has no folder \`${below}\``);
  return folder;
}

/** Of files that nobody changes any more. */
function versionOf(staged: string, name: string): string {
  const read = readManifest(staged);
  if ('missing' in read) throw invalidRequest('missing plugin.json');
  if ('fault' in read) throw invalidRequest(read.fault);
  const { manifest } = read;
  if (manifest.name !== null && manifest.name !== name)
    throw invalidRequest(`plugin.json name \`${manifest.name}\` does not match marketplace plugin name \`${name}\``);
  const version = manifest.version ?? LOCAL_VERSION;
  const fault = versionFault(version);
  if (fault !== null) throw invalidRequest(fault);
  return version;
}
