/** The bytes of a rollout: from the file, or from memory if the file is compressed. */
import { messageOf } from '../../../errors/message-of.js';
import { constants } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { COMPRESSED } from './rollout-name.js';
import { unreadable } from './session-meta.js';

export interface RecordSource {
  /** Changes if another file replaces this one. */
  readonly identity: string;
  size(): Promise<number>;
  /**
   * Copies bytes from `position` of the rollout to `buffer`, beginning at `at`. Returns the number of bytes; 0 at the
   * end.
   */
  read(buffer: Buffer, at: number, position: number): Promise<number>;
  close(): Promise<void>;
}

/** Opens a rollout in its stored form. Throws the file system's error if it is missing. */
export async function openSource(stored: string): Promise<RecordSource> {
  if (stored.endsWith(COMPRESSED)) return inMemory(await decompress(await readFile(stored), stored));
  const handle = await open(stored, constants.O_RDONLY);
  try {
    const { dev, ino } = await handle.stat();
    return {
      identity: `${dev}:${ino}`,
      size: async () => (await handle.stat()).size,
      read: async (buffer, at, position) => (await handle.read(buffer, at, buffer.length - at, position)).bytesRead,
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Decompresses a whole zstd file. Throws `thread.unreadable`. */
export async function decompress(bytes: Buffer, stored: string): Promise<Buffer> {
  return (await loadDecompressor())(bytes, stored);
}

/** Loads the package for zstd when the first compressed file is read. */
export async function loadDecompressor(): Promise<(bytes: Buffer, stored: string) => Buffer> {
  const { decompress: inflate } = await import('fzstd');
  return (bytes, stored) => {
    try {
      const plain = inflate(bytes);
      return Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength);
    } catch (error) {
      throw unreadable(stored, `it cannot be decompressed: ${messageOf(error)}`);
    }
  };
}

function inMemory(bytes: Buffer): RecordSource {
  return {
    identity: 'memory',
    size: () => Promise.resolve(bytes.length),
    read: (buffer, at, position) => Promise.resolve(bytes.copy(buffer, at, position)),
    close: () => Promise.resolve(),
  };
}
