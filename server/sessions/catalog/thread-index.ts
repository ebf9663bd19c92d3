/**
 * One row per rollout file, read from the file's beginning, and for each thread its live file.
 *
 * The files are the only source. A folder that changed is listed again. A row is compared with its file before it is
 * returned, and read again if the file changed. The saved form (index-cache.ts) only saves reading unchanged files.
 * Work here that takes longer than SLICE_MS lets other work run in between.
 */
import { describe } from '../../errors/describe.js';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import type { Logger } from '../../log/log.js';
import { lastOf } from '../../system/node/lists.js';
import { loadUnpacker, readFileHead } from '../store/files/rollout-head.js';
import { COMPRESSED, parseRolloutName, plainPath } from '../store/files/rollout-name.js';
import type { SessionMeta } from '../store/records/rollout-record.js';
import { type ThreadFiles, type ThreadHead, isStoreError } from '../store/records/thread-store.js';
import type { ThreadId } from '../store/records/thread-id.js';
import { loadIndexCache, saveIndexCache } from './index-cache.js';
import { listedMeta } from './listed-meta.js';
import { createRolloutFolders, type Folder } from './rollout-folders.js';
import { createSlices, type Slices } from './slices.js';
import { tailOfFile, type Tail } from './tail-reader.js';
import { statIfThere } from '../../system/files/look.js';
import { headOf, type FileRow, type RowHead } from './file-row.js';

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

/** How many characters of a preview a row stores: more than a list shows, and a limit for memory. */
const PREVIEW_KEPT = 300;
const SAVE_AFTER_MS = 2000;

