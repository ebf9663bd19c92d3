/**
 * Writes decisions as JSON lines to a file, rotated by size (docs/configuration.md, `[codexd.network_audit]`).
 *
 * Threat: a full or slow disk delays decisions or fills memory; other users read the file; a gap stays unnoticed; the
 * path leads to another user's file.
 * Rule: writing goes through a bounded queue and never delays decisions. Lines that do not fit or cannot be written are
 * counted, reported to the log once, and recorded in the file as soon as it can be written again. The file is 0600 and
 * no link, in a folder that belongs to this user and that nobody else may write.
 * Scope: several daemons may write to one file. Each batch of whole lines is one write(2) in append mode. A daemon that
 * notices another's rotation opens the new file.
 * Non-scope: a signature over the lines. Programs with this user's rights can change them; commands in the sandbox
 * cannot see them.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { describe } from '../../errors/describe.js';
import fs from 'node:fs';
import path from 'node:path';
import type { NetworkAudit } from '../../config/settings/network-audit.js';
import type { Logger } from '../../log/log.js';
import { HAS_MODES, makeFolderForUser, startFileForUser } from '../../system/files/private-files.js';

export interface AuditFile {
  /** Queues one line. Never throws, never waits. */
  write(entry: object): void;
  counts(): AuditCounts;
  /** Writes the queued lines, within `limitMs` milliseconds. */
  close(limitMs?: number): Promise<void>;
}

export interface AuditCounts {
  readonly written: number;
  /** Lines that will never be in the file. */
  readonly lost: number;
  /** Attempts to write that failed. */
  readonly failures: number;
}

/** Waiting lines: about 4 MiB. */
const MAX_QUEUED = 10_000;
/** Octets of one write. */
const MAX_BATCH = 256 * 1024;
const CLOSE_LIMIT_MS = 2000;
/** Milliseconds without an attempt after a failure. */
const RETRY_MS = 1000;

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = fs.constants;

export function createAuditFile(options: NetworkAudit & { readonly log: Pick<Logger, 'error'> }): AuditFile {
  const { maxBytes, maxFiles, log } = options;
  let queue: string[] = [];
  let handle: fs.promises.FileHandle | null = null;
  let working: Promise<void> | null = null;
  let reported = false;
  let blockedUntil = 0;
  /** Lost lines that the file does not record yet. */
  let unrecorded = 0;
  const counts = { written: 0, lost: 0, failures: 0 };

  const lose = (lines: number): void => {
    counts.lost += lines;
    unrecorded += lines;
  };
  const work = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve)); // the decisions of one turn of the event loop form one batch
    while (queue.length > 0) {
      const { lines, bytes } = takeBatch(queue, Math.min(MAX_BATCH, maxBytes));
      const gap = unrecorded;
      const text =
        gap > 0 ? `${JSON.stringify({ lostLines: gap, atMs: Date.now() })}\n${lines.join('')}` : lines.join('');
      try {
        handle = await rotated(handle, options, bytes);
        await handle.appendFile(text);
        counts.written += lines.length;
        unrecorded -= gap;
        reported = false;
      } catch (error) {
        counts.failures++;
        lose(lines.length);
        blockedUntil = Date.now() + RETRY_MS;
        if (!reported)
          log.error(
            ...describe(`the network audit cannot be written to ${options.path}; decisions go on without it`, error),
          );
        reported = true;
        await handle?.close().catch(() => {}); // this handle may be the cause
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
      file = null; // another daemon has moved it, or somebody has removed it
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

/** Takes whole lines of up to `limit` octets, at least one, from the front of the queue. */
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
  makeFolderForUser(folder);
  const { mode, uid } = await fs.promises.stat(folder);
  if (HAS_MODES && (uid !== process.getuid?.() || (mode & 0o022) !== 0))
    throw new CodexdError(
      'network.audit',
      `its folder ${folder} belongs to somebody else, or others may write in it; make it 0700 and yours`,
    );
  // Where links are followed by every open, the name is looked at first.
  const named = HAS_MODES ? null : await fs.promises.lstat(place).catch(() => null);
  if (named !== null && !named.isFile()) throw new CodexdError('network.audit', 'it is not a file of its own');
  startFileForUser(place);
  const file = await fs.promises.open(place, O_WRONLY | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0), 0o600);
  const stat = await file.stat();
  if (stat.isFile() && stat.nlink === 1) {
    if (HAS_MODES && (stat.mode & 0o077) !== 0) await file.chmod(0o600);
    return file;
  }
  await file.close();
  throw new CodexdError('network.audit', 'it is not a file of its own');
}

/**
 * Renames `file` to `file.TIME-PID-COUNT`, so that two daemons never overwrite a file. Beyond `maxFiles`, removes the
 * oldest.
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
