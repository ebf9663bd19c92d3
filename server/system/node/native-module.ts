/**
 * The only native code that the daemon loads: `pty.node` of @lydell/node-pty, which opens terminals.
 *
 * Threat: npm may omit an optional package. Then a command can put a file at its path, or in a node_modules folder
 * further up that Node also searches, and the next daemon that opens a terminal runs that file.
 * Rule: the module is searched only beside this package and in it. The file is opened once, its bytes must be the
 * published ones, and the checked file is loaded by its descriptor. The daemon loads no other package by name while it
 * runs (scripts/build.mjs bundles them or leaves them out).
 * Scope: Linux on x64 and arm64, the platforms with terminals. Non-scope: a command that was started before the module
 * was installed and rewrites it in the moment between the look and the load.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const PACKAGE = '@lydell/node-pty';
/** The version that package.json pins. */
const VERSION = '1.1.0';
const FILE = 'pty.node';

/** sha256 of the file as npm delivers it, by platform and processor. */
const PUBLISHED: Readonly<Record<string, string>> = {
  'linux-x64': 'ff8c140f142c13030d84193e5ba2ac556d320cf29d8efecc391174bfb8861cb0',
  'linux-arm64': 'c192e560428e778842fdbbe72f14032824b03373ed49ad3efcdbcf9eb249b75b',
};

const HERE = `${process.platform}-${process.arch}`;

/** It is not there, or not the published one; the message names the file and the way out. */
const nativeModuleError = (message: string): CodexdError => new CodexdError('machine.native-module', message);

/** The folders of the module's packages, which commands must not change. `root`: the folder of this package. */
export function nativeModuleFolders(root: string): readonly string[] {
  const places = moduleFolders(root);
  return [PACKAGE, `${PACKAGE}-${HERE}`].flatMap((name) => {
    const folder = places.map((place) => path.join(place, name)).find((place) => fs.existsSync(place));
    return folder === undefined ? [] : [...new Set([folder, fs.realpathSync(folder)])];
  });
}

/** Loads it; what it exports. `root`: this package's own folder. Throws `machine.native-module`. */
export function loadNativeModule(root: string): unknown {
  const name = `${PACKAGE}-${HERE}`;
  const published = PUBLISHED[HERE];
  if (published === undefined) throw nativeModuleError(`there is no ${FILE} for ${HERE}`);
  const wanted = `terminals need ${name} ${VERSION}`;
  const places = moduleFolders(root).map((place) => path.join(place, name, FILE));
  const file = places.find((place) => fs.existsSync(place));
  if (file === undefined)
    throw nativeModuleError(
      `${wanted}, which is not in ${places.join(' or ')}; install codexd with its optional dependencies`,
    );
  const opened = fs.openSync(file, 'r');
  try {
    const found = createHash('sha256').update(fs.readFileSync(opened)).digest('hex');
    if (found !== published)
      throw nativeModuleError(`${wanted}, and ${file} is another file (sha256 ${found}); install codexd anew`);
    const loaded: { exports: unknown } = { exports: {} };
    process.dlopen(loaded, `/proc/self/fd/${opened}`);
    return loaded.exports;
  } finally {
    fs.closeSync(opened);
  }
}

/** The package's node_modules, the node_modules that contains the package, and the target of a link there (pnpm). */
function moduleFolders(root: string): readonly string[] {
  const inside = path.join(root, 'node_modules');
  const holder = path.dirname(root);
  const folders = path.basename(holder) === 'node_modules' ? [inside, holder] : [inside];
  const linked = folders
    .map((folder) => path.join(folder, PACKAGE))
    .filter((folder) => fs.existsSync(folder))
    .map((folder) => path.resolve(fs.realpathSync(folder), '..', '..'));
  return [...new Set([...folders, ...linked])];
}
