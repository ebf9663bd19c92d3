/** Instructions are read while turns begin: a FIFO or a device under the name must not keep the daemon waiting. */
import fs from 'node:fs';

/** At most `limit` bytes from the beginning, and how many there are. Throws what the file system says; only for files. */
export function readStart(file: string, limit: number): { readonly bytes: Buffer; readonly size: number } {
  const fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) throw new Error(`${file} is not a file`);
    const room = Buffer.alloc(Math.min(stat.size, limit));
    let length = 0;
    while (length < room.length) {
      const read = fs.readSync(fd, room, length, room.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return { bytes: room.subarray(0, length), size: stat.size };
  } finally {
    fs.closeSync(fd);
  }
}
