import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { removeUnwanted } from '../../../server/sandbox/policy/unwanted-files.js';

t.test('what a command made is removed and reported; what is not there is not', async (t) => {
  const folder = t.testdir({ commondir: 'elsewhere', config: { file: '' } });
  const said: string[] = [];
  const names = ['commondir', 'config', 'missing'].map((name) => path.join(folder, name));
  removeUnwanted(names, { warn: (text) => void said.push(text) });
  t.strictSame(fs.readdirSync(folder), []);
  t.equal(said.length, 2);
});
