/**
 * Gives a file another content in its place: its mode, its owner, its links and everybody's watches stay.
 *
 * Threat: the disk becomes full in the middle, and the old content is lost as well.
 * Rule: what the file has to grow by is written first, behind the old content. If that fails, the file gets its old
 * length again. Only then the old content is overwritten, which needs no space on most file systems.
 * Non-scope: other programs that read the file at the same time.
 */
import type { FileHandle } from 'node:fs/promises';
import type { OpenedForClient } from './open-regular.js';

/** New content, which is read at any place. */
export interface Content {
  /** In bytes. */
  readonly size: number;
  /** At most `PIECE_BYTES` from `at`, a multiple of that; fewer at the end. */
  piece(at: number): Promise<Buffer> | Buffer;
}

/** A multiple of three, which is whole groups of base64. */
export const PIECE_BYTES = 3 * 256 * 1024;

/** Throws what the file system throws. When it returns, the content is on the disk. */
export async function overwrite({ handle, stat }: OpenedForClient, content: Content): Promise<void> {
  if (!stat.isFile()) return writeOn(handle, content);
  const before = Number(stat.size);
  const kept = Math.min(before, content.size);
  try {
    await write(handle, content, kept, content.size);
  } catch (error) {
    // Nothing else can be done about an error of this call: the first one is the answer.
    await handle.truncate(before).catch(() => undefined);
    throw error;
  }
  await write(handle, content, 0, kept);
  if (content.size < before) await handle.truncate(content.size);
  await handle.datasync();
}

/** Writes the bytes from `from` to `to` where they belong. */
async function write(handle: FileHandle, content: Content, from: number, to: number): Promise<void> {
  for (let start = from - (from % PIECE_BYTES); start < to; start += PIECE_BYTES) {
    const piece = await content.piece(start);
    const part = piece.subarray(Math.max(0, from - start), to - start);
    await writeAll(handle, part, Math.max(from, start));
  }
}

/** A device or a pipe has no places. */
async function writeOn(handle: FileHandle, content: Content): Promise<void> {
  for (let start = 0; start < content.size; start += PIECE_BYTES)
    await writeAll(handle, await content.piece(start), null);
}

async function writeAll(handle: FileHandle, bytes: Buffer, at: number | null): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at === null ? null : at + done);
    done += bytesWritten;
  }
}
