/** rollout/compress (docs/protocol/threads.md §15): old rollout files become `.jsonl.zst`, which both programs read. */
import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { errorFields } from '../../../errors/describe.js';
import { messageOf } from '../../../errors/message-of.js';
import { statIfThere } from '../../../system/files/look.js';
import { openForUser, startFileForUser } from '../../../system/files/private-files.js';
import type { Logger } from '../../../log/log.js';
import type { ThreadFiles } from '../records/thread-store.js';
import { decompress } from './record-source.js';
import { COMPRESSED } from './rollout-name.js';
import type { WriterLocks } from './writer-lock.js';

type Compress = (bytes: Buffer) => Promise<Buffer>;

/** Null: this Node has no zstd. */
export function compressor(): Compress | null {
  const { zstdCompress } = zlib as {
    zstdCompress?: (bytes: Buffer, done: (error: Error | null, out: Buffer) => void) => void;
  };
  return zstdCompress === undefined ? null : promisify(zstdCompress);
}

export interface PackOptions {
  readonly codexHome: string;
  readonly threads: () => readonly ThreadFiles[];
  readonly locks: WriterLocks;
  readonly compress: Compress;
  readonly log: Logger;
}

/** A file that was changed since is left alone, in milliseconds. */
const REST_MS = 7 * 24 * 60 * 60 * 1000;
/** After a pass of any program the next one waits, in milliseconds. */
const COOLDOWN_MS = 6 * 60 * 60 * 1000;
/** A larger file stays as it is: it is held in memory three times. */
const LIMIT_BYTES = 256 * 1024 * 1024;

export interface Packed {
  readonly compressed: number;
  readonly failed: number;
}

/**
 * Null: another pass was made shortly before. Never rejects for a file: it is counted and logged. At every moment one
 * of the two forms is complete, and readers prefer the plain one.
 */
export async function packRollouts({ codexHome, threads, locks, compress, log }: PackOptions): Promise<Packed | null> {
  if (!begin(path.join(codexHome, '.tmp', 'rollout-compression.lock'))) return null;
  const result = { compressed: 0, failed: 0 };
  for (const { id, segments } of threads()) {
    const old = segments.filter(isOld);
    if (old.length === 0) continue;
    try {
      // A loaded thread, here or in another program, has the lock: its file is not touched.
      const lock = await locks.take(id);
      try {
        for (const file of old) if (isOld(file) && (await pack(file, compress))) result.compressed++;
      } finally {
        await lock.release();
      }
    } catch (error) {
      result.failed++;
      log.info(`the thread ${id} was not compressed: ${messageOf(error)}`, errorFields(error));
    }
  }
  return result;
}

/** False: the cooldown is not over. The file is that of the official program, so the passes of both count. */
function begin(file: string): boolean {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const stat = statIfThere(file);
  if (stat !== undefined && Date.now() - stat.mtimeMs < COOLDOWN_MS) return false;
  const fd = openForUser(file, 'w');
  try {
    fs.writeFileSync(fd, `pid=${process.pid}\n`);
  } finally {
    fs.closeSync(fd);
  }
  return true;
}

function isOld(file: string): boolean {
  const stat = fs.lstatSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || file.endsWith(COMPRESSED)) return false;
  return stat.size > 0 && stat.size <= LIMIT_BYTES && Date.now() - stat.mtimeMs >= REST_MS;
}

/** The new file has the mode and the times of the old one. False: the old one changed meanwhile, and stays. */
async function pack(file: string, compress: Compress): Promise<boolean> {
  const before = fs.statSync(file);
  const plain = await readFile(file);
  const packed = await compress(plain);
  if (!plain.equals(await decompress(packed, `${file}${COMPRESSED}`))) return false;
  const temporary = `${file}.packing-${process.pid}`;
  try {
    startFileForUser(temporary);
    const fd = fs.openSync(temporary, 'w', before.mode & 0o777);
    try {
      fs.writeFileSync(fd, packed);
      fs.fchmodSync(fd, before.mode & 0o777);
      fs.futimesSync(fd, before.atimeMs / 1000, before.mtimeMs / 1000);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    const now = fs.statSync(file);
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size) return false;
    fs.renameSync(temporary, `${file}${COMPRESSED}`);
    fs.rmSync(file);
    return true;
  } finally {
    fs.rmSync(temporary, { force: true });
  }
}
