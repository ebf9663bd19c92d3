/** Where plugins lie in the Codex home (docs/protocol/services.md §10 "Places"), shared with the official program. */
import fs from 'node:fs';
import path from 'node:path';
import { listFolder } from '../system/files/path-bytes.js';
import { LOCAL_VERSION, versionFault, type PluginId } from './plugin-id.js';

export const pluginsFolder = (codexHome: string): string => path.join(codexHome, 'plugins');

/** Has one folder for each version, of which one counts. */
export const versionsFolder = (codexHome: string, { marketplace, name }: PluginId): string =>
  path.join(pluginsFolder(codexHome), 'cache', marketplace, name);

/** For what a plugin keeps. Nobody removes it with the plugin. */
export const dataFolder = (codexHome: string, { marketplace, name }: PluginId): string =>
  path.join(pluginsFolder(codexHome), 'data', `${name}-${marketplace}`);

/** Where the files of Git marketplaces are. */
export const marketplacesFolder = (codexHome: string): string => path.join(codexHome, '.tmp', 'marketplaces');

/** A marketplace under such a name is about to be replaced. */
export const OLD_MARKET = '.codexd-old-';

/** Where the files of a Git marketplace are: under its second name, while it has only that one. */
export function marketFolder(codexHome: string, name: string): string {
  const folder = marketplacesFolder(codexHome);
  const [root, old] = [path.join(folder, name), path.join(folder, OLD_MARKET + name)];
  return !fs.existsSync(root) && fs.existsSync(old) ? old : root;
}

/** A version under this name is about to be replaced. It counts as long as there is no other one. */
export const REPLACED = '+replaced';

export interface InstalledVersion {
  readonly version: string;
  readonly root: string;
}

/** The version that counts: `local`, otherwise the highest. Null: the plugin is not installed. */
export function installedVersion(codexHome: string, id: PluginId): InstalledVersion | null {
  const folder = versionsFolder(codexHome, id);
  const names = versionsIn(folder);
  const whole = names.filter((name) => !name.endsWith(REPLACED));
  const [first] = (whole.length > 0 ? whole : names).sort((a, b) => compareVersions(b, a));
  if (first === undefined) return null;
  const version = first.endsWith(REPLACED) ? first.slice(0, -REPLACED.length) : first;
  return { version, root: path.join(folder, first) };
}

/** The names of the folders of versions. */
export function versionsIn(folder: string): string[] {
  try {
    return listFolder(folder).flatMap(({ name, kind }) =>
      kind === 'folder' && versionFault(name) === null ? [name] : [],
    );
  } catch {
    return []; // Missing, or not readable: there is no plugin.
  }
}

/** Parts that are numbers count as numbers; `local` is above all. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(/[.+_-]/));
  if ((a === LOCAL_VERSION) !== (b === LOCAL_VERSION)) return a === LOCAL_VERSION ? 1 : -1;
  for (let at = 0; at < Math.max(left!.length, right!.length); at++) {
    const [one, other] = [left![at] ?? '', right![at] ?? ''];
    if (one === other) continue;
    const [numberOne, numberOther] = [Number(one || NaN), Number(other || NaN)];
    if (Number.isNaN(numberOne) || Number.isNaN(numberOther)) return one < other ? -1 : 1;
    if (numberOne !== numberOther) return numberOne - numberOther;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}
