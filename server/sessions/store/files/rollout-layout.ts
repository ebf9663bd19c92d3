/**
 * The rollout files on disk (docs/protocol/threads.md §12.1). Folder listings stay in memory. A listing is read again
 * if the folder's modification time differs, or if the folder changed within the last second. The clock of a file
 * system may be too coarse to show two changes within that second.
 */
import path from 'node:path';
import type { ThreadId } from '../records/thread-id.js';
import type { ThreadFiles } from '../records/thread-store.js';
import { archivedFolder, parseRolloutName, plainPath, sessionsFolder } from './rollout-name.js';
import { statIfThere } from '../../../system/files/look.js';
import { listFolder } from '../../../system/files/path-bytes.js';

export interface RolloutLayout {
  /** Finds the files of a thread by the id in their names; null: there are none. */
  find(id: ThreadId): ThreadFiles | null;
  /** Every thread whose live file has a listed name (`rollout-<time>-<id>.jsonl`), in no order. */
  all(): ThreadFiles[];
  /** Finds a file by its own id: the segment's id, or the thread's id for its first file. Null: the file is missing. */
  file(fileId: string): string | null;
}

/** A rollout on disk, in its stored form. */
interface StoredFile {
  readonly id: ThreadId;
  /** The segment's id; the thread's id for its first file. */
  readonly fileId: string;
  readonly segment: string;
  readonly listed: boolean;
  readonly stored: string;
  readonly archived: boolean;
}

interface Listing {
  readonly mtimeMs: number;
  readonly readAt: number;
  readonly files: readonly StoredFile[];
  readonly folders: readonly string[];
}

/**
 * How long after a change a folder's listing is not trusted, in milliseconds: longer than the clock tick of any file
 * system.
 */
const RACY_MS = 1000;

export function createRolloutLayout(codexHome: string): RolloutLayout {
  const listings = new Map<string, Listing>();

  function list(folder: string, archived: boolean): Listing {
    const mtimeMs = statIfThere(folder)?.mtimeMs;
    if (mtimeMs === undefined) {
      listings.delete(folder);
      return NOTHING;
    }
    const known = listings.get(folder);
    if (known !== undefined && known.mtimeMs === mtimeMs && known.readAt - mtimeMs > RACY_MS) return known;
    const listing = readListing(folder, archived, mtimeMs);
    listings.set(folder, listing);
    return listing;
  }

  /** Calls `each` for every stored file; the folders of days come newest first. */
  function visit(each: (file: StoredFile) => void): void {
    const sessions = sessionsFolder(codexHome);
    const descend = (folder: string, depth: number): void => {
      const { files, folders } = list(folder, false);
      files.forEach(each);
      if (depth < DAY_DEPTH) for (const name of folders) descend(path.join(folder, name), depth + 1);
    };
    descend(sessions, 0);
    list(archivedFolder(codexHome), true).files.forEach(each);
  }

  return {
    find(id) {
      const files: StoredFile[] = [];
      visit((file) => {
        if (file.id === id) files.push(file);
      });
      return threadOf(files);
    },
    all() {
      const threads = new Map<ThreadId, StoredFile[]>();
      visit((file) => {
        const known = threads.get(file.id);
        if (known === undefined) threads.set(file.id, [file]);
        else known.push(file);
      });
      const result: ThreadFiles[] = [];
      for (const files of threads.values()) {
        if (!files.some(({ listed }) => listed)) continue;
        const thread = threadOf(files);
        if (thread !== null) result.push(thread);
      }
      return result;
    },
    file(fileId) {
      let found: string | null = null;
      visit((file) => {
        if (file.fileId === fileId && (found === null || found.endsWith('.zst'))) found = file.stored;
      });
      return found;
    },
  };
}

/** sessions/YYYY/MM/DD. */
const DAY_DEPTH = 3;
const NOTHING: Listing = { mtimeMs: 0, readAt: 0, files: [], folders: [] };

function readListing(folder: string, archived: boolean, mtimeMs: number): Listing {
  const readAt = Date.now();
  const files: StoredFile[] = [];
  const folders: string[] = [];
  for (const entry of listFolder(folder)) {
    if (entry.kind === 'folder') {
      if (!archived && /^\d+$/.test(entry.name)) folders.push(entry.name);
      continue;
    }
    const name = parseRolloutName(entry.name);
    if (name === null) continue;
    files.push({
      id: name.id,
      fileId: name.segment ?? name.id,
      segment: name.segment ?? '',
      listed: name.timestamp !== null,
      stored: path.join(folder, entry.name),
      archived,
    });
  }
  folders.sort().reverse();
  return { mtimeMs, readAt, files, folders };
}

/**
 * Puts the files of a thread in order. Segment ids are UUIDv7, so they sort by time of creation, after the thread's
 * first file.
 */
function threadOf(files: readonly StoredFile[]): ThreadFiles | null {
  const byPath = new Map<string, StoredFile>();
  for (const file of files) {
    const plain = plainPath(file.stored);
    // The plain form wins over the compressed one (docs/protocol/threads.md §12.1).
    if (!byPath.has(plain) || file.stored === plain) byPath.set(plain, file);
  }
  const ordered = [...byPath.entries()].sort(([, a], [, b]) => order(a, b));
  const live = ordered.at(-1);
  if (live === undefined) return null;
  const [livePath, { id, stored, archived }] = live;
  return { id, path: livePath, stored, archived, segments: ordered.map(([plain]) => plain) };
}

/** An interrupted move can leave the same file in both trees. Then the file in `sessions` is the live one. */
function order(a: StoredFile, b: StoredFile): number {
  if (a.segment !== b.segment) return a.segment < b.segment ? -1 : 1;
  if (a.archived !== b.archived) return a.archived ? -1 : 1;
  return a.stored < b.stored ? -1 : 1;
}
