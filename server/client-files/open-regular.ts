/**
 * Opens what a client names.
 *
 * Threat: the path leads to a FIFO or a device, perhaps only since it was looked at. Opening one can wait for ever, and
 * a thread of Node's pool with it, or it can start something.
 * Rule: no open waits (O_NONBLOCK), and the opened file is judged, not the path.
 */
import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { constants } from 'node:os';

export interface OpenedForClient {
  readonly handle: FileHandle;
  readonly stat: fs.BigIntStats;
  /** The same for all names of the file. */
  readonly id: string;
}

const WITHOUT_WAITING = fs.constants.O_NONBLOCK ?? 0;

/** Throws what the file system throws. The handle must be closed. A folder is not opened to be written. */
export async function openForClient(place: fs.PathLike, flags: number, mode = 0o666): Promise<OpenedForClient> {
  const handle = await fs.promises.open(place, flags | WITHOUT_WAITING, mode);
  try {
    const stat = await handle.stat({ bigint: true });
    // Windows opens it, and only the write fails.
    if (stat.isDirectory() && (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0) throw isAFolder(place);
    return { handle, stat, id: `${stat.dev}:${stat.ino}` };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The system's error for a folder in place of a file. */
export const isAFolder = (place: fs.PathLike): NodeJS.ErrnoException =>
  Object.assign(new Error(`EISDIR: illegal operation on a directory, open '${String(place)}'`), {
    code: 'EISDIR',
    errno: -constants.errno.EISDIR,
    syscall: 'open',
    path: String(place),
  });

/** Opens, uses and closes. */
export async function withOpened<T>(
  opening: OpenedForClient | Promise<OpenedForClient>,
  use: (opened: OpenedForClient) => Promise<T>,
): Promise<T> {
  const opened = await opening;
  try {
    return await use(opened);
  } finally {
    await opened.handle.close();
  }
}
