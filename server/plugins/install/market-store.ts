/**
 * The files of Git marketplaces in the Codex home, where the official program has them, too.
 *
 * Rule: at every moment the old files or the new ones are there. A marketplace that is replaced keeps a second name
 * until the new one has its name; `restoreMarket` gives the name back if the daemon was killed between.
 */
import fs from 'node:fs';
import path from 'node:path';
import { makeFolderForUser } from '../../system/files/private-files.js';
import { syncFolder } from '../../system/files/sync.js';
import { marketplacesFolder, OLD_MARKET as OLD } from '../plugin-places.js';
import { withPluginLock } from './plugin-store.js';

/** The folder where the files are now. `staged`: a clone, on the same file system. */
export function placeMarket(codexHome: string, name: string, staged: string): Promise<string> {
  const folder = marketplacesFolder(codexHome);
  return withPluginLock(codexHome, async () => {
    makeFolderForUser(folder);
    restoreMarket(codexHome, name);
    const root = path.join(folder, name);
    const old = path.join(folder, OLD + name);
    if (fs.existsSync(root)) await fs.promises.rename(root, old);
    await fs.promises.rename(staged, root);
    await syncFolder(folder);
    await fs.promises.rm(old, { recursive: true, force: true });
    return root;
  });
}

/** The folder that was removed; null: there was none. */
export function removeMarket(codexHome: string, name: string): Promise<string | null> {
  const root = path.join(marketplacesFolder(codexHome), name);
  return withPluginLock(codexHome, async () => {
    restoreMarket(codexHome, name);
    if (!fs.existsSync(root)) return null;
    await fs.promises.rm(root, { recursive: true, force: true });
    return root;
  });
}

/** After a kill between two names. Call it with the lock. */
function restoreMarket(codexHome: string, name: string): void {
  const folder = marketplacesFolder(codexHome);
  const [root, old] = [path.join(folder, name), path.join(folder, OLD + name)];
  if (!fs.existsSync(old)) return;
  if (fs.existsSync(root)) fs.rmSync(old, { recursive: true, force: true });
  else fs.renameSync(old, root);
}
