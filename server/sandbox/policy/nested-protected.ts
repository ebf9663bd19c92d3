/**
 * Finds protected names below the top of a workspace: nested repositories, submodules, configuration of sub-projects.
 *
 * The nearest MAX_FOLDERS folders are looked at before every command: what was found is kept and looked at again only
 * in folders whose modification time has changed, which every creation, removal and renaming in them does. What lies
 * beyond is found by a walk through the whole tree in a thread of its own: the first command waits for it, later ones
 * have one made in the background now and then. Folders that package managers fill are not looked into.
 */
import fs from 'node:fs';
import path from 'node:path';
import { listFolder, nativePath } from '../../system/files/path-bytes.js';
import { walkFolders } from './folder-walk.js';
import { PROTECTED_NAMES } from './protected-paths.js';

/** Absolute paths, without those at the top of `root`. `root` has no links in it. May throw `sandbox.refused`. */
export type NestedScanner = (root: string) => Promise<readonly string[]>;

const MAX_FOLDERS = 512;
/** Filled by package managers and build tools, with thousands of folders and no repositories that people work in. */
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.venv', 'venv', '__pycache__', '.cache', '.tox']);
const PROTECTED: ReadonlySet<string> = new Set(PROTECTED_NAMES);

/** A scanner that remembers. One a sandbox. */
export function createNestedScanner(walk = walkFolders): NestedScanner {
  const folders = new Map<string, Folder>();
  const walks = createWalks(walk);
  return async (root) => {
    const { paths, incomplete } = scanNearest(root, folders);
    if (!incomplete) return paths;
    return [...new Set([...paths, ...(await walks(root))])];
  };
}

/** A walk is not repeated more often than this, nor for more than a twentieth of the time; in milliseconds. */
const WALK_AGAIN_MS = 5000;
const WALK_SHARE = 20;

function createWalks(walk: typeof walkFolders): NestedScanner {
  const known = new Map<string, { found: Promise<readonly string[]>; again: number; busy: boolean }>();
  const start = async (root: string): Promise<readonly string[]> => {
    const { found } = await walk(root, PROTECTED_NAMES, [...SKIPPED]);
    return found.filter((place) => path.dirname(place) !== root);
  };
  return (root) => {
    const begun = performance.now();
    const entry = known.get(root);
    if (entry && (entry.busy || begun < entry.again)) return entry.found;
    const fresh = start(root);
    const next = { found: entry?.found ?? fresh, again: begun, busy: true };
    known.set(root, next);
    void fresh.then(
      () => {
        const took = performance.now() - begun;
        Object.assign(next, {
          found: fresh,
          busy: false,
          again: begun + took + Math.max(WALK_AGAIN_MS, WALK_SHARE * took),
        });
      },
      () => known.delete(root), // Who waits for it is told; the next command tries again.
    );
    return next.found;
  };
}

function scanNearest(
  root: string,
  folders: Map<string, Folder>,
): { readonly paths: readonly string[]; readonly incomplete: boolean } {
  const paths: string[] = [];
  const kept = new Set<string>();
  let level = [root];
  let incomplete = false;
  for (let depth = 0; level.length > 0 && !incomplete; depth++) {
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
    level = next;
  }
  forget(folders, kept, root);
  return { paths, incomplete };
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
    const stat = fs.statSync(nativePath(place));
    if (known && known.modified === stat.mtimeMs && known.inode === stat.ino) return known;
    const found: string[] = [];
    const below: string[] = [];
    for (const { name, kind } of listFolder(place)) {
      if (PROTECTED.has(name)) found.push(name);
      else if (kind === 'folder' && !SKIPPED.has(name)) below.push(name);
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
