import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { openForClient, withOpened } from '../../server/client-files/open-regular.js';
import { overwrite, PIECE_BYTES, type Content } from '../../server/client-files/overwrite.js';

const contentOf = (bytes: Buffer): Content => ({
  size: bytes.length,
  piece: (at) => bytes.subarray(at, at + PIECE_BYTES),
});
const fill = (length: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, at) => at * 7 + seed));
const SIZES = [0, 1, 5, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES + 10];

t.test('a file of any size gets a content of any size', async (t) => {
  const file = path.join(t.testdir(), 'f');
  for (const before of SIZES) {
    for (const after of SIZES) {
      fs.writeFileSync(file, fill(before, 1));
      const { ino } = fs.statSync(file);
      await withOpened(openForClient(file, fs.constants.O_WRONLY), (opened) =>
        overwrite(opened, contentOf(fill(after, 2))),
      );
      t.ok(fs.readFileSync(file).equals(fill(after, 2)), `${before} bytes become ${after}`);
      t.equal(fs.statSync(file).ino, ino);
    }
  }
});

t.test('when the growth fails, the old content is there', async (t) => {
  const file = path.join(t.testdir(), 'f');
  for (const before of SIZES) {
    fs.writeFileSync(file, fill(before, 1));
    const bytes = fill(3 * PIECE_BYTES, 2);
    const failing: Content = {
      ...contentOf(bytes),
      piece(at) {
        if (at === 2 * PIECE_BYTES && before < at + 1000) throw new RangeError('full');
        return bytes.subarray(at, at + PIECE_BYTES);
      },
    };
    await t.rejects(
      withOpened(openForClient(file, fs.constants.O_WRONLY), (opened) => overwrite(opened, failing)),
      RangeError,
    );
    t.ok(fs.readFileSync(file).equals(fill(before, 1)), `${before} bytes stay`);
  }
});

t.test(
  'a device takes what it is given, and tells that it is full',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const write = (file: string) =>
      withOpened(openForClient(file, fs.constants.O_WRONLY), (opened) => overwrite(opened, contentOf(fill(9, 1))));
    await write('/dev/null');
    await t.rejects(write('/dev/full'), { code: 'ENOSPC' });
  },
);
