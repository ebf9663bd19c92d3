/**
 * Decisions as JSON lines in a file, rotated by size (docs/configuration.md, `[codexd.network_audit]`).
 *
 * Threat: a full or slow disk that holds up decisions or fills memory; a file that other users read; a gap that nobody
 * sees; a path that leads somebody else's file to be appended to.
 * Rule: writing goes through a bounded queue beside the decisions and never in their way. What does not fit or cannot
 * be written is counted, told to the log once, and told in the file itself as soon as it can be written again. The file
 * is 0600, no link, in a folder that belongs to this user and that nobody else may write.
 * Scope: several daemons may write to one file: each batch of whole lines is one write(2) in append mode, and who finds
 * that another has rotated opens the new file. Non-scope: a signature over the lines; who can act as this user can
 * change them, commands in the sandbox cannot see them.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { NetworkAudit } from '../../config/settings/network-audit.js';
import type { Logger } from '../../log/log.js';

export interface AuditFile {
  /** Queues one line. Never throws, never waits. */
  write(entry: object): void;
  counts(): AuditCounts;
  /** Writes what is queued, within `limitMs` milliseconds. */
  close(limitMs?: number): Promise<void>;
}

export interface AuditCounts {
  readonly written: number;
  /** Lines that will never be in the file. */
  readonly lost: number;
  /** Attempts to write that failed. */
  readonly failures: number;
}

/** Lines that wait: some 4 MiB. */
const MAX_QUEUED = 10_000;
/** Octets of one write. */
const MAX_BATCH = 256 * 1024;
const CLOSE_LIMIT_MS = 2000;
/** Milliseconds after a failure in which nothing is tried. */
const RETRY_MS = 1000;

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = fs.constants;

export function createAuditFile(options: NetworkAudit & { readonly log: Pick<Logger, 'error'> }): AuditFile {
  const { maxBytes, maxFiles, log } = options;
  let queue: string[] = [];
  let handle: fs.promises.FileHandle | null = null;
  let working: Promise<void> | null = null;
  let told = false;
  let blockedUntil = 0;
  /** Lines lost that the file does not tell of yet. */
  let untold = 0;
  const counts = { written: 0, lost: 0, failures: 0 };

  const lose = (lines: number): void => {
    counts.lost += lines;
    untold += lines;
  };
  const work = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve)); // what one turn of the event loop decides is one batch
    while (queue.length > 0) {
      const { lines, bytes } = takeBatch(queue, Math.min(MAX_BATCH, maxBytes));
      const gap = untold;
      const text =
        gap > 0 ? `${JSON.stringify({ lostLines: gap, atMs: Date.now() })}\n${lines.join('')}` : lines.join('');
      try {
        handle = await rotated(handle, options, bytes);
        await handle.appendFile(text);
        counts.written += lines.length;
        untold -= gap;
        told = false;
      } catch (error) {
        counts.failures++;
        lose(lines.length);
        blockedUntil = Date.now() + RETRY_MS;
        if (!told)
          log.error(
            `the network audit cannot be written to ${options.path}; decisions go on without it: ${String(error)}`,
          );
        told = true;
        await handle?.close().catch(() => {}); // it may be what failed
        handle = null;
        return;
      }
    }
  };
  const wake = (): void => {
    working ??= work().finally(() => {
      working = null;
      if (queue.length > 0 && Date.now() >= blockedUntil) wake();
    });
  };

  return {
    write(entry) {
      if (queue.length >= MAX_QUEUED) return lose(1);
      queue.push(`${JSON.stringify(entry)}\n`);
      if (Date.now() >= blockedUntil) wake();
    },
    counts: () => ({ ...counts }),
    async close(limitMs = CLOSE_LIMIT_MS) {
      if (queue.length > 0) wake();
      const limit = new Promise<void>((resolve) => setTimeout(resolve, limitMs).unref());
      await Promise.race([working ?? Promise.resolve(), limit]);
      lose(queue.length);
      queue = [];
      await Promise.race([handle?.close().catch(() => {}), limit]);
      handle = null;
    },
  };

  /** An open file with room for `bytes`. */
  async function rotated(
    open: fs.promises.FileHandle | null,
    place: NetworkAudit,
    bytes: number,
  ): Promise<fs.promises.FileHandle> {
    let file = open;
    if (file !== null && !(await isStill(file, place.path))) {
      await file.close();
      file = null; // another daemon has put it aside, or somebody has removed it
    }
    file ??= await openPrivate(place.path);
    const { size } = await file.stat();
    if (size === 0 || size + bytes <= maxBytes) return file;
    const current = await isStill(file, place.path);
    await file.close();
    if (current) await putAside(place.path, maxFiles); // else another daemon just has
    return openPrivate(place.path);
  }
}

/** Whole lines up to `limit` octets, one at least, off the front of the queue. */
function takeBatch(queue: string[], limit: number): { readonly lines: readonly string[]; readonly bytes: number } {
  let bytes = 0;
  let count = 0;
  for (const line of queue) {
    const more = Buffer.byteLength(line);
    if (count > 0 && bytes + more > limit) break;
    bytes += more;
    count++;
  }
  return { lines: queue.splice(0, count), bytes };
}

async function isStill(file: fs.promises.FileHandle, place: string): Promise<boolean> {
  const [mine, there] = await Promise.all([file.stat(), fs.promises.lstat(place).catch(() => null)]);
  return there !== null && mine.ino === there.ino && mine.dev === there.dev;
}

async function openPrivate(place: string): Promise<fs.promises.FileHandle> {
  const folder = path.dirname(place);
  await fs.promises.mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = await fs.promises.stat(folder);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0)
    throw new Error(`its folder ${folder} belongs to somebody else, or others may write in it; make it 0700 and yours`);
  const file = await fs.promises.open(place, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  const stat = await file.stat();
  if (stat.isFile() && stat.nlink === 1) {
    if ((stat.mode & 0o077) !== 0) await file.chmod(0o600);
    return file;
  }
  await file.close();
  throw new Error('it is not a file of its own');
}

/**
 * `file` → `file.TIME-PID-COUNT`, so that two daemons never put one file over another; beyond `maxFiles` the oldest
 * goes.
 */
async function putAside(file: string, maxFiles: number): Promise<void> {
  const time = new Date().toISOString().replace(/[-:.]/g, '');
  const name = `${file}.${time}-${process.pid}-${String(aside++ % 1e6).padStart(6, '0')}`;
  await fs.promises.rename(file, name).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error; // another daemon was first
  });
  const folder = path.dirname(file);
  const prefix = `${path.basename(file)}.`;
  const names = (await fs.promises.readdir(folder)).filter(
    (found) => found.startsWith(prefix) && PUT_ASIDE.test(found.slice(prefix.length)),
  );
  const surplus = names.sort().slice(0, Math.max(names.length - (maxFiles - 1), 0));
  for (const old of surplus) await fs.promises.rm(path.join(folder, old), { force: true });
}
const PUT_ASIDE = /^\d{8}T\d{9}Z-\d+-\d{6}$/;
let aside = 0;
