/** The thread store: finds, reads, writes and moves rollout files (docs/protocol/threads.md §12). */
import fs from 'node:fs';
import path from 'node:path';
import { paths } from '../../system/files/paths.js';
import { BoundedMap } from '../../system/node/bounded-map.js';
import type { Logger } from '../../log/log.js';
import { claimDescriptors, makeRoom } from '../../system/programs/descriptors.js';
import type { ThreadId } from './records/thread-id.js';
import { createMetaFacts, type MetaFactsOf } from './files/meta-facts.js';
import { assertUnreferenced, deleteThread, moveThread, unarchivedPath } from './files/move-thread.js';
import { forkThread, revertThread } from './branch-thread.js';
import { loadUnpacker, readFileHead } from './files/rollout-head.js';
import { createRolloutLayout, type RolloutLayout } from './files/rollout-layout.js';
import { archivedFolder, COMPRESSED, parseRolloutName, plainPath, rolloutPath } from './files/rollout-name.js';
import { compressor, packRollouts, type Packed } from './files/pack-rollouts.js';
import { newWriter, writerAtEnd, type RolloutWriter } from './files/rollout-writer.js';
import { changedAt, historyModeOf } from './files/session-meta.js';
import type { KeptTurns } from './records/turn-record.js';
import { openHistory, type IndexedHistory } from './history/thread-history.js';
import { type ThreadFiles, type ThreadHead, type ThreadStore, storeError } from './records/thread-store.js';
import { unpackFile } from './files/unpack-file.js';
import { createWriterLocks } from './files/writer-lock.js';

export interface ThreadStoreOptions {
  readonly codexHome: string;
  readonly log: Logger;
}

/** The thread store with the list of all threads, which the catalog reads. */
export interface FileThreadStore extends ThreadStore {
  /**
   * Every thread whose file is listed (docs/protocol/threads.md §12.3), in no order. If nothing has changed, the cost
   * is one stat per folder.
   */
  all(): ThreadFiles[];
  /**
   * Compresses files that nobody has changed for a week. Null: this Node cannot. Otherwise the pass, or null where
   * another one was made shortly before.
   */
  pack(): (() => Promise<Packed | null>) | null;
}

/** How many histories stay in memory. Each stores the positions of its turns: about 200 bytes per turn. */
const KEPT_HISTORIES = 8;

/** How many descriptors opening a thread needs: the lock, the file, the guard of the lock, and a short-lived child. */
const THREAD_DESCRIPTORS = 8;

/** Opens a thread if enough descriptors are free. Throws `machine.descriptors`. */
async function whileClaimed<T>(open: () => Promise<T>): Promise<T> {
  await makeRoom();
  const settle = claimDescriptors('a thread', THREAD_DESCRIPTORS);
  try {
    return await open();
  } finally {
    settle();
  }
}

