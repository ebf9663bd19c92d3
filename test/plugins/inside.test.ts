/** What a plugin names lies in the plugin, or it is not read. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  folderInside,
  isFileInside,
  MAX_TEXT_BYTES,
  partsInside,
  pathInside,
  textInside,
} from '../../server/plugins/inside.js';

t.test('paths that lead elsewhere are none', (t) => {
  for (const written of ['', '..', '../x', 'a/../../x', '/etc', 'a\\..\\b', 'C:/x', 'C:x', '\\\\host\\x', 'a\0b'])
    t.equal(partsInside(written), null, JSON.stringify(written));
  t.same(partsInside('./a//b/'), ['a', 'b']);
  t.same(partsInside('./'), []);
  t.equal(pathInside('/root', '../x'), null);
  t.equal(pathInside('/root', './a/b'), path.join('/root', 'a', 'b'));
  t.end();
});

t.test('links are not followed, and files have a limit', (t) => {
  const root = fs.realpathSync(
    t.testdir({
      outside: { 'secret.txt': 'secret' },
      plugin: { 'a.txt': 'text', folder: { 'b.txt': 'b' }, 'bad.txt': '' },
    }),
  );
  const plugin = path.join(root, 'plugin');
  fs.symlinkSync(path.join(root, 'outside'), path.join(plugin, 'link'));
  fs.symlinkSync(path.join(root, 'outside', 'secret.txt'), path.join(plugin, 'secret.txt'));
  fs.symlinkSync('a.txt', path.join(plugin, 'alias.txt'));
  fs.writeFileSync(path.join(plugin, 'big.txt'), Buffer.alloc(MAX_TEXT_BYTES + 1, 'x'));
  fs.writeFileSync(path.join(plugin, 'bad.txt'), Buffer.from([0xff, 0xfe]));
  t.match(textInside(plugin, './a.txt'), { text: 'text', file: path.join(plugin, 'a.txt') });
  t.match(textInside(plugin, 'folder/b.txt'), { text: 'b' });
  t.equal(textInside(plugin, 'none.txt'), null);
  t.equal(textInside(plugin, 'folder'), null, 'a folder is no file');
  for (const name of ['secret.txt', 'link/secret.txt', 'alias.txt'])
    t.match(textInside(plugin, name), { fault: /link/ }, name);
  t.match(textInside(plugin, 'big.txt'), { fault: /larger than 1 MiB/ });
  t.match(textInside(plugin, 'bad.txt'), { fault: /UTF-8/ });
  t.match(textInside(plugin, '../outside/secret.txt'), { fault: /out of its folder/ });
  t.equal(folderInside(plugin, './folder'), path.join(plugin, 'folder'));
  t.equal(folderInside(plugin, '.'), plugin);
  for (const name of ['link', 'a.txt', '../outside', 'none']) t.equal(folderInside(plugin, name), null, name);
  t.equal(isFileInside(plugin, './folder/b.txt'), true);
  for (const name of ['link/secret.txt', 'secret.txt', 'folder', 'none', '..'])
    t.equal(isFileInside(plugin, name), false, name);
  t.end();
});
