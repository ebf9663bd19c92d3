/**
 * Creates the files of threads that share history with another thread: forks and reverts (docs/protocol/threads.md §7,
 * §10, §12.3).
 */
import fs from 'node:fs';
import path from 'node:path';
import { makeFolderForUser, openForUser } from '../../system/files/private-files.js';
import { processExists } from '../../system/linux/process-table.js';
import { newId, type ThreadId } from './records/thread-id.js';
import { openSource } from './files/record-source.js';
import { rolloutPath } from './files/rollout-name.js';
import type { HistoryBase, SessionMeta } from './records/rollout-record.js';
import { newWriter, recordLine, writerAtEnd, type RolloutWriter } from './files/rollout-writer.js';
import { scanLines } from './files/scan-lines.js';
import type { IndexedHistory } from './history/thread-history.js';
import { type ThreadFiles, storeError } from './records/thread-store.js';
import type { WriterLock } from './files/writer-lock.js';

export interface RevertOptions {
  readonly codexHome: string;
  readonly writer: RolloutWriter;
  readonly history: IndexedHistory;
  readonly beforeTurnId: string;
}

/**
 * Continues a thread in a new file, without `beforeTurnId` and all later turns. Closes the old writer and passes its
 * lock to the new one. Throws `thread.not-found` for an unknown turn; then nothing has changed.
 */
export async function revertThread({
  codexHome,
  writer,
  history,
  beforeTurnId,
}: RevertOptions): Promise<RolloutWriter> {
  const turn = history.indexOfTurn(beforeTurnId);
  if (turn === -1) throw storeError('thread.not-found', `turn not found: ${beforeTurnId}`);
  const now = Date.now();
  const { history_base: _base, ...rest } = history.meta;
  const base = await baseBefore(history, turn);
  const meta: SessionMeta = base === null ? rest : { ...rest, history_base: base };
  const next = newWriter({
    path: rolloutPath(codexHome, writer.id, now, newId(now)),
    meta,
    lock: writer.lock,
    firstOrdinal: base?.end_ordinal_exclusive ?? 0,
  });
  // The revert happens when the new file appears. Until then the old writer stays usable.
  next.append([]);
  await writer.detach();
  return next;
}

export interface ForkOptions {
  readonly codexHome: string;
  readonly source: ThreadFiles;
  readonly history: IndexedHistory;
  readonly meta: SessionMeta;
  /** Index of the first turn that the fork does not include; null: it includes all turns. */
  readonly end: number | null;
  readonly take: () => Promise<WriterLock>;
}

/** Creates the file of a fork. Sets `history_base`, `forked_from_id` and `history_mode` in the meta. */
export async function forkThread({ codexHome, source, history, meta, end, take }: ForkOptions): Promise<RolloutWriter> {
  const turn = end ?? history.turnCount;
  const createdMs = Date.parse(meta.timestamp);
  const file = rolloutPath(codexHome, meta.id, Number.isNaN(createdMs) ? Date.now() : createdMs);
  const lock = await take();
  try {
    if (history.historyMode === 'paginated') {
      const base = await baseBefore(history, turn);
      const forked: SessionMeta = {
        ...meta,
        history_mode: 'paginated',
        forked_from_id: source.id,
        ...(base === null ? {} : { forked_from_ordinal_exclusive: base.end_ordinal_exclusive, history_base: base }),
      };
      const writer = newWriter({ path: file, meta: forked, lock, firstOrdinal: base?.end_ordinal_exclusive ?? 0 });
      writer.append([]);
      return writer;
    }
    const copied: SessionMeta = { ...meta, history_mode: 'legacy', forked_from_id: source.id };
    await copyRecords(file, copied, history, turn);
    return writerAtEnd(file, copied, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * The point at which the new file continues the old one. Null: there is no history before it. Items that were injected
 * before the first turn count as history.
 */
async function baseBefore(history: IndexedHistory, turn: number): Promise<HistoryBase | null> {
  if (turn === 0 && (await history.modelHistory(0)).items.length === 0) return null;
  const { slice, byte, ordinal } = history.startOf(turn);
  return { thread_id: fileIdOf(slice, history.meta.id), end_ordinal_exclusive: ordinal, end_byte_offset: byte };
}

function fileIdOf(slice: { readonly stored: string; readonly fileId: string | null }, threadId: ThreadId): string {
  if (slice.fileId !== null) return slice.fileId;
  const match = /([0-9a-f-]{36})\.jsonl(?:\.zst)?$/i.exec(slice.stored);
  return match?.[1]?.toLowerCase() ?? threadId;
}

/** Separates a file's name from the id of the process that copies the file. */
const COPYING = '.copying-';

/** Removes unfinished copies of processes that were killed. Another process may remove them at the same time. */
function removeLeftovers(folder: string): void {
  for (const name of fs.readdirSync(folder)) {
    const pid = Number(name.split(COPYING)[1]);
    if (Number.isInteger(pid) && pid > 0 && !processExists(pid)) fs.rmSync(path.join(folder, name), { force: true });
  }
}

/**
 * Writes the fork's own meta, then the source's lines unchanged, including the source's meta (docs/protocol/threads.md
 * §7). The file gets its name when it is complete.
 */
async function copyRecords(file: string, meta: SessionMeta, history: IndexedHistory, turn: number): Promise<void> {
  makeFolderForUser(path.dirname(file));
  removeLeftovers(path.dirname(file));
  const temporary = `${file}${COPYING}${process.pid}`;
  const fd = openForUser(temporary, 'w');
  try {
    fs.writeSync(fd, recordLine({ type: 'session_meta', payload: meta }, new Date().toISOString()));
    const { slice, byte } = history.startOf(turn);
    const source = await openSource(slice.stored);
    try {
      const { rest } = await scanLines(source, 0, byte, (buffer, start, end) => {
        fs.writeSync(fd, buffer, start, end - start);
        fs.writeSync(fd, '\n');
      });
      if (rest.length > 0) fs.writeSync(fd, Buffer.concat([rest, Buffer.from('\n')]));
    } finally {
      await source.close();
    }
    fs.renameSync(temporary, file);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  } finally {
    fs.closeSync(fd);
  }
}
