/**
 * Reads the end of a rollout: the settings of the thread's last turn. It is read when a row is returned, not before,
 * because no filter and hardly any sort order needs it.
 */
import fs from 'node:fs';
import { osCode } from '../../errors/os-code.js';
import { isObject } from '../../system/node/objects.js';
import { COMPRESSED } from '../store/files/rollout-name.js';
import type { SessionMeta } from '../store/records/rollout-record.js';
import type { ThreadId } from '../store/records/thread-id.js';
import { parseRecord } from '../store/records/sniff-record.js';

export interface Tail {
  readonly model: string | null;
  readonly effort: string | null;
  /**
   * From a later session_meta: there the official program stores an edit of a legacy thread. Undefined: there is none.
   */
  readonly git: SessionMeta['git'];
  /** When the last turn began, in milliseconds since the epoch; null: the part that was read does not contain it. */
  readonly turnMs: number | null;
}

/** How many bytes from the end are read first, and at most. Lists do not use records before them. */
const FIRST_READ = 32 * 1024;
const MOST = 2 * 1024 * 1024;
const LF = 0x0a;

const TURN_CONTEXT = Buffer.from('"turn_context"');
const SETTINGS = Buffer.from('"thread_settings_applied"');
const META = Buffer.from('"session_meta"');
const TURN_START = Buffer.from('"task_started"');

/** Throws the file system's error. */
function readTail(file: string, id: ThreadId): Tail {
  const fd = fs.openSync(file, 'r');
  try {
    const { size } = fs.fstatSync(fd);
    for (let length = FIRST_READ; ; length *= 8) {
      const from = Math.max(0, size - Math.min(length, MOST));
      const buffer = Buffer.allocUnsafe(size - from);
      const bytes = fs.readSync(fd, buffer, 0, buffer.length, from);
      const tail = tailOf(buffer.subarray(0, bytes), id, from);
      if (tail.model !== null || from === 0 || length >= MOST) return tail;
    }
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Reads the end of a stored file. The result is empty if the file cannot be read, or if it is compressed, because the
 * whole file would have to be decompressed.
 */
export function tailOfFile(stored: string, id: ThreadId): Tail {
  if (stored.endsWith(COMPRESSED)) return NO_TAIL;
  try {
    return readTail(stored, id);
  } catch (error) {
    if (osCode(error) === 'ENOENT') return NO_TAIL;
    throw error;
  }
}

const NO_TAIL: Tail = { model: null, effort: null, git: undefined, turnMs: null };

/** The same for bytes that begin at `from` in the file. */
function tailOf(buffer: Buffer, id: ThreadId, from = 0): Tail {
  const settings = lastOf(buffer, [TURN_CONTEXT, SETTINGS], settingsIn);
  const meta = lastOf(buffer, [META], ({ record, start }) =>
    record.type === 'session_meta' && record.payload['id'] === id && from + start > 0 ? record.payload : null,
  );
  const turnMs = lastOf(buffer, [TURN_START], ({ record }) =>
    record.payload['type'] === 'task_started' ? Date.parse(record.timestamp) : null,
  );
  return {
    model: settings?.model ?? null,
    effort: settings?.effort ?? null,
    git: meta === null ? undefined : (meta['git'] as SessionMeta['git']),
    turnMs: turnMs === null || Number.isNaN(turnMs) ? null : turnMs,
  };
}

interface Found {
  readonly record: NonNullable<ReturnType<typeof parseRecord>>;
  readonly start: number;
}

/** The last line that contains one of the words and for which `read` returns a value. */
function lastOf<T>(buffer: Buffer, words: readonly Buffer[], read: (found: Found) => T | null): T | null {
  let before = buffer.length;
  while (before > 0) {
    const within = buffer.subarray(0, before);
    const at = Math.max(...words.map((word) => within.lastIndexOf(word)));
    if (at === -1) return null;
    const start = within.lastIndexOf(LF, at) + 1;
    const lf = buffer.indexOf(LF, at);
    const record = parseRecord(buffer, start, lf === -1 ? buffer.length : lf);
    const value = record === null ? null : read({ record, start });
    if (value !== null) return value;
    before = start;
  }
  return null;
}

function settingsIn({ record: { type, payload } }: Found): { model: string; effort: string | null } | null {
  if (type === 'turn_context') return modelOf(payload);
  if (payload['type'] !== 'thread_settings_applied' || !isObject(payload['thread_settings'])) return null;
  return modelOf(payload['thread_settings']);
}

function modelOf(settings: Readonly<Record<string, unknown>>): { model: string; effort: string | null } | null {
  const { model, effort } = settings;
  return typeof model === 'string' ? { model, effort: typeof effort === 'string' ? effort : null } : null;
}
