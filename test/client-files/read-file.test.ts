import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { MAX_READ_BYTES, readFile, sizeToRead } from '../../server/client-files/read-file.js';
import { createKeyedTurns } from '../../server/system/node/keyed-turns.js';
import { PIECE_BYTES } from '../../server/client-files/overwrite.js';
import { notOnWindows, onWindows } from '../fixtures/windows.js';

const contentOf = async (file: string): Promise<Buffer> =>
  Buffer.from((await readFile(file, createKeyedTurns())).dataBase64, 'base64');

t.test('files of any size are read whole', async (t) => {
  const file = path.join(t.testdir(), 'f');
  for (const size of [0, 1, 2, 3, 4095, 4096, 4097, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 2]) {
    const bytes = Buffer.alloc(size, 'abcdefg');
    fs.writeFileSync(file, bytes);
    t.equal(await sizeToRead(file), size);
    t.ok((await contentOf(file)).equals(bytes), `${size} bytes`);
  }
});

t.test('a file of the kernel has no size and a content', { skip: process.platform !== 'linux' }, async (t) => {
  t.equal(await sizeToRead('/proc/version'), 0);
  t.equal((await contentOf('/proc/version')).toString(), fs.readFileSync('/proc/version', 'utf8'));
});

t.test('folders, devices and files that are too large are refused before they are read', async (t) => {
  const folder = t.testdir({ big: '' });
  t.test('of POSIX', notOnWindows, async (t) => {
    await t.rejects(sizeToRead(folder), { rpcCode: -32600, message: `path \`${folder}\` is not a file` });
    await t.rejects(contentOf('/dev/null'), { rpcCode: -32600, message: 'path `/dev/null` is not a file' });
  });
  t.test('of Windows', onWindows, async (t) => {
    const refusal = { code: 'EISDIR', path: folder };
    await t.rejects(sizeToRead(folder), refusal);
    await t.rejects(contentOf(folder), refusal);
  });
  const big = path.join(folder, 'big');
  fs.truncateSync(big, MAX_READ_BYTES + 1);
  const refusal = { rpcCode: -32600, message: `file is too large to read: limit is ${MAX_READ_BYTES} bytes` };
  await t.rejects(sizeToRead(big), refusal);
  await t.rejects(contentOf(big), refusal);
});

t.test('a reader waits for a writer of the same file', async (t) => {
  const file = path.join(t.testdir({ f: 'old' }), 'f');
  const stat = fs.statSync(file, { bigint: true });
  const writers = createKeyedTurns();
  const leave = await writers.enter([`${stat.dev}:${stat.ino}`]);
  const read = readFile(file, writers);
  fs.writeFileSync(file, 'new');
  leave();
  t.equal(Buffer.from((await read).dataBase64, 'base64').toString(), 'new');
});
