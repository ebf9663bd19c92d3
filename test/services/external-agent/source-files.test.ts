import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { filesBelow, listSource, readObject, readText } from '../../../server/services/external-agent/source-files.js';
import { planted } from './support.js';

t.test('a link of a repository to a file of the user is not read; one of the user is', (t) => {
  const { repository, put, user, shared } = planted(t);
  const secret = put('home/secret', 'sk-secret');
  fs.symlinkSync(secret, path.join(repository, 'CLAUDE.md'));
  fs.symlinkSync(path.dirname(secret), path.join(repository, 'folder'));
  t.equal(readText(shared, path.join(repository, 'CLAUDE.md')), null);
  t.equal(readText(shared, path.join(repository, 'folder', 'secret')), null);
  t.same(listSource(shared, path.join(repository, 'folder')), []);
  t.equal(readText(user, path.join(repository, 'CLAUDE.md')), 'sk-secret');
  t.end();
});

t.test('what is too large, no file, or no object counts as nothing', (t) => {
  const { put, user, root } = planted(t);
  t.equal(readText(user, put('large', 'x'.repeat(1024 * 1024 + 1))), null);
  t.equal(readText(user, root), null);
  t.same(readObject(user, put('list.json', '[1]')), {});
  t.same(readObject(user, put('broken.json', '{')), {});
  t.same(readObject(user, path.join(root, 'none')), {});
  t.end();
});

t.test('countless files and deep folders are bounded, and links below are left out', (t) => {
  const { put, user, root } = planted(t);
  for (let at = 0; at < 1100; at++) put(`many/${at}`, 'x');
  put(`deep/${'d/'.repeat(20)}file`, 'x');
  put('deep/near', 'x');
  fs.symlinkSync(root, path.join(root, 'deep', 'loop'));
  t.equal(filesBelow(user, path.join(root, 'many')).length, 1000);
  t.same(filesBelow(user, path.join(root, 'deep')), [['near']]);
  t.end();
});
