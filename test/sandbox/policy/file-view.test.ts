import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { FILES_HERE } from '../../../server/sandbox/policy/file-view.js';
import { paths } from '../../../server/system/files/paths.js';

t.test('a place is a folder, a file or missing, in the spelling of the disk', (t) => {
  const root = fs.realpathSync.native(t.testdir({ Folder: { File: '' } }));
  const at = (...names: readonly string[]): string => path.join(root, ...names);
  t.equal(FILES_HERE.paths, paths);
  t.match(FILES_HERE.look(at('Folder')), { kind: 'folder' });
  t.match(FILES_HERE.look(at('Folder', 'File')), { kind: 'file' });
  t.match(
    FILES_HERE.look(at('folder')),
    paths.windows ? { kind: 'folder', spelled: at('Folder') } : { kind: 'missing' },
  );
  t.match(FILES_HERE.look(at('nothing')), { kind: 'missing' });
  t.match(FILES_HERE.look(at('Folder', 'File', 'below')), { kind: /missing|unreachable/ });
  t.end();
});
