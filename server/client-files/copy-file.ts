import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { isNodeError, osCode } from '../errors/os-code.js';
import { descriptorPath } from '../system/files/open-file.js';
import { nativePath } from '../system/files/path-bytes.js';
import { syncFolder } from '../system/files/sync.js';
import type { KeyedTurns } from '../system/node/keyed-turns.js';
import { NO_LINK } from './inside-folder.js';
import { openForClient, withOpened, type OpenedForClient } from './open-regular.js';
import { PIECE_BYTES, type Content } from './overwrite.js';
import { openToWrite, overwriteNow } from './write-file.js';

export interface CopyFileOptions {
  readonly writers: KeyedTurns;
  /**
   * The file is one of a tree: no link is followed to it or in the place of the copy, and the copy is not waited for
   * until it is on the disk. Else links are followed, and the copy is on the disk when the call returns.
   */
  readonly inTree: boolean;
}

/**
 * Copies the content and the permission bits of a regular file. An existing target keeps its place: it is overwritten.
 * Onto itself nothing is copied. What is no regular file is left out. Throws what the file system throws: EEXIST for a
 * link that is not followed.
 */
export const copyFile = (source: string, target: string, options: CopyFileOptions): Promise<void> => {
  const links = options.inTree ? NO_LINK : 0;
  return withOpened(openForClient(nativePath(source), fs.constants.O_RDONLY | links), async (from) => {
    if (!from.stat.isFile()) return;
    const exists = await copyToNew(from, source, target, options);
    if (exists === null) return;
    const mode = Number(from.stat.mode & 0o777n);
    const { opened } = await openToWrite(nativePath(target), mode, links).catch((error: unknown) => {
      throw osCode(error) === 'ELOOP' && options.inTree ? exists : error;
    });
    await withOpened(opened, async (to) => {
      if (to.id === from.id) return;
      await options.writers.run([from.id, to.id], async () => overwriteNow(to, await contentOf(from.handle)));
      await keepMode(from, to.handle);
    });
  });
};

/** Null: copied. Else the error that says that there is something of that name. */
async function copyToNew(
  from: OpenedForClient,
  source: string,
  target: string,
  { writers, inTree }: CopyFileOptions,
): Promise<Error | null> {
  try {
    await withOpened(makeNew(source, target), async (to) => {
      await writers.run([from.id, to.id], () => fill(from, to, target));
      await keepMode(from, to.handle);
      if (!inTree) await to.handle.datasync();
    });
  } catch (error) {
    if (isNodeError(error) && error.code === 'EEXIST') return error;
    throw error;
  }
  if (!inTree) await syncFolder(path.dirname(target));
  return null;
}

const ON_LINUX = process.platform === 'linux';
const { COPYFILE_EXCL, COPYFILE_FICLONE, O_CREAT, O_EXCL, O_RDWR } = fs.constants;

/** Elsewhere the system's call makes the file and fills it in one step. */
async function makeNew(source: string, target: string): Promise<OpenedForClient> {
  const place = nativePath(target);
  if (ON_LINUX) return openForClient(place, O_RDWR | O_CREAT | O_EXCL, OWNER_ONLY);
  await fs.promises.copyFile(nativePath(source), place, COPYFILE_EXCL | COPYFILE_FICLONE);
  return openForClient(place, O_RDWR | NO_LINK);
}

/** Until it has its content, and then the mode of the source. */
// eslint-disable-next-line codexd/private-files -- for Linux alone
const OWNER_ONLY = 0o600;

/** By reference where the file system can. Through descriptors: both are the files that were judged and made. */
async function fill(from: OpenedForClient, to: OpenedForClient, target: string): Promise<void> {
  if (!ON_LINUX) return;
  try {
    // Files of the kernel have no size, and the system's call copies nothing of them.
    if (from.stat.size === 0n) await overwriteNow(to, await contentOf(from.handle));
    else await fs.promises.copyFile(descriptorPath(from.handle.fd), descriptorPath(to.handle.fd), COPYFILE_FICLONE);
  } catch (error) {
    await removeIfSame(target, to.id);
    throw error;
  }
}

/** A part of a file is not left behind. The failure that led here is the answer. */
async function removeIfSame(file: string, id: string): Promise<void> {
  const place = nativePath(file);
  const found = await fs.promises.lstat(place, { bigint: true }).catch(() => null);
  if (found !== null && `${found.dev}:${found.ino}` === id) await fs.promises.unlink(place).catch(() => undefined);
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
