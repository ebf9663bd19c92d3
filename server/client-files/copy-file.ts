import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { osCode } from '../errors/os-code.js';
import { descriptorPath } from '../system/files/open-file.js';
import { nativePath } from '../system/files/path-bytes.js';
import { syncFile, syncFolder } from '../system/files/sync.js';
import type { KeyedTurns } from '../system/node/keyed-turns.js';
import { openForClient, withOpened, type OpenedForClient } from './open-regular.js';
import { PIECE_BYTES, type Content } from './overwrite.js';
import { openToWrite, overwriteNow } from './write-file.js';

export interface CopyFileOptions {
  readonly writers: KeyedTurns;
  /** Whether the copy is on the disk when the call returns. */
  readonly toDisk: boolean;
}

/**
 * Copies the content and the permission bits of a regular file. An existing target keeps its place: it is overwritten,
 * through a link, too. Onto itself nothing is copied. What is no regular file is left out. Throws what the file system
 * throws.
 */
export const copyFile = (source: string, target: string, options: CopyFileOptions): Promise<void> =>
  withOpened(openForClient(nativePath(source), fs.constants.O_RDONLY), async (from) => {
    if (!from.stat.isFile()) return;
    if (await copyToNew(from, source, target, options)) return;
    const { opened } = await openToWrite(nativePath(target), Number(from.stat.mode & 0o777n));
    await withOpened(opened, async (to) => {
      if (to.id === from.id) return;
      await options.writers.run([from.id, to.id], async () => overwriteNow(to, await contentOf(from.handle)));
      await keepMode(from, to.handle);
    });
  });

/** The system copies to a new name, by reference where the file system can. False: there is something of that name. */
async function copyToNew(
  from: OpenedForClient,
  source: string,
  target: string,
  { writers, toDisk }: CopyFileOptions,
): Promise<boolean> {
  // Through the descriptor: it is the file that was judged.
  const place = process.platform === 'linux' ? descriptorPath(from.handle.fd) : nativePath(source);
  // Files of the kernel have no size, and the system's call copies nothing of them.
  if (from.stat.size === 0n) return false;
  const { COPYFILE_EXCL, COPYFILE_FICLONE } = fs.constants;
  try {
    await writers.run([from.id], () =>
      fs.promises.copyFile(place, nativePath(target), COPYFILE_EXCL | COPYFILE_FICLONE),
    );
  } catch (error) {
    if (osCode(error) === 'EEXIST') return false;
    throw error;
  }
  await withOpened(openForClient(nativePath(target), fs.constants.O_RDONLY), ({ handle }) => keepMode(from, handle));
  if (!toDisk) return true;
  await syncFile(target);
  await syncFolder(path.dirname(target));
  return true;
}

/** Without the umask. */
async function keepMode({ stat }: OpenedForClient, target: FileHandle): Promise<void> {
  const mode = Number(stat.mode & 0o7777n);
  const now = await target.stat();
  if (!now.isFile() || (now.mode & 0o7777) === mode) return;
  await target.chmod(mode);
}

async function contentOf(source: FileHandle): Promise<Content> {
  const { size } = await source.stat();
  if (size === 0) return wholeContent(await source.readFile());
  return {
    size,
    async piece(at) {
      const room = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - at));
      let done = 0;
      while (done < room.length) {
        const { bytesRead } = await source.read(room, done, room.length - done, at + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return room.subarray(0, done);
    },
  };
}

const wholeContent = (bytes: Buffer): Content => ({
  size: bytes.length,
  piece: (at) => bytes.subarray(at, at + PIECE_BYTES),
});
