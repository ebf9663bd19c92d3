/**
 * Names of threads, from `session_index.jsonl` in the Codex home. The official program reads and writes it, too. One
 * line is one name. The last line of a thread counts, and invalid lines are skipped (docs/protocol/threads.md §12.1,
 * §12.3).
 */
import fs from 'node:fs';
import path from 'node:path';
import { CodexdError } from '../../errors/codexd-error.js';
import { isObject } from '../../system/node/objects.js';
import type { ThreadId } from '../store/records/thread-id.js';
import { openForUser } from '../../system/files/private-files.js';
import { statIfThere } from '../../system/files/look.js';

export interface SessionNames {
  /**
   * Null: the thread has no name. Includes names that other programs wrote. Throws if the file exists but cannot be
   * read.
   */
  get(id: ThreadId): string | null;
  /** All names, for searches. */
  all(): ReadonlyMap<ThreadId, string>;
  /** The name is in the file when the promise resolves. */
  set(id: ThreadId, name: string): Promise<void>;
}

/** Holds the file's lock while `work` runs. */
export type WithLock = (lockFile: string, work: () => void) => Promise<void>;

const LF = 0x0a;
const MAX_ATTEMPTS = 20;

export function createSessionNames(codexHome: string, withLock: WithLock): SessionNames {
  const file = path.join(codexHome, 'session_index.jsonl');
  const names = new Map<ThreadId, string>();
  let identity = '';
  let offset = 0;

  function catchUp(): void {
    const stat = statIfThere(file);
    if (stat === undefined) return forget();
    const now = `${stat.dev}:${stat.ino}`;
    // The file was replaced or truncated: read it from the start.
    if (now !== identity || stat.size < offset) {
      forget();
      identity = now;
    }
    if (stat.size === offset) return;
    const fd = fs.openSync(file, 'r');
    try {
      const bytes = Buffer.allocUnsafe(stat.size - offset);
      const length = fs.readSync(fd, bytes, 0, bytes.length, offset);
      let start = 0;
      for (let end = bytes.indexOf(LF); end !== -1 && end < length; end = bytes.indexOf(LF, start)) {
        take(bytes.toString('utf8', start, end));
        start = end + 1;
      }
      // The last line may have no line break, as other programs may write it. It is read now, and again when it has
      // grown.
      if (start < length) take(bytes.toString('utf8', start, length));
      offset += start;
    } finally {
      fs.closeSync(fd);
    }
  }

  function forget(): void {
    names.clear();
    identity = '';
    offset = 0;
  }

  function take(line: string): void {
    let entry: unknown;
    try {
      entry = JSON.parse(line);
    } catch {
      return;
    }
    if (!isObject(entry)) return;
    const { id, thread_name: name } = entry;
    if (typeof id === 'string' && typeof name === 'string') names.set(id.toLowerCase(), name);
  }

  return {
    get(id) {
      catchUp();
      return names.get(id) ?? null;
    },
    all() {
      catchUp();
      return names;
    },
    async set(id, name) {
      const line = `${JSON.stringify({ id, thread_name: name, updated_at: new Date().toISOString() })}\n`;
      await withLock(`${file}.lock`, () => {
        for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) if (appendLine(file, line)) return;
        throw new CodexdError('machine.contended', `${file} is replaced again and again`);
      });
      catchUp();
    },
  };
}

/** False if the file was replaced meanwhile: then nobody reads the line. */
function appendLine(file: string, line: string): boolean {
  const fd = openForUser(file, 'a+');
  try {
    const { size, dev, ino } = fs.fstatSync(fd);
    const last = Buffer.alloc(1);
    const torn = size > 0 && fs.readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== LF;
    const bytes = Buffer.from(`${torn ? '\n' : ''}${line}`);
    const written = fs.writeSync(fd, bytes);
    if (written < bytes.length)
      throw new CodexdError('machine.disk-full', `only ${written} of ${bytes.length} bytes of a name fit on the disk`);
    const there = statIfThere(file);
    return there?.dev === dev && there.ino === ino;
  } finally {
    fs.closeSync(fd);
  }
}
