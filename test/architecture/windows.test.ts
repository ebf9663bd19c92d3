/**
 * What keeps Windows out of the way of other systems, and what keeps it working: where the system may be asked for,
 * that its modules are loaded on Windows only, and the list of tests that must pass there.
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { packageRoot } from '../../server/package/package-root.js';

const root = packageRoot();
const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8');
const sources = ['server', 'schema', 'clients'].flatMap((folder) =>
  fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => `${folder}/${file.split(path.sep).join('/')}`)
    .filter((file) => file.endsWith('.ts')),
);

t.test('other systems never load the modules for Windows', async (t) => {
  const imported = /^(?:import|export)\s(?!type\b)[^;]*from\s+'[^']*\/windows\/[^']+'/gm;
  const outside = sources.filter((file) => !file.startsWith('server/system/windows/'));
  t.ok(outside.length > 500, 'the sources are found');
  for (const file of outside) {
    const found = [...read(file).matchAll(imported)]
      .map(([line]) => line)
      .filter((line) => !/sandbox/.test(file + line));
    t.strictSame(found, [], `${file} loads them with import(), and only on Windows`);
  }
  const named = sources.filter((file) => /@koromix|koffi\.node/.test(read(file)));
  t.strictSame(named, ['server/system/node/native-module.ts'], 'one file names the package of system calls');
});

t.test('only server/system asks whether this is Windows', async (t) => {
  const asks = /process\.platform\s*[!=]==\s*'win32'|'win32'\s*[!=]==\s*process\.platform/;
  const asking = sources.filter((file) => !file.startsWith('server/system/') && asks.test(read(file)));
  t.strictSame(
    asking,
    ['clients/typescript/unix-socket.ts'],
    'and the client library, which has no part of the server',
  );
});

t.test('the list of tests that must pass on Windows only grows', async (t) => {
  const LIST = 'test/windows/clean-files.json';
  const { least, files } = JSON.parse(read(LIST)) as { readonly least: number; readonly files: readonly string[] };
  t.equal(files.length, least, `"least" in ${LIST} is the number of its entries, and is never lowered`);
  t.strictSame(files, [...new Set(files)].sort(), 'it is sorted, and names each once');
  for (const file of files)
    t.ok(fs.existsSync(path.join(root, file)), `${file} exists (a renamed test keeps its entry)`);
});
