/** What keeps macOS out of the way of other systems: its modules are loaded there only, and one of them calls it. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';

const root = packageRoot();
const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
const sources = fs
  .readdirSync(path.join(root, 'server'), { recursive: true, encoding: 'utf8' })
  .map((file) => `server/${file.split(path.sep).join('/')}`)
  .filter((file) => file.endsWith('.ts'));

t.test('other systems never load the modules for macOS', async (t) => {
  const imported = /^(?:import|export)\s(?!type\b)[^;]*from\s+'[^']*\/(?:darwin|macos)\/[^']+'/gm;
  for (const file of sources.filter((file) => !/\/(?:darwin|macos)\//.test(file)))
    t.strictSame(read(file).match(imported), null, `${file} loads them with import(), and only on macOS`);
});

t.test('one file declares the calls of macOS', async (t) => {
  const declares = sources.filter((file) => /libSystem|\.dylib/.test(read(file)));
  t.strictSame(declares, ['server/system/darwin/libsystem.ts']);
});
