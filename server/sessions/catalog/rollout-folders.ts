/**
 * The folders of rollouts, and the changes in them (docs/protocol/threads.md §12.1). A folder is listed again only if
 * its modification time changed. So checking ten thousand files costs as much as checking their folders.
 */
import path from 'node:path';
import { archivedFolder, parseRolloutName, sessionsFolder } from '../store/files/rollout-name.js';
import { statIfThere } from '../../system/files/look.js';
import { listFolder } from '../../system/files/path-bytes.js';

export interface Folder {
  readonly path: string;
  readonly archived: boolean;
  /** Modification time of the folder when it was listed, in milliseconds since the epoch. */
  readonly mtimeMs: number;
  readonly listedAtMs: number;
  /** The names of rollouts. */
  readonly names: readonly string[];
}

export interface RolloutFolders {
  /** The folders that were listed again since the last call, and those that were removed. */
  refresh(): { readonly listed: readonly Folder[]; readonly gone: readonly string[] };
  readonly known: ReadonlyMap<string, Folder>;
  /** Adds the listings of an earlier run. They are trusted like own listings. */
  adopt(folders: Iterable<Folder>): void;
}

/**
 * A folder that changed less than this before it was listed may have changed again without a new modification time. In
 * milliseconds.
 */
const RACY_MS = 1000;
/** sessions/YYYY/MM/DD. */
const DAY_DEPTH = 3;

export function createRolloutFolders(codexHome: string): RolloutFolders {
  let known = new Map<string, Folder>();
  /** The numeric sub-folders of each folder above the days. */
  let branches = new Map<string, { readonly mtimeMs: number; readonly listedAtMs: number; names: readonly string[] }>();

  return {
    get known() {
      return known;
    },
    adopt(folders) {
      for (const folder of folders) known.set(folder.path, folder);
    },
    refresh() {
      const now = new Map<string, Folder>();
      const nowBranches: typeof branches = new Map();
      const listed: Folder[] = [];

      const visit = (folder: string, depth: number, archived: boolean): void => {
        const mtimeMs = statIfThere(folder)?.mtimeMs;
        if (mtimeMs === undefined) return;
        const before = known.get(folder);
        const branch = branches.get(folder);
        const trusted = (one: { readonly mtimeMs: number; readonly listedAtMs: number } | undefined): boolean =>
          one !== undefined && one.mtimeMs === mtimeMs && one.listedAtMs - mtimeMs > RACY_MS;
        if (before !== undefined && trusted(before) && (depth === DAY_DEPTH || trusted(branch))) {
          now.set(folder, before);
          if (branch !== undefined) nowBranches.set(folder, branch);
        } else {
          const listedAtMs = Date.now();
          const entries = listFolder(folder);
          const names = entries.filter(({ name, kind }) => kind !== 'folder' && isListed(name)).map(({ name }) => name);
          const fresh = { path: folder, archived, mtimeMs, listedAtMs, names };
          now.set(folder, fresh);
          listed.push(fresh);
          if (depth < DAY_DEPTH)
            nowBranches.set(folder, {
              mtimeMs,
              listedAtMs,
              names: entries
                .filter(({ name, kind }) => kind === 'folder' && /^\d+$/.test(name))
                .map(({ name }) => name),
            });
        }
        if (depth < DAY_DEPTH)
          for (const name of nowBranches.get(folder)?.names ?? []) visit(path.join(folder, name), depth + 1, archived);
      };
      visit(sessionsFolder(codexHome), 0, false);
      visit(archivedFolder(codexHome), DAY_DEPTH, true);

      const gone = [...known.keys()].filter((folder) => !now.has(folder));
      known = now;
      branches = nowBranches;
      return { listed, gone };
    },
  };
}

/** A file whose name has no time can be found by id, but it is not listed (docs/protocol/threads.md §12.3). */
function isListed(name: string): boolean {
  const parsed = parseRolloutName(name);
  return parsed !== null && parsed.timestamp !== null;
}
