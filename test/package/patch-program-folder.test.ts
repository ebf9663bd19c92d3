import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { patchProgramFolder } from '../../server/package/patch-program-folder.js';

t.test('the package has the program under each of its names, and can check that it is complete', (t) => {
  const folder = patchProgramFolder();
  const digests = fs.readFileSync(path.join(folder, '..', 'files.sha256'), 'utf8');
  for (const name of ['apply_patch', 'applypatch', 'apply-patch']) {
    t.equal(fs.statSync(path.join(folder, name)).mode & 0o111, 0o111, name);
    t.match(digests, new RegExp(`  patch-program/${name}\\n`));
  }
  for (const name of ['bash-env', 'program.cjs']) t.match(digests, new RegExp(`  patch-program/${name}\\n`));
  t.end();
});
