/**
 * Which rollout files there are (docs/protocol/threads.md §12.1). Folder listings are kept and reread when the folder's
 * time of change differs; a folder that changed within the last second is always reread, because the clock of a file
 * system may be too coarse to tell two changes apart.
 */
import path from 'node:path';
import type { ThreadId } from '../records/thread-id.js';
import type { ThreadFiles } from '../records/thread-store.js';
import { archivedFolder, parseRolloutName, plainPath, sessionsFolder } from './rollout-name.js';
import { statIfThere } from '../../../system/files/look.js';
import { listFolder } from '../../../system/files/path-bytes.js';

export interface RolloutLayout {
  /** Every file of a thread by the id in the files' names; null when there is none. */
  find(id: ThreadId): ThreadFiles | null;
  /** Every thread whose live file has a name that is listed (`rollout-<time>-<id>.jsonl`), in no order. */
  all(): ThreadFiles[];
  /** The file whose own id (the segment's, or the thread's for its first file) is this one; null when it is gone. */
  file(fileId: string): string | null;
}

/** A rollout on disk, in its stored form. */
interface StoredFile {
  readonly id: ThreadId;
  /** The segment's id, else the thread's. */
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
 * How long after a change a folder's listing is not trusted, in milliseconds: more than any file system's clock tick.
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

  /** Visits every stored file; the folders of days come newest first. */
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

/** Segments are UUIDv7: they sort by the time of their making, after the thread's first file. */
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

/** Of the same file in both trees (a move that was cut off while it copied) the one in `sessions` is the live one. */
function order(a: StoredFile, b: StoredFile): number {
  if (a.segment !== b.segment) return a.segment < b.segment ? -1 : 1;
  if (a.archived !== b.archived) return a.archived ? -1 : 1;
  return a.stored < b.stored ? -1 : 1;
}
