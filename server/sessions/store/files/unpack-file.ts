/** Decompresses a rollout to a plain file, which can be appended to (docs/protocol/threads.md §12.1). */
import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { decompress } from './record-source.js';
import { openForUser } from '../../../system/files/private-files.js';

/** An existing plain file wins. At every moment at least one of the two files is complete. */
export async function unpackFile(stored: string, plain: string): Promise<void> {
  if (!fs.existsSync(plain)) {
    const temporary = `${plain}.unpacking-${process.pid}`;
    const bytes = await decompress(await readFile(stored), stored);
    const fd = openForUser(temporary, 'w');
    try {
      for (let written = 0; written < bytes.length;) written += fs.writeSync(fd, bytes, written);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, plain);
  }
  fs.rmSync(stored, { force: true });
}
