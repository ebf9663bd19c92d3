import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { HAS_MODES, makeFolderForUser } from '../../../server/system/files/private-folder.js';

t.test('a folder is made for this user, with those above it', async (t) => {
  const folder = path.join(t.testdir(), 'a', 'b');
  await makeFolderForUser(folder);
  t.ok(fs.statSync(folder).isDirectory());
  if (HAS_MODES) t.equal(fs.statSync(folder).mode & 0o777, 0o700);
  await makeFolderForUser(folder);
});
