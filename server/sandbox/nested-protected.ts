/**
 * Finds protected names below the top of a workspace: nested repositories, submodules, configuration of sub-projects.
 *
 * Bounded, because it stands before every command: MAX_FOLDERS folders, nearest first, MAX_DEPTH levels deep, not into
 * folders that tools fill. What was found is kept and looked at again only in folders whose modification time has
 * changed, which every creation, removal and renaming in them does. Beyond the bounds nested names are not protected.
 */
import fs from 'node:fs';
import path from 'node:path';
import { PROTECTED_NAMES } from './protected-paths.js';

export interface NestedScan {
  /** Absolute paths, without those at the top of `root`. `root` has no links in it. */
  readonly paths: readonly string[];
  /** Some folders were not looked at. */
  readonly incomplete: boolean;
}

const MAX_FOLDERS = 512;
const MAX_DEPTH = 5;
/** Filled by package managers and build tools, with thousands of folders and no repositories that people work in. */
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.venv', 'venv', '__pycache__', '.cache', '.tox']);
const PROTECTED: ReadonlySet<string> = new Set(PROTECTED_NAMES);

/** A scanner that remembers. One a sandbox. */
export function createNestedScanner(): (root: string) => NestedScan {
  const folders = new Map<string, Folder>();
  return (root) => {
    const paths: string[] = [];
    const kept = new Set<string>();
    let level = [root];
    let incomplete = false;
    for (let depth = 0; level.length > 0; depth++) {
      const next: string[] = [];
      for (const place of level) {
        if (kept.size === MAX_FOLDERS) {
          incomplete = true;
          break;
        }
        const folder = lookAt(place, folders.get(place));
        if (!folder) continue;
        folders.set(place, folder);
        kept.add(place);
        if (depth > 0) for (const name of folder.found) paths.push(path.join(place, name));
        for (const name of folder.below) next.push(path.join(place, name));
      }
      const stop = depth === MAX_DEPTH || kept.size === MAX_FOLDERS;
      if (stop && next.length > 0) incomplete = true;
      level = stop ? [] : next;
    }
    forget(folders, kept, root);
    return { paths, incomplete };
  };
}

interface Folder {
  /** Of the folder, in ms; with `inode` tells whether what follows still holds. */
  readonly modified: number;
  readonly inode: number;
  /** Protected names in it. */
  readonly found: readonly string[];
  /** Folders in it to look into. */
  readonly below: readonly string[];
}

/** Two changes within one tick of the kernel's clock (at most 10 ms) leave the same modification time. */
const CLOCK_TICK_MS = 20;

function lookAt(place: string, known: Folder | undefined): Folder | null {
  try {
    const stat = fs.statSync(place);
    if (known && known.modified === stat.mtimeMs && known.inode === stat.ino) return known;
    const found: string[] = [];
    const below: string[] = [];
    for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
      if (PROTECTED.has(entry.name)) found.push(entry.name);
      else if (entry.isDirectory() && !SKIPPED.has(entry.name)) below.push(entry.name);
    }
    const settled = Date.now() - stat.mtimeMs > CLOCK_TICK_MS;
    return { modified: settled ? stat.mtimeMs : Number.NaN, inode: stat.ino, found, below };
  } catch {
    return null; // Gone meanwhile, or not readable for this user.
  }
}

/** Roots come and go with threads: what is remembered stays proportional to what is used. */
const MAX_REMEMBERED = 8 * MAX_FOLDERS;

function forget(folders: Map<string, Folder>, kept: ReadonlySet<string>, root: string): void {
  for (const place of folders.keys()) {
    const stale = place === root || place.startsWith(`${root}/`);
    if ((stale || folders.size > MAX_REMEMBERED) && !kept.has(place)) folders.delete(place);
  }
}
