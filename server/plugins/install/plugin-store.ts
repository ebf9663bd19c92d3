/**
 * Puts versions of plugins into the Codex home, and takes them out (docs/protocol/services.md §10 "Places").
 *
 * Rule: a version is whole at every moment, whenever the daemon is killed. It is made in a folder of its own and then
 * renamed. One that is replaced keeps a name under which both programs still find it (REPLACED) until the new one has
 * its name. One daemon at a time changes the folder of plugins.
 */
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { makeFolderForUser } from '../../system/files/private-files.js';
import { syncFolder } from '../../system/files/sync.js';
import { withFileLock } from '../../system/files/with-file-lock.js';
import type { PluginId } from '../plugin-id.js';
import { pluginsFolder, REPLACED, versionsFolder, versionsIn } from '../plugin-places.js';

/** Runs `work` alone on this machine. Throws `machine.contended` when another daemon is busy for ten seconds. */
export async function withPluginLock<T>(codexHome: string, work: () => Promise<T>): Promise<T> {
  const folder = pluginsFolder(codexHome);
  makeFolderForUser(folder);
  return withFileLock(path.join(folder, '.codexd.lock'), work);
}

/**
 * A new folder on the file system of the plugins, which is removed after `work`. What earlier daemons left there is
 * removed by the next one, when nobody else holds the lock.
 */
export async function withStaging<T>(codexHome: string, work: (folder: string) => Promise<T>): Promise<T> {
  const all = path.join(pluginsFolder(codexHome), '.codexd-staging');
  makeFolderForUser(all);
  await removeAbandoned(all);
  const folder = path.join(all, randomUUID());
  makeFolderForUser(folder);
  try {
    return await work(folder);
  } finally {
    await fs.promises.rm(folder, { recursive: true, force: true });
  }
}

/** Longer than any installation takes, in milliseconds. */
const ABANDONED_MS = 60 * 60 * 1000;

async function removeAbandoned(all: string): Promise<void> {
  for (const name of await fs.promises.readdir(all)) {
    const place = path.join(all, name);
    const stat = await fs.promises.stat(place).catch(() => null);
    if (stat !== null && Date.now() - stat.mtimeMs > ABANDONED_MS)
      await fs.promises.rm(place, { recursive: true, force: true });
  }
}

/** Call it with the lock. The version is then the only one of the plugin. `staged`: on the same file system. */
export async function activateVersion(
  codexHome: string,
  id: PluginId,
  version: string,
  staged: string,
): Promise<string> {
  const folder = versionsFolder(codexHome, id);
  makeFolderForUser(folder);
  const root = path.join(folder, version);
  const replaced = root + REPLACED;
  if (fs.existsSync(root)) {
    await fs.promises.rm(replaced, { recursive: true, force: true });
    await fs.promises.rename(root, replaced);
  }
  await fs.promises.rename(staged, root);
  await syncFolder(folder);
  for (const other of versionsIn(folder)) {
    if (other !== version) await removeTree(codexHome, path.join(folder, other));
  }
  return root;
}

/** Call it with the lock. A plugin that is not there is fine. */
export async function removeVersions(codexHome: string, id: PluginId): Promise<void> {
  const folder = versionsFolder(codexHome, id);
  await removeTree(codexHome, folder);
  // The marketplace's own folder goes with its last plugin.
  await fs.promises.rmdir(path.dirname(folder)).catch(() => undefined);
}

/** Renames it first: nobody sees half of it. */
async function removeTree(codexHome: string, place: string): Promise<void> {
  if (!fs.existsSync(place)) return;
  await withStaging(codexHome, async (staging) => {
    await fs.promises.rename(place, path.join(staging, 'removed'));
    await syncFolder(path.dirname(place));
  });
}
