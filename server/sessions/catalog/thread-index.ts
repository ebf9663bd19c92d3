/**
 * One row per rollout file, read from the file's beginning, and for each thread its live file.
 *
 * The files are the only source. A folder that changed is listed again. A row is compared with its file before it is
 * returned, and read again if the file changed. The saved form (index-cache.ts) only saves reading unchanged files.
 * Work here that takes longer than SLICE_MS lets other work run in between.
 */
import path from 'node:path';
import { describe } from '../../errors/describe.js';
import { osCode } from '../../errors/os-code.js';
import type { Logger } from '../../log/log.js';
import { statIfThere } from '../../system/files/look.js';
import { joined } from '../../system/node/joined.js';
import { loadUnpacker } from '../store/files/rollout-head.js';
import { COMPRESSED } from '../store/files/rollout-name.js';
import { type ThreadFiles, type ThreadHead, isStoreError } from '../store/records/thread-store.js';
import type { ThreadId } from '../store/records/thread-id.js';
import { createDelayedSave } from '../../system/node/delayed-save.js';
import { headOf, type FileRow, type RowHead } from './file-row.js';
import { FileRows } from './file-rows.js';
import { loadIndexCache, saveIndexCache } from './index-cache.js';
import { createRolloutFolders, type Folder } from './rollout-folders.js';
import { readRowHead, wholePreview } from './row-head.js';
import { createSlices, type Slices } from '../../system/node/slices.js';
import { tailOfFile, type Tail } from './tail-reader.js';
import { liveOf, pathOf, threadHead } from './thread-files.js';

export interface ThreadIndex {
  /** Updates the rows from the folders. */
  refresh(): Promise<void>;
  /** Loads the rows that earlier calls knew, without searching for others; for `useStateDbOnly`. */
  recall(files: (id: ThreadId) => Promise<ThreadFiles | null>): Promise<void>;
  /** Checks the time and the size of every file. */
  sweep(): Promise<void>;
  /** The live file of every thread, in no order. */
  live(): readonly FileRow[];
  /** Rises when `live()` or a row in it changes. */
  readonly changes: number;
  /** The live file of one thread; null: the index has none. */
  thread(id: ThreadId): FileRow | null;
  /** Compares the rows with their files. False: a file changed (and was read again) or was removed. */
  check(rows: readonly FileRow[]): Promise<boolean>;
  head(row: FileRow): ThreadHead;
  tail(row: FileRow): Tail;
  /** The whole first user message. */
  preview(row: FileRow): string;
  /** A thread's file was written in this process. */
  touched(id: ThreadId): void;
  close(): Promise<void>;
}

export interface ThreadIndexOptions {
  readonly codexHome: string;
  readonly cacheFile: string;
  readonly log: Logger;
  /** How long after a change the index is saved, in milliseconds. */
  readonly saveAfterMs?: number;
}

const SAVE_AFTER_MS = 2000;

