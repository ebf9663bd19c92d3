/** A plugin is hostile input: only plain files of a bounded tree are copied. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { copyPlugin } from '../../../server/plugins/install/copy-plugin.js';
import { MAX_ENTRIES, MAX_PLUGIN_BYTES } from '../../../server/plugins/content-hash.js';
import { runToEnd } from '../../fixtures/programs.js';

const treeOf = (folder: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .sort();

t.test('links, pipes and the folder of Git stay behind', async (t) => {
  const root = t.testdir({
    secret: 'secret',
    from: { a: { 'b.txt': 'b' }, 'run.sh': '#!/bin/sh\n', '.git': { HEAD: 'x' } },
  });
  const [from, to] = [path.join(root, 'from'), path.join(root, 'to')];
  fs.symlinkSync(path.join(root, 'secret'), path.join(from, 'link'));
  fs.symlinkSync(root, path.join(from, 'folder'));
  t.equal(runToEnd('mkfifo', [path.join(from, 'pipe')]).exitCode, 0);
  fs.chmodSync(path.join(from, 'run.sh'), 0o4755);
  fs.chmodSync(path.join(from, 'a', 'b.txt'), 0o666);
  await copyPlugin(from, to);
  t.same(treeOf(to), ['a', 'a/b.txt', 'run.sh']);
  t.equal(fs.readFileSync(path.join(to, 'a', 'b.txt'), 'utf8'), 'b');
  t.equal(fs.statSync(path.join(to, 'run.sh')).mode & 0o7777, 0o755, 'no right of the owner of the file goes along');
  t.equal(fs.statSync(path.join(to, 'a', 'b.txt')).mode & 0o7777, 0o644);
  await t.rejects(copyPlugin(from, to), { code: 'EEXIST' });
});

t.test('beyond a limit nothing is taken', async (t) => {
  const root = t.testdir({ many: {}, deep: {}, large: {} });
  for (let n = 0; n <= MAX_ENTRIES; n++) fs.writeFileSync(path.join(root, 'many', `${n}`), '');
  fs.mkdirSync(path.join(root, 'deep', ...Array.from({ length: 40 }, () => 'd')), { recursive: true });
  fs.closeSync(fs.openSync(path.join(root, 'large', 'file'), 'w'));
  fs.truncateSync(path.join(root, 'large', 'file'), MAX_PLUGIN_BYTES + 1);
  for (const [name, why] of [
    ['many', /more than 10000 files/],
    ['deep', /levels deep/],
    ['large', /more than 256 MiB/],
  ] as const)
    await t.rejects(copyPlugin(path.join(root, name), path.join(root, `${name}-copy`)), {
      rpcCode: -32600,
      message: why,
    });
});