export function createThreadStore({ codexHome, log }: ThreadStoreOptions): FileThreadStore {
  const layout = createRolloutLayout(codexHome);
  const locks = createWriterLocks(codexHome);
  const factsOf = createMetaFacts();
  const histories = new BoundedMap<string, Promise<IndexedHistory>>(KEPT_HISTORIES);

  /** Returns the shared index of a file, and makes it the most recently used one. */
  async function indexed(files: ThreadFiles, kept?: KeptTurns): Promise<IndexedHistory> {
    const key = files.stored;
    const known = await histories.get(key)?.catch(() => null);
    const reusable = known !== null && known !== undefined && (await known.current());
    const opened = reusable ? known.refresh().then(() => known) : openHistory(files, { layout, log }, kept);
    histories.set(key, opened);
    opened.catch(() => histories.delete(key));
    return opened;
  }

  const store: FileThreadStore = {
    all: () => layout.all(),
    pack() {
      const compress = compressor();
      return compress && (() => packRollouts({ codexHome, threads: () => layout.all(), locks, compress, log }));
    },
    find: async (id) => layout.find(id) ?? (await findByMeta(layout, factsOf, id)),
    at: (asked) => filesAt(layout, codexHome, asked),
    head: (files) => threadHead(layout, files),
    history: async (files, kept) => (await indexed(files, kept)).snapshot(),
    async create(meta, atFirstWrite) {
      const lock = await whileClaimed(() => locks.take(meta.id));
      const createdMs = Date.parse(meta.timestamp);
      const file = rolloutPath(codexHome, meta.id, Number.isNaN(createdMs) ? Date.now() : createdMs);
      return newWriter({ path: file, meta, lock, ...(atFirstWrite && { atFirstWrite }) });
    },
    open: (files) => whileClaimed(() => open(files)),
    async revert(writer, beforeTurnId) {
      if (!writer.exists) throw storeError('thread.not-found', `turn not found: ${beforeTurnId}`);
      const files = await store.at(writer.path);
      return revertThread({ codexHome, writer: writer as RolloutWriter, history: await indexed(files), beforeTurnId });
    },
    async fork(source, meta, end) {
      const history = await indexed(source);
      return whileClaimed(() =>
        forkThread({ codexHome, source, history: history.snapshot(), meta, end, take: () => locks.take(meta.id) }),
      );
    },
    archive: (files) => locked(files.id, () => moveThread(files, layout, () => archivedFolder(codexHome))),
    unarchive: (files) => locked(files.id, () => moveThread(files, layout, (name) => unarchivedPath(codexHome, name))),
    async delete(files, release) {
      await assertUnreferenced(files, layout, factsOf);
      await release?.();
      await locked(files.id, () => deleteThread(files));
    },
  };

  async function open(files: ThreadFiles): Promise<RolloutWriter> {
    const lock = await locks.take(files.id);
    try {
      if (files.stored.endsWith(COMPRESSED)) await unpackFile(files.stored, files.path);
      else fs.rmSync(`${files.path}${COMPRESSED}`, { force: true });
      const { meta } = readFileHead(files.path, { metaOnly: true, whole: true, first: true });
      return writerAtEnd(files.path, meta, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async function locked<T>(id: ThreadId, work: () => Promise<T>): Promise<T> {
    const lock = await locks.take(id);
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }

  return store;
}

/**
 * Finds a thread by the id in the meta, which wins over the id in the file's name (docs/protocol/threads.md §12.3).
 * Reads the beginnings of files that were not read before.
 */
async function findByMeta(layout: RolloutLayout, factsOf: MetaFactsOf, id: ThreadId): Promise<ThreadFiles | null> {
  for (const files of layout.all()) {
    if ((await factsOf(files.stored))?.id === id) return { ...files, id };
  }
  return null;
}

async function filesAt(layout: RolloutLayout, codexHome: string, asked: string): Promise<ThreadFiles> {
  const resolved = paths.resolve(codexHome, asked);
  const stored = [resolved, `${resolved}${COMPRESSED}`].find((candidate) => fs.existsSync(candidate));
  if (stored === undefined)
    throw storeError('thread.not-found', `failed to resolve rollout path \`${resolved}\`: file does not exist`);
  if (fs.statSync(stored).isDirectory())
    throw storeError('thread.not-found', `failed to resolve rollout path \`${resolved}\`: path is a directory`);
  const name = parseRolloutName(path.basename(stored));
  const known = name === null ? null : layout.find(name.id);
  if (known?.segments.some((segment) => paths.same(segment, plainPath(stored)))) return known;
  if (stored.endsWith(COMPRESSED)) await loadUnpacker();
  const { meta } = readFileHead(stored, { metaOnly: true });
  const plain = plainPath(stored);
  const archived = paths.same(path.dirname(stored), archivedFolder(codexHome));
  return { id: meta.id, path: plain, stored, archived, segments: [plain] };
}

async function threadHead(layout: RolloutLayout, files: ThreadFiles): Promise<ThreadHead> {
  if (files.stored.endsWith(COMPRESSED)) await loadUnpacker();
  const own = readFileHead(files.stored);
  const inherited = await inheritedMessage(layout, files, own.meta.history_base ?? null);
  const preview = inherited ?? own.firstUserMessage;
  const createdAtMs = Date.parse(own.meta.timestamp);
  const updatedAtMs = changedAt(files.stored);
  return {
    id: own.meta.id,
    files,
    meta: own.meta,
    historyMode: historyModeOf(own.meta),
    preview: preview ?? '',
    hasUserMessage: preview !== null,
    createdAtMs: Number.isNaN(createdAtMs) ? updatedAtMs : createdAtMs,
    updatedAtMs,
  };
}

/** The first user message of the history that a fork or a reverted thread continues. */
async function inheritedMessage(
  layout: RolloutLayout,
  files: ThreadFiles,
  base: { readonly thread_id: string; readonly end_byte_offset: number } | null,
): Promise<string | null> {
  const seen = new Set<string>([files.stored]);
  let message: string | null = null;
  for (let next = base; next !== null && next.end_byte_offset > 0;) {
    const stored = layout.file(next.thread_id.toLowerCase());
    if (stored === null || seen.has(stored)) break;
    seen.add(stored);
    if (stored.endsWith(COMPRESSED)) await loadUnpacker();
    const head = readFileHead(stored, { before: next.end_byte_offset });
    message = head.firstUserMessage ?? message;
    next = head.meta.history_base ?? null;
  }
  return message;
}