export function createThreadIndex(options: ThreadIndexOptions): ThreadIndex {
  const { codexHome, cacheFile, log, saveAfterMs = SAVE_AFTER_MS } = options;
  const folders = createRolloutFolders(codexHome);
  const rows = new Map<string, Map<string, FileRow>>();
  const byFileId = new Map<string, FileRow>();
  const byThread = new Map<ThreadId, FileRow[]>();
  /** Rows that may become listed when their file grows. They are checked each time. */
  const unlisted = new Set<FileRow>();
  const unread = new Set<FileRow>();
  const touchedIds = new Set<ThreadId>();
  let changes = 0;
  let savedChanges = 0;
  let liveRows: { readonly at: number; readonly rows: readonly FileRow[] } | null = null;
  let saving: NodeJS.Timeout | null = null;
  let loading: Promise<void> | null = null;

  function add(folder: Folder, name: string): FileRow | null {
    const parsed = parseRolloutName(name);
    if (parsed === null) return null;
    const row: FileRow = {
      folder: folder.path,
      name,
      archived: folder.archived,
      fileId: parsed.segment ?? parsed.id,
      segment: parsed.segment ?? '',
      mtimeMs: 0,
      size: 0,
      ino: 0,
      head: null,
      tail: null,
    };
    let inFolder = rows.get(folder.path);
    if (inFolder === undefined) rows.set(folder.path, (inFolder = new Map()));
    inFolder.set(name, row);
    // A moved file is often seen in its new folder first. That row stays when the old one is removed.
    if (!name.endsWith(COMPRESSED) || !byFileId.has(row.fileId)) byFileId.set(row.fileId, row);
    return row;
  }

  function remove(row: FileRow): void {
    rows.get(row.folder)?.delete(row.name);
    if (byFileId.get(row.fileId) === row) {
      const other = otherForm(row);
      if (other === undefined) byFileId.delete(row.fileId);
      else byFileId.set(row.fileId, other);
    }
    unlisted.delete(row);
    unread.delete(row);
    setHead(row, null);
  }

  /** The row of the same rollout in another folder, or in its compressed form. */
  function otherForm({ name }: FileRow): FileRow | undefined {
    const plain = plainPath(name);
    for (const inFolder of rows.values()) {
      const found = inFolder.get(plain) ?? inFolder.get(`${plain}${COMPRESSED}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function setHead(row: FileRow, head: RowHead | null): void {
    const [before, after] = [row.head?.meta.id, head?.meta.id];
    if (before !== undefined && before !== after) {
      const rest = (byThread.get(before) ?? []).filter((other) => other !== row);
      if (rest.length === 0) byThread.delete(before);
      else byThread.set(before, rest);
    }
    // A file that only grew has the same head: no sorting and no saving is needed.
    if (row.head !== null && head !== null && JSON.stringify(row.head) === JSON.stringify(head)) return;
    row.head = head;
    if (after !== undefined && before !== after) byThread.set(after, [...(byThread.get(after) ?? []), row]);
    changes++;
  }

  const known = (row: FileRow): boolean => rows.get(row.folder)?.get(row.name) === row;

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
      head = rowHead(row, stat.mtimeMs);
    } catch (error) {
      if (osCode(error) === 'ENOENT') return remove(row);
      // A file that is being created looks the same as a file that is not a rollout.
      if (!isStoreError(error)) log.warn(...describe('a rollout was left out of the list', error));
    }
    setHead(row, head);
    if (isListed(head)) unlisted.delete(row);
    else unlisted.add(row);
  }

  function rowHead(row: FileRow, mtimeMs: number): RowHead {
    const { meta, firstUserMessage } = readFileHead(pathOf(row));
    const preview = inherited(meta) ?? firstUserMessage;
    const created = Date.parse(meta.timestamp);
    return {
      meta: listedMeta(meta),
      createdAtMs: Number.isNaN(created) ? mtimeMs : created,
      preview: preview === null ? null : beginning(preview),
      cut: preview !== null && preview.length > PREVIEW_KEPT,
    };
  }

  /**
   * The first user message of the history that a fork or a revert continues (store/history/lineage.ts); null: there is
   * none.
   */
  function inherited({ history_base: base }: SessionMeta, depth = 0): string | null {
    if (base === undefined || base === null || depth === MAX_LINEAGE) return null;
    const source = byFileId.get(base.thread_id.toLowerCase());
    if (source === undefined) return null;
    try {
      const head = readFileHead(pathOf(source), { before: base.end_byte_offset });
      return inherited(head.meta, depth + 1) ?? head.firstUserMessage;
    } catch (error) {
      if (isStoreError(error) || osCode(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async function readUnread(): Promise<void> {
    const slices = createSlices();
    if ([...unread].some(({ name }) => name.endsWith(COMPRESSED))) await loadUnpacker();
    for (const row of unread) {
      if (known(row)) read(row);
      else unread.delete(row);
      await slices.rest();
    }
    scheduleSave();
  }

  async function list(folder: Folder, slices: Slices): Promise<void> {
    const before = rows.get(folder.path);
    const names = new Set(folder.names);
    for (const row of [...(before?.values() ?? [])]) if (!names.has(row.name)) remove(row);
    for (const name of names) {
      const row = before?.get(name) ?? add(folder, name);
      if (row !== null) look(row);
      await slices.rest();
    }
  }

  async function updateOnce(): Promise<void> {
    await load();
    const { listed, gone } = folders.refresh();
    for (const folder of gone) for (const row of [...(rows.get(folder)?.values() ?? [])]) remove(row);
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
    for (const id of touchedIds) byThread.get(id)?.forEach(look);
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
          const row = add(folder, name);
          if (row === null) continue;
          Object.assign(row, { mtimeMs, size, ino });
          setHead(row, head);
          if (!isListed(head)) unlisted.add(row);
        }
        await slices.rest();
      }
      savedChanges = changes;
    })());
  }

  function scheduleSave(): void {
    if (savedChanges === changes || saving !== null) return;
    saving = setTimeout(() => {
      saving = null;
      save().catch((error: unknown) => log.warn(...describe('the index of threads was not saved', error)));
    }, saveAfterMs);
    saving.unref();
  }

  async function save(): Promise<void> {
    if (savedChanges === changes) return;
    const at = changes;
    await saveIndexCache(
      cacheFile,
      [...folders.known.values()].map((folder) => ({ folder, files: [...(rows.get(folder.path)?.values() ?? [])] })),
    );
    savedChanges = at;
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
      for (const { row } of eachRow(rows)) {
        look(row);
        await slices.rest();
      }
      await readUnread();
    }),
    async recall(files) {
      await (first ?? refresh());
      for (const id of touchedIds) {
        const found = byThread.has(id) ? null : await files(id);
        if (found === null) continue;
        const folder = { path: path.dirname(found.stored), archived: found.archived };
        const row = add({ ...folder, mtimeMs: 0, listedAtMs: 0, names: [] }, path.basename(found.stored));
        if (row !== null) unread.add(row);
      }
      lookAtTouched();
      await readUnread();
    },
    live() {
      if (liveRows?.at !== changes) liveRows = { at: changes, rows: [...byThread.values()].map(liveOf) };
      return liveRows.rows;
    },
    get changes() {
      return changes;
    },
    thread(id) {
      const files = byThread.get(id);
      return files === undefined ? null : liveOf(files);
    },
    async check(asked) {
      const at = changes;
      const there = asked.filter(known);
      there.forEach(look);
      if (unread.size > 0) await readUnread();
      return at === changes && there.length === asked.length;
    },
    head(row) {
      const { meta, createdAtMs, preview } = headOf(row);
      return {
        id: meta.id,
        files: filesOf(byThread.get(meta.id) ?? [row]),
        meta,
        historyMode: meta.history_mode ?? 'legacy',
        preview: preview ?? '',
        hasUserMessage: preview !== null,
        createdAtMs,
        updatedAtMs: row.mtimeMs,
      };
    },
    tail(row) {
      if (row.tail !== null) return row.tail;
      return (row.tail = tailOfFile(pathOf(row), headOf(row).meta.id));
    },
    preview(row) {
      const { preview, cut } = headOf(row);
      if (!cut) return preview ?? '';
      try {
        const { meta, firstUserMessage } = readFileHead(pathOf(row));
        return inherited(meta) ?? firstUserMessage ?? '';
      } catch (error) {
        log.warn(...describe(`the first message of ${pathOf(row)} could not be read again`, error));
        return preview ?? '';
      }
    },
    touched(id) {
      touchedIds.add(id);
      // From now on the index must know the existing files (`recall`), and a client will soon request a list.
      if (first === null) refresh().catch((error: unknown) => log.warn(...describe('rollouts were not listed', error)));
    },
    async close() {
      if (saving !== null) clearTimeout(saving);
      saving = null;
      await save().catch((error: unknown) => log.warn(...describe('the index of threads was not saved', error)));
    },
  };
}

/** A longer chain of reverts and forks is treated as a cycle. */
const MAX_LINEAGE = 1000;
const pathOf = ({ folder, name }: FileRow): string => `${folder}${path.sep}${name}`;

const isListed = (head: RowHead | null): boolean => head !== null && head.preview !== null;

function* eachRow(rows: ReadonlyMap<string, ReadonlyMap<string, FileRow>>): Iterable<{ row: FileRow }> {
  for (const inFolder of rows.values()) for (const row of [...inFolder.values()]) yield { row };
}

/** Segment ids are UUIDv7: the newest segment is the live one (docs/protocol/threads.md §10). */
function liveOf(files: readonly FileRow[]): FileRow {
  return lastOf(files.length === 1 ? files : ordered(files));
}

function filesOf(files: readonly FileRow[]): ThreadFiles {
  const inOrder = ordered(files);
  const live = lastOf(inOrder);
  return {
    id: headOf(live).meta.id,
    path: plainPath(pathOf(live)),
    stored: pathOf(live),
    archived: live.archived,
    segments: [...new Set(inOrder.map((row) => plainPath(pathOf(row))))],
  };
}

/**
 * Sorts files as the store does: by segment; the plain form wins over the compressed one; of two copies, the one in
 * `sessions` comes last.
 */
function ordered(files: readonly FileRow[]): FileRow[] {
  const compare = (a: FileRow, b: FileRow): number => {
    if (a.segment !== b.segment) return a.segment < b.segment ? -1 : 1;
    if (a.archived !== b.archived) return a.archived ? -1 : 1;
    const [aPacked, bPacked] = [a.name.endsWith(COMPRESSED), b.name.endsWith(COMPRESSED)];
    if (aPacked !== bPacked) return aPacked ? -1 : 1;
    return a.name < b.name ? -1 : 1;
  };
  return files.length === 1 ? [...files] : [...files].sort(compare);
}

/** A copy, because a substring would keep the whole message in memory. */
function beginning(preview: string): string {
  return preview.length <= PREVIEW_KEPT ? preview : Buffer.from(preview.slice(0, PREVIEW_KEPT)).toString();
}

/** Allows one run at a time. Calls that come during a run share the next run. */
function joined(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const start = (): Promise<void> => {
    const run = work().finally(() => {
      if (running === run) running = null;
    });
    return (running = run);
  };
  return () => {
    if (running === null) return start();
    return (next ??= running
      .catch(() => undefined)
      .then(() => {
        next = null;
        return start();
      }));
  };
}
