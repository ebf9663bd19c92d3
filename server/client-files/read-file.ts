import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { invalidRequest } from '../errors/rpc-error.js';
import { Base64Result } from '../rpc/wire/base64-result.js';
import { paths } from '../system/files/paths.js';
import type { KeyedTurns } from '../system/node/keyed-turns.js';
import { isAFolder, openForClient, withOpened } from './open-regular.js';
import { PIECE_BYTES } from './overwrite.js';

/** The reference's, too. */
export const MAX_READ_BYTES = 512 * 1024 * 1024;

/**
 * The size of a file that is about to be read. Links are followed. Throws RpcError for a device and a folder; on
 * Windows the system's error for a folder.
 */
export async function sizeToRead(file: string): Promise<number> {
  const stat = await fs.promises.stat(file);
  if (!stat.isFile()) throw notAFile(file, stat.isDirectory());
  if (stat.size > MAX_READ_BYTES) throw tooLarge();
  return stat.size;
}

/** Throws what the file system throws, or RpcError. Waits while `writers` has a writer of the file. */
export const readFile = (file: string, writers: KeyedTurns): Promise<Base64Result> =>
  withOpened(openForClient(file, fs.constants.O_RDONLY), ({ handle, stat, id }) => {
    if (!stat.isFile()) throw notAFile(file, stat.isDirectory());
    return writers.run([id], () => readWhole(handle));
  });

/** To the end, which is not where the size says: files of the kernel have the size 0, and others may grow. */
async function readWhole(handle: FileHandle): Promise<Base64Result> {
  const { size } = await handle.stat();
  if (size > MAX_READ_BYTES) throw tooLarge();
  const result = new Base64Result(size);
  const room = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(size + 1, LEAST_BYTES)));
  let total = 0;
  for (;;) {
    const { bytesRead } = await handle.read(room, 0, room.length, null);
    if (bytesRead === 0) return result;
    total += bytesRead;
    if (total > MAX_READ_BYTES) throw tooLarge();
    result.append(room.subarray(0, bytesRead));
  }
}

const LEAST_BYTES = 4096;
/** The official program reads what it can open, and Windows opens no folder. */
const notAFile = (file: string, isFolder: boolean): Error =>
  isFolder && paths.windows ? isAFolder(file) : invalidRequest(`path \`${file}\` is not a file`);
const tooLarge = () => invalidRequest(`file is too large to read: limit is ${MAX_READ_BYTES} bytes`);
