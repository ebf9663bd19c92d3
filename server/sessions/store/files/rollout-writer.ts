/**
 * Appends records to a rollout (docs/protocol/threads.md §12.2): whole lines, one write per call. The lines are on disk
 * when the call returns.
 */
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { CodexdError } from '../../../errors/codexd-error.js';
import { fault } from '../../../errors/fault.js';
import type { HistoryMode, NewRecord, SessionMeta } from '../records/rollout-record.js';
import { historyModeOf } from './session-meta.js';
import { ordinalAfter } from './next-ordinal.js';
import type { ThreadWriter } from '../records/thread-store.js';
import type { WriterLock } from './writer-lock.js';
import { makeFolderForUser, openForUser } from '../../../system/files/private-files.js';
import { isSameFile, statIfThere } from '../../../system/files/look.js';

/** A writer that can pass its lock to the writer of the next segment. */
export interface RolloutWriter extends ThreadWriter {
  readonly meta: SessionMeta;
  readonly lock: WriterLock;
  /** Closes the file without a flush, which could fail. The next writer keeps the lock. */
  detach(): Promise<void>;
}

export interface NewFile {
  readonly path: string;
  readonly meta: SessionMeta;
  readonly lock: WriterLock;
  /** The ordinal of the session_meta: the end of the history that this file continues. */
  readonly firstOrdinal?: number;
  /** Returns members of the session_meta that are determined when it is written. */
  readonly atFirstWrite?: () => Partial<SessionMeta>;
}

/** A writer for a new file. The first append creates the file; its first line is the session_meta. */
export function newWriter({ path: file, meta, lock, firstOrdinal = 0, atFirstWrite }: NewFile): RolloutWriter {
  return writer({
    file,
    meta,
    lock,
    nextOrdinal: firstOrdinal,
    end: 0,
    fd: null,
    torn: false,
    ...(atFirstWrite && { atFirstWrite }),
  });
}

/**
 * A writer at the end of an existing plain file. Ordinals continue behind the last record, also if other programs have
 * appended records without ordinals (docs/protocol/threads.md §12.3).
 */
export function writerAtEnd(file: string, meta: SessionMeta, lock: WriterLock): RolloutWriter {
  const fd = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_APPEND);
  try {
    const { size } = fs.fstatSync(fd);
    const nextOrdinal =
      historyModeOf(meta) === 'paginated' ? ordinalAfter(fd, size, meta.history_base?.end_ordinal_exclusive ?? 0) : 0;
    const torn = size > 0 && !endsLine(fd, size);
    return writer({ file, meta, lock, nextOrdinal, end: size, fd, torn });
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

interface State {
  readonly file: string;
  readonly meta: SessionMeta;
  readonly lock: WriterLock;
  readonly atFirstWrite?: () => Partial<SessionMeta>;
  nextOrdinal: number;
  /** The end of the last line that this writer wrote. If the file is shorter, another program truncated it. */
  end: number;
  fd: number | null;
  /** The file ends in an incomplete line. The next append ends that line first. */
  torn: boolean;
}

function writer(state: State): RolloutWriter {
  const { file, meta } = state;
  const mode: HistoryMode = historyModeOf(meta);
  let closed = false;

  async function closeFile(flush: boolean): Promise<void> {
    if (closed) return;
    closed = true;
    if (state.fd === null) return;
    const fd = state.fd;
    try {
      if (flush) await fdatasync(fd);
    } finally {
      state.fd = null;
      fs.closeSync(fd);
    }
  }

  return {
    id: meta.id,
    path: file,
    meta,
    lock: state.lock,
    get exists() {
      return state.fd !== null;
    },
    get lost() {
      return state.fd === null || closed ? null : lossOf(state.fd, file, state.end);
    },
    historyMode: mode,
    get nextOrdinal() {
      return mode === 'paginated' ? state.nextOrdinal : 0;
    },
    append(records) {
      if (closed) throw fault(`thread ${meta.id} is closed: nothing can be appended to ${file}`);
      const first = state.fd === null;
      if (!first && records.length === 0) return;
      const all = first
        ? [{ type: 'session_meta', payload: { ...meta, ...state.atFirstWrite?.() } }, ...records]
        : records;
      const timestamp = new Date().toISOString();
      let ordinal = state.nextOrdinal;
      const lines = all.map(({ type, payload, metadata }) =>
        JSON.stringify({
          timestamp,
          ...(mode === 'paginated' ? { ordinal: ordinal++ } : {}),
          type,
          payload,
          ...(metadata === undefined ? {} : { metadata }),
        }),
      );
      const bytes = Buffer.from(`${state.torn ? '\n' : ''}${lines.join('\n')}\n`);
      if (first) state.fd = makeFile(file, bytes);
      else {
        const loss = lossOf(state.fd as number, file, state.end);
        if (loss !== null)
          throw new CodexdError(
            'thread.rollout-lost',
            `the rollout ${file} was ${loss} while its thread was open: nothing can be added to it; the thread is unloaded, and a resume goes on with what is there now`,
          );
        appendWhole(state.fd as number, bytes);
      }
      state.end = fs.fstatSync(state.fd as number).size;
      state.torn = false;
      state.nextOrdinal = ordinal;
    },
    async sync() {
      if (state.fd !== null && !closed) await fdatasync(state.fd);
    },
    async close() {
      try {
        await closeFile(true);
      } finally {
        await state.lock.release();
      }
    },
    detach: () => closeFile(false),
  };
}

const fdatasync = promisify(fs.fdatasync);

/**
 * Creates the file with its first lines. The file gets its name when it is complete, so a file without a meta never
 * appears.
 */
function makeFile(file: string, bytes: Buffer): number {
  makeFolderForUser(path.dirname(file));
  if (fs.existsSync(file)) throw fault(`the rollout ${file} exists already`);
  const unnamed = `${file}.making-${process.pid}`;
  const fd = openForUser(unnamed, 'ax+');
  try {
    appendWhole(fd, bytes);
    fs.renameSync(unnamed, file);
    return fd;
  } catch (error) {
    fs.closeSync(fd);
    fs.rmSync(unnamed, { force: true });
    throw error;
  }
}

/** What happened to an open file, as a value of `ThreadWriter.lost`. `end`: the minimum length of the file in bytes. */
function lossOf(fd: number, file: string, end: number): ThreadWriter['lost'] {
  const open = fs.fstatSync(fd);
  const named = statIfThere(file);
  if (named !== undefined && !isSameFile(named, open)) return 'replaced';
  if (open.nlink === 0) return 'removed';
  return open.size < end ? 'cut off' : null;
}

/** Appends all bytes or none: if the write fails in the middle, its part is removed. */
function appendWhole(fd: number, bytes: Buffer): void {
  const before = fs.fstatSync(fd);
  let written = 0;
  try {
    while (written < bytes.length) written += fs.writeSync(fd, bytes, written);
  } catch (error) {
    // Removes only this writer's bytes: if the file has grown by more, a program without the lock has appended, too.
    if (written > 0 && fs.fstatSync(fd).size === before.size + written) fs.ftruncateSync(fd, before.size);
    throw error;
  }
}

const LF = 0x0a;

function endsLine(fd: number, size: number): boolean {
  const byte = Buffer.alloc(1);
  fs.readSync(fd, byte, 0, 1, size - 1);
  return byte[0] === LF;
}

/** A record as a line of the file, for a file that is written as a whole (a copy). */
export function recordLine(record: NewRecord, timestamp: string): string {
  return `${JSON.stringify({ timestamp, ...record })}\n`;
}
