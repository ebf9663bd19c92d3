import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { syncFolder } from '../../../server/system/files/sync.js';

t.test('folders are put on the disk, and missing ones are an error', async (t) => {
  const folder = t.testdir({ f: 'x' });
  await syncFolder(folder);
  if (process.platform !== 'win32') await t.rejects(syncFolder(path.join(folder, 'no')), { code: 'ENOENT' });
});

t.test('a folder of the kernel has nothing to put anywhere', { skip: process.platform !== 'linux' }, async (t) => {
  await syncFolder('/proc');
  t.ok(fs.existsSync('/proc'));
});
