/**
 * The folders that rollouts lie in, and what changed in them (docs/protocol/threads.md §12.1). A folder is listed again
 * when its time of change is another, so that a look at ten thousand files costs as much as a look at their folders.
 */
import path from 'node:path';
import { archivedFolder, parseRolloutName, sessionsFolder } from '../store/files/rollout-name.js';
import { statIfThere } from '../../system/files/look.js';
import { listFolder } from '../../system/files/path-bytes.js';

export interface Folder {
  readonly path: string;
  readonly archived: boolean;
  /** Of the folder when it was listed, milliseconds since the epoch. */
  readonly mtimeMs: number;
  readonly listedAtMs: number;
  /** Names of rollouts. */
  readonly names: readonly string[];
}

export interface RolloutFolders {
  /** The folders that were listed anew since the last call, and those that are gone. */
  refresh(): { readonly listed: readonly Folder[]; readonly gone: readonly string[] };
  readonly known: ReadonlyMap<string, Folder>;
  /** Takes over what an earlier run had listed; it is trusted like an own listing. */
  adopt(folders: Iterable<Folder>): void;
}

/** A folder that changed this long before it was listed may have changed since without showing it, in milliseconds. */
const RACY_MS = 1000;
/** sessions/YYYY/MM/DD. */
const DAY_DEPTH = 3;

export function createRolloutFolders(codexHome: string): RolloutFolders {
  let known = new Map<string, Folder>();
  /** Sub-folders that are numbers, of the folders above the days. */
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

/** A name without a time is found by id and not listed (docs/protocol/threads.md §12.3). */
function isListed(name: string): boolean {
  const parsed = parseRolloutName(name);
  return parsed !== null && parsed.timestamp !== null;
}
