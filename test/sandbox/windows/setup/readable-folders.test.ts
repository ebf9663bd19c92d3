import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../../../server/package/package-root.js';
import { readableFolders } from '../../../../server/sandbox/windows/setup/readable-folders.js';

t.test('work folders and tools, and nothing private', async (t) => {
  const profile = fs.realpathSync.native(
    t.testdir({
      Documents: {},
      src: {},
      '.ssh': {},
      '.codex': {},
      AppData: { Local: { Programs: {}, Browser: {} }, Roaming: {} },
      'NTUSER.DAT': '',
    }),
  );
  const folders = readableFolders(profile);
  const at = (...names: string[]): string => path.join(profile, ...names);
  for (const folder of [
    at('Documents'),
    at('src'),
    at('AppData', 'Local', 'Programs'),
    fs.realpathSync.native(packageRoot()),
  ])
    t.ok(folders.includes(folder), folder);
  for (const folder of [profile, at('.ssh'), at('.codex'), at('AppData'), at('AppData', 'Local', 'Browser')])
    t.notOk(folders.includes(folder), folder);
  t.equal(readableFolders(at('none')).length, 2);
});