export function createThreadIndex(options: ThreadIndexOptions): ThreadIndex {
  const { codexHome, cacheFile, log, saveAfterMs = SAVE_AFTER_MS } = options;
  const folders = createRolloutFolders(codexHome);
  const rows = new FileRows();
  /** Rows that may become listed when their file grows. They are checked each time. */
  const unlisted = new Set<FileRow>();
  const unread = new Set<FileRow>();
  const touchedIds = new Set<ThreadId>();
  const fileOf = (fileId: string): FileRow | undefined => rows.byFileId(fileId);
  const saving = createDelayedSave({
    changes: () => rows.changes,
    save: () => {
      const listed = [...folders.known.values()];
      return saveIndexCache(
        cacheFile,
        listed.map((folder) => ({ folder, files: rows.inFolder(folder.path) })),
      );
    },
    afterMs: saveAfterMs,
    failed: (error) => log.warn(...describe('the index of threads was not saved', error)),
  });
  let loading: Promise<void> | null = null;

  function remove(row: FileRow): void {
    unlisted.delete(row);
    unread.delete(row);
    rows.remove(row);
  }

  /**
   * Compares a row with its file. Removes the row if the file is gone, and marks it for reading if the file changed.
   */
  function look(row: FileRow): void {
    const stat = statIfThere(pathOf(row));
    if (stat === undefined || !stat.isFile()) remove(row);
    else if (stat.mtimeMs !== row.mtimeMs || stat.size !== row.size || stat.ino !== row.ino) unread.add(row);
  }

  /** Never throws: an unreadable file is not listed. */
  function read(row: FileRow): void {
    unread.delete(row);
    const stat = statIfThere(pathOf(row));
    if (stat === undefined) return remove(row);
    row.mtimeMs = stat.mtimeMs;
    row.size = stat.size;
    row.ino = stat.ino;
    row.tail = null;
    let head: RowHead | null = null;
    try {
      head = readRowHead(row, stat.mtimeMs, fileOf);
    } catch (error) {
      if (osCode(error) === 'ENOENT') return remove(row);
      // A file that is being created looks the same as a file that is not a rollout.
      if (!isStoreError(error)) log.warn(...describe('a rollout was left out of the list', error));
    }
    rows.setHead(row, head);
    if (isListed(head)) unlisted.delete(row);
    else unlisted.add(row);
  }

  async function readUnread(): Promise<void> {
    const slices = createSlices();
    if ([...unread].some(({ name }) => name.endsWith(COMPRESSED))) await loadUnpacker();
    for (const row of unread) {
      if (rows.knows(row)) read(row);
      else unread.delete(row);
      await slices.rest();
    }
    saving.soon();
  }

  async function list(folder: Folder, slices: Slices): Promise<void> {
    const names = new Set(folder.names);
    for (const row of rows.inFolder(folder.path)) if (!names.has(row.name)) remove(row);
    for (const name of names) {
      const row = rows.find(folder.path, name) ?? rows.add(folder, name);
      if (row !== null) look(row);
      await slices.rest();
    }
  }

  async function updateOnce(): Promise<void> {
    await load();
    const { listed, gone } = folders.refresh();
    for (const folder of gone) for (const row of rows.inFolder(folder)) remove(row);
    const slices = createSlices();
    for (const folder of listed) await list(folder, slices);
    for (const row of [...unlisted]) {
      // The first message is in another file, which may have been moving when it was searched.
      if (row.head?.meta.history_base) unread.add(row);
      else look(row);
      await slices.rest();
    }
    lookAtTouched();
    await readUnread();
  }

  function lookAtTouched(): void {
    for (const id of touchedIds) rows.ofThread(id).forEach(look);
    touchedIds.clear();
  }

  async function load(): Promise<void> {
    await (loading ??= (async () => {
      const cached = await loadIndexCache(cacheFile);
      if (cached === null) return;
      const slices = createSlices();
      for (const { folder, files } of cached) {
        folders.adopt([folder]);
        for (const { name, mtimeMs, size, ino, head } of files) {
          const row = rows.add(folder, name);
          if (row === null) continue;
          Object.assign(row, { mtimeMs, size, ino });
          rows.setHead(row, head);
          if (!isListed(head)) unlisted.add(row);
        }
        await slices.rest();
      }
      saving.saved();
    })());
  }

  const update = joined(updateOnce);
  /** The first scan of the folders: every caller waits for it. */
  let first: Promise<void> | null = null;
  const refresh = (): Promise<void> => {
    const done = update();
    first ??= done;
    done.catch(() => {
      first = null;
    });
    return done;
  };

  return {
    refresh,
    sweep: joined(async () => {
      const slices = createSlices();
      for (const row of rows.all()) {
        look(row);
        await slices.rest();
      }
      await readUnread();
    }),
    async recall(files) {
      await (first ?? refresh());
      for (const id of touchedIds) {
        touchedIds.delete(id);
        const before = rows.ofThread(id).length;
        rows.ofThread(id).forEach(look);
        // A file that is not where it was may have moved: an archive does that.
        if (before > 0 && rows.ofThread(id).length === before) continue;
        const found = await files(id).catch((error: unknown) => {
          touchedIds.add(id);
          throw error;
        });
        if (found === null) continue;
        const folder = { path: path.dirname(found.stored), archived: found.archived };
        const name = path.basename(found.stored);
        const row = rows.find(folder.path, name) ?? rows.add(folder, name);
        if (row !== null) unread.add(row);
      }
      await readUnread();
    },
    live: () => rows.live(),
    get changes() {
      return rows.changes;
    },
    thread(id) {
      const files = rows.ofThread(id);
      return files.length === 0 ? null : liveOf(files);
    },
    async check(asked) {
      const at = rows.changes;
      const there = asked.filter((row) => rows.knows(row));
      there.forEach(look);
      if (unread.size > 0) await readUnread();
      return at === rows.changes && there.length === asked.length;
    },
    head: (row) => threadHead(row, rows.ofThread(headOf(row).meta.id)),
    tail(row) {
      if (row.tail !== null) return row.tail;
      return (row.tail = tailOfFile(pathOf(row), headOf(row).meta.id));
    },
    preview(row) {
      try {
        return wholePreview(row, fileOf);
      } catch (error) {
        log.warn(...describe(`the first message of ${pathOf(row)} could not be read again`, error));
        return headOf(row).preview ?? '';
      }
    },
    touched(id) {
      touchedIds.add(id);
      // From now on the index must know the existing files (`recall`), and a client will soon request a list.
      if (first === null) refresh().catch((error: unknown) => log.warn(...describe('rollouts were not listed', error)));
    },
    close: () => saving.close(),
  };
}

const isListed = (head: RowHead | null): boolean => (head?.preview ?? null) !== null;
