/**
 * Finds protected names below the top of a workspace: nested repositories, submodules, configuration of sub-projects.
 *
 * The nearest MAX_FOLDERS folders are checked before every command. Results are kept. A folder is read again only when
 * its modification time has changed, as every creation, removal and rename in it does. A walk through the whole tree,
 * in its own thread, finds the rest: the first command waits for it, and later walks run in the background. Folders
 * that package managers fill are skipped.
 */
import fs from 'node:fs';
import path from 'node:path';
import { listFolder, nativePath } from '../../system/files/path-bytes.js';
import { paths } from '../../system/files/paths.js';
import { walkFolders } from './folder-walk.js';
import { PROTECTED_NAMES } from './protected-paths.js';

/** Absolute paths, without those at the top of `root`. `root` contains no links. May throw `sandbox.refused`. */
export type NestedScanner = (root: string) => Promise<readonly string[]>;

const MAX_FOLDERS = 512;
/**
 * Package managers and build tools fill these folders with thousands of folders, without repositories that people work
 * in.
 */
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.venv', 'venv', '__pycache__', '.cache', '.tox']);
const SKIPPED_KEYS = new Set([...SKIPPED].map(paths.nameKey));
const PROTECTED: ReadonlySet<string> = new Set(PROTECTED_NAMES.map(paths.nameKey));

/** A scanner with a memory. One for each sandbox. */
export function createNestedScanner(walk = walkFolders): NestedScanner {
  const folders = new Map<string, Folder>();
  const walks = createWalks(walk);
  return async (root) => {
    const { paths, incomplete } = scanNearest(root, folders);
    if (!incomplete) return paths;
    return [...new Set([...paths, ...(await walks(root))])];
  };
}

/** A walk repeats at most this often, and uses at most a twentieth of the time; in milliseconds. */
const WALK_AGAIN_MS = 5000;
const WALK_SHARE = 20;

function createWalks(walk: typeof walkFolders): NestedScanner {
  const known = new Map<string, { found: Promise<readonly string[]>; again: number; busy: boolean }>();
  const start = async (root: string): Promise<readonly string[]> => {
    const { found } = await walk(root, PROTECTED_NAMES, [...SKIPPED]);
    return found.filter((place) => paths.above(place) !== root);
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
      () => known.delete(root), // The waiting caller receives the error; the next command tries again.
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
  /** Of the folder, in ms. Together with `inode` it tells whether the rest is still valid. */
  readonly modified: number;
  readonly inode: number;
  /** Protected names in it. */
  readonly found: readonly string[];
  /** Folders in it that must be searched. */
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
      if (PROTECTED.has(paths.nameKey(name))) found.push(name);
      else if (kind === 'folder' && !SKIPPED_KEYS.has(paths.nameKey(name))) below.push(name);
    }
    const settled = Date.now() - stat.mtimeMs > CLOCK_TICK_MS;
    return { modified: settled ? stat.mtimeMs : Number.NaN, inode: stat.ino, found, below };
  } catch {
    return null; // Disappeared meanwhile, or not readable for this user.
  }
}

/** Roots change with threads, so the memory is bounded. */
const MAX_REMEMBERED = 8 * MAX_FOLDERS;

function forget(folders: Map<string, Folder>, kept: ReadonlySet<string>, root: string): void {
  for (const place of folders.keys()) {
    const stale = paths.isWithin(place, root);
    if ((stale || folders.size > MAX_REMEMBERED) && !kept.has(place)) folders.delete(place);
  }
}
