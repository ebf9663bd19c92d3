/**
 * Tells when files of skills change, while threads are loaded (docs/protocol/services.md §5 "Changes").
 *
 * Threat: a project with folders without end takes all watches of the system, or changes all the time. Rule: the
 * number of watched folders is bounded, and clients hear at most once a second. Scope: the roots of skills of all
 * loaded threads and the folders below them. Non-scope: what changed: a client asks for the list again.
 */
import path from 'node:path';
import { createFolderWatches } from '../client-files/watch/folder-watches.js';
import { watchPath, type PathWatch } from '../client-files/watch/path-watch.js';
import { describe } from '../errors/describe.js';
import type { Logger } from '../log/log.js';
import { listFolder } from '../system/files/path-bytes.js';

export interface SkillWatch {
  /** Other roots count from now on: a thread was loaded, or its settings changed. */
  look(): void;
  close(): void;
}

export interface SkillWatchOptions {
  /** Absolute folders, which need not exist. Empty while no thread is loaded. */
  readonly roots: () => readonly string[];
  readonly onChange: () => void;
  readonly log: Logger;
}

/** Of folders below roots. */
const MAX_FOLDERS = 512;
const MAX_DEPTH = 6;
/** From a change to its notification, and between two of them, in milliseconds. */
const COLLECT_MS = 200;
const PAUSE_MS = 1_000;

export function createSkillWatch({ roots, onChange, log }: SkillWatchOptions): SkillWatch {
  const folders = createFolderWatches();
  let watches = new Map<string, PathWatch>();
  let looking: NodeJS.Timeout | null = null;
  let telling: NodeJS.Timeout | null = null;
  let toldAt = -Infinity;
  let closed = false;

  const look = (): void => {
    if (closed || looking !== null) return;
    looking = setTimeout(() => {
      looking = null;
      renew();
    }, COLLECT_MS).unref();
  };
  const changed = (): void => {
    look();
    if (telling !== null || closed) return;
    const pause = Math.max(COLLECT_MS, toldAt + PAUSE_MS - performance.now());
    telling = setTimeout(() => {
      telling = null;
      toldAt = performance.now();
      onChange();
    }, pause).unref();
  };
  /** The new watches exist before the old ones end: nothing falls between. */
  const renew = (): void => {
    if (closed) return;
    const next = new Map<string, PathWatch>();
    for (const place of watchedFolders(roots())) {
      const known = watches.get(place);
      next.set(place, known ?? watchOf(place));
    }
    for (const [place, watch] of watches) if (!next.has(place)) watch.close();
    watches = next;
  };
  const trouble = (place: string) => (error: unknown) =>
    log.warn(...describe(`changes of skills in ${place} may be missed`, error));
  const watchOf = (place: string): PathWatch => {
    const watch = watchPath({ place, folders, onChange: changed, onTrouble: trouble(place) });
    watch.ready.catch(trouble(place));
    return watch;
  };

  return {
    look,
    close() {
      closed = true;
      for (const timer of [looking, telling]) if (timer !== null) clearTimeout(timer);
      for (const watch of watches.values()) watch.close();
      watches.clear();
    },
  };
}

/** The roots themselves, and the folders below them; near ones first. */
function watchedFolders(roots: readonly string[]): ReadonlySet<string> {
  const found = new Set(roots);
  let level = [...found];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0 && found.size < MAX_FOLDERS; depth++) {
    level = level.flatMap((folder) => foldersIn(folder)).filter((folder) => !found.has(folder));
    for (const folder of level.slice(0, MAX_FOLDERS - found.size)) found.add(folder);
  }
  return found;
}

function foldersIn(folder: string): readonly string[] {
  try {
    return listFolder(folder).flatMap(({ name, kind }) =>
      kind === 'folder' && !name.startsWith('.') ? [path.join(folder, name)] : [],
    );
  } catch {
    return []; // Missing or closed: it has no skills now.
  }
}
