/**
 * Watches one path for its client: a file, a folder with its direct entries, or what does not exist yet.
 *
 * Threat: an editor renames a new file over the watched one; a folder above is exchanged, or comes later; a link on the
 * way gets another target. A watch on the file itself would be deaf from then on.
 * Rule: every folder on the way of the path is watched for the one name that is looked up there (route.ts). When such a
 * name changes, the way is walked again. Watches are made first and the way is compared afterwards, so no change falls
 * between. Scope: all paths. Non-scope: file systems that report nothing, such as /proc and network file systems.
 */
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { foldName } from '../../system/files/file-names.js';
import { encodePath, listFolderAsync } from '../../system/files/path-bytes.js';
import { statIfThere } from '../../system/files/look.js';
import { joined } from '../../system/node/joined.js';
import type { FolderWatches } from './folder-watches.js';
import { isSameRoute, routeOf, type Route, type Step } from './route.js';

export interface PathWatchOptions {
  /** Absolute and normal. Changes are reported under this path, whatever links it has. */
  readonly place: string;
  readonly folders: FolderWatches;
  readonly onChange: (paths: readonly string[]) => void;
  /** The way could not be watched again. */
  readonly onTrouble: (error: unknown) => void;
}

export interface PathWatch {
  /** Every change from now on is reported. Rejects with what the file system throws. */
  readonly ready: Promise<void>;
  close(): void;
}

const NOTHING: Route = { steps: [], target: null };
/** How often the way may change while it is walked. */
const MOST_WALKS = 16;

export function watchPath({ place, folders, onChange, onTrouble }: PathWatchOptions): PathWatch {
  let route = NOTHING;
  let started = false;
  let closed = false;
  let stops: (() => void)[] = [];
  /** Whether the watched folder `id` has an entry of its own name, as far as changes of it were seen. */
  let ownEntry: { readonly id: string; there: boolean } | null = null;

  const walk = joined(async () => {
    const before = route;
    for (let left = MOST_WALKS; !closed; left--) {
      const next = await routeOf(place);
      if (closed) return;
      attach(next);
      route = next;
      if (isSameRoute(next, await routeOf(place)) || left === 0) break;
    }
    if (!closed && started && before.target?.id !== route.target?.id) await tellNewTarget();
  });
  const walkLater = (): void => void walk().catch((error: unknown) => !closed && onTrouble(error));

  /** The new watches exist before the old ones end, so a watch that both need stays. */
  const attach = (next: Route): void => {
    const old = stops;
    stops = [];
    try {
      for (const step of next.steps) watchStep(step, next);
      if (next.target?.isFolder === true) watchEntries(next.target.place, next.target.id);
    } finally {
      old.forEach((stop) => stop());
    }
  };
  const watchStep = (step: Step, { steps }: Route): void => {
    const name = foldName(step.name);
    try {
      stops.push(
        folders.watch(step.folder, step.id, (changed) => {
          if (changed !== null && foldName(changed) !== name) return;
          if (step.isLast && changed !== null) onChange([place]);
          walkLater();
        }),
      );
    } catch (error) {
      if (isGone(error)) return;
      // A folder above that may be passed but not listed. Its entries seldom change.
      if (isClosed(error) && step !== steps.at(-1)) return;
      throw error;
    }
  };
  const watchEntries = (folder: string, id: string): void => {
    const ownName = path.basename(folder);
    const isThere = (): boolean => exists(path.join(folder, ownName));
    // A new watch of the same folder may get changes that came before it, or miss those that came meanwhile.
    const own = ownEntry?.id === id ? ownEntry : { id, there: isThere() };
    ownEntry = own;
    const missed = own.there !== isThere();
    if (missed) own.there = !own.there;
    try {
      stops.push(
        folders.watch(folder, id, (changed) => {
          if (changed === null) return walkLater();
          // It may be the folder itself, which has changed, and not an entry with its name.
          if (changed === ownName) {
            const had = own.there;
            own.there = isThere();
            if (!had && !own.there) return;
          }
          onChange([entryPath(changed)]);
        }),
      );
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    if (missed) onChange([entryPath(ownName)]);
  };

  /** Entries that came before the new folder was watched have changed, too. */
  const tellNewTarget = async (): Promise<void> => {
    onChange([place]);
    if (route.target?.isFolder !== true) return;
    const entries = await listFolderAsync(route.target.place).catch(() => []);
    if (!closed) onChange(entries.map(({ name }) => entryPath(name)));
  };
  const entryPath = (name: string): string => path.join(place, encodePath(name).toString());

  const close = (): void => {
    closed = true;
    stops.forEach((stop) => stop());
    stops = [];
  };
  const ready = walk().then(
    () => void (started = true),
    (error: unknown) => {
      close();
      throw error;
    },
  );
  return { ready, close };
}

const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(osCode(error) ?? '');
const isClosed = (error: unknown): boolean => ['EACCES', 'EPERM'].includes(osCode(error) ?? '');

function exists(place: string): boolean {
  try {
    return statIfThere(place) !== undefined;
  } catch {
    return false;
  }
}
