import { execaSync } from 'execa';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { openForClient, withOpened } from '../../server/client-files/open-regular.js';

t.test('a FIFO is opened without a wait for its other side', { skip: process.platform === 'win32' }, async (t) => {
  const fifo = path.join(t.testdir(), 'fifo');
  execaSync('mkfifo', [fifo]);
  await withOpened(openForClient(fifo, fs.constants.O_RDONLY), async ({ stat }) => t.ok(stat.isFIFO()));
  await t.rejects(openForClient(fifo, fs.constants.O_WRONLY), { code: 'ENXIO' });
});

t.test('all names of a file have its id, and the handle is closed after the use', async (t) => {
  const folder = t.testdir({ a: 'x', b: 'y' });
  fs.linkSync(path.join(folder, 'a'), path.join(folder, 'c'));
  const at = (name: string) => openForClient(path.join(folder, name), fs.constants.O_RDONLY);
  const ids = await Promise.all(['a', 'b', 'c'].map((name) => withOpened(at(name), async ({ id }) => id)));
  t.equal(ids[0], ids[2]);
  t.not(ids[0], ids[1]);
  const opened = await at('a');
  await t.rejects(
    withOpened(opened, () => Promise.reject(new RangeError('use'))),
    RangeError,
  );
  t.equal(opened.handle.fd, -1);
});
