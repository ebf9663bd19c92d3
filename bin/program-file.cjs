/**
 * The start of a program file: one file that contains Node and this package (scripts/program-file.mjs makes it).
 *
 * Most of codexd is loaded from files: native modules, the image decoder, the `apply_patch` of commands, bundles that
 * are needed later. So the package is put into a folder of the user once, and runs there as an installed one does.
 *
 * Threat: another program changes the unpacked files, and the next daemon runs them outside of all sandboxes.
 * Rule: the folder belongs to this user and is closed to others. At each start every file is compared with the one in
 * the program file before anything of the package is loaded, and is written again if it differs. No sandboxed command
 * can write the folder, as for any installed package (server/sandbox/policy/own-programs.ts).
 * Scope: the files that are loaded. Non-scope: changes while codexd runs, by commands without a sandbox; they could
 * change the program file itself.
 */
'use strict';
const fs = require('node:fs');
const { builtinModules, createRequire } = require('node:module');
const os = require('node:os');
const path = require('node:path');
const sea = require('node:sea');

const [, , word, ...rest] = process.argv;
if (word === '--codexd-run' && rest.length > 0) runFile(rest);
else if (word === '--codexd-eval' && rest.length > 0) runText(rest);
else runCodexd();

function runCodexd() {
  const folder = unpack();
  process.argv[1] = path.join(folder, 'bin', 'codexd.cjs');
  createRequire(process.argv[1])(process.argv[1]);
}

/**
 * What `node FILE ARGS` does.
 * @param {string[]} words
 */
function runFile([file, ...args]) {
  const script = path.resolve(String(file));
  process.argv = [process.execPath, script, ...args];
  createRequire(script)(script);
}

/**
 * What `node -e TEXT -- ARGS` does.
 * @param {string[]} words
 */
function runText([text, ...args]) {
  process.argv = [process.execPath, ...args];
  const load = createRequire(path.join(process.cwd(), '[eval]'));
  const taken = new Set(Object.getOwnPropertyNames(globalThis));
  for (const name of builtinModules) {
    if (/^[a-z]\w*$/.test(name) && !taken.has(name))
      Object.defineProperty(globalThis, name, { configurable: true, get: () => load(name) });
  }
  Object.defineProperty(globalThis, 'require', { configurable: true, value: load });
  require('node:vm').runInThisContext(String(text), { filename: '[eval]' });
}

/** Returns the folder, with every file of the package in it. */
function unpack() {
  /** @type {{ id: string, files: readonly [name: string, isProgram: boolean][] }} */
  const { id, files } = JSON.parse(sea.getAsset('package', 'utf8'));
  const base = baseFolder();
  const folder = path.join(base, `program-${id}`);
  try {
    const isNew = !fs.existsSync(folder);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const each of [base, folder]) requireOwn(each);
    const made = new Set([folder]);
    for (const [name, isProgram] of files) {
      const place = path.join(folder, ...name.split('/'));
      const bytes = Buffer.from(/** @type {ArrayBuffer} */ (sea.getRawAsset(name)));
      put(place, bytes, isProgram ? 0o755 : 0o644, made);
    }
    if (isNew) removeOld(base, folder);
    markUsed(folder);
    return folder;
  } catch (error) {
    process.stderr.write(
      `codexd: the program cannot be unpacked to ${folder}: ${error instanceof Error ? error.message : error}\ncodexd: CODEXD_PROGRAM_FOLDER=PATH names another folder, which must belong to you alone.\n`,
    );
    return process.exit(1);
  }
}

/** For removeOld. @param {string} folder */
function markUsed(folder) {
  try {
    fs.utimesSync(folder, new Date(), new Date());
  } catch (error) {
    // In a sandbox of codexd the folder is there, whole and read-only.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EROFS') throw error;
  }
}

/** Where the system keeps what a program can make again. */
function baseFolder() {
  const { CODEXD_PROGRAM_FOLDER, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (CODEXD_PROGRAM_FOLDER) return path.resolve(CODEXD_PROGRAM_FOLDER);
  if (process.platform === 'win32')
    return path.join(LOCALAPPDATA || path.join(os.homedir(), 'AppData', 'Local'), 'codexd');
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library', 'Caches', 'codexd');
  const caches = XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : path.join(os.homedir(), '.cache');
  return path.join(caches, 'codexd');
}

/**
 * On Windows the folders of a user's profile are closed to others.
 * @param {string} folder
 */
function requireOwn(folder) {
  const found = fs.lstatSync(folder);
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder`);
  if (process.geteuid === undefined) return;
  if (found.uid !== process.geteuid()) throw new Error(`${folder} belongs to another user`);
  if ((found.mode & 0o022) !== 0) throw new Error(`${folder} can be written by other users`);
}

/**
 * Makes the file what it must be. A file that is right is not written: a daemon may have it open.
 * @param {string} place
 * @param {Buffer} bytes
 * @param {number} mode
 * @param {Set<string>} made
 */
function put(place, bytes, mode, made) {
  const folder = path.dirname(place);
  if (!made.has(folder)) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    made.add(folder);
  }
  if (holds(place, bytes)) return;
  const fresh = `${place}.${process.pid}.new`;
  fs.rmSync(fresh, { force: true });
  fs.writeFileSync(fresh, bytes, { mode, flag: 'wx' });
  try {
    fs.renameSync(fresh, place);
  } catch (error) {
    fs.rmSync(fresh, { force: true });
    if (!holds(place, bytes)) throw error; // On Windows another start may have put it there, and has it open.
  }
}

/**
 * @param {string} place
 * @param {Buffer} bytes
 */
function holds(place, bytes) {
  const found = fs.lstatSync(place, { throwIfNoEntry: false });
  return found !== undefined && found.isFile() && found.size === bytes.length && fs.readFileSync(place).equals(bytes);
}

/**
 * Removes what no start has used for a month.
 * @param {string} base
 * @param {string} current
 */
function removeOld(base, current) {
  const month = 30 * 24 * 60 * 60 * 1000;
  for (const name of fs.readdirSync(base)) {
    const place = path.join(base, name);
    if (!/^program-[0-9a-f]+$/.test(name) || place === current) continue;
    try {
      if (Date.now() - fs.lstatSync(place).mtimeMs > month) fs.rmSync(place, { recursive: true, force: true });
    } catch {
      // Another start removes it, or a daemon uses it (Windows): the next new program file tries again.
    }
  }
}
