#!/usr/bin/env node
/**
 * Starts codexd: loads dist/codexd.cjs with V8's compiled code of an earlier start. Compiling is the largest part of a
 * start, apart from Node itself. bin/codexd finds a Node for it.
 *
 * Threat: V8 executes the code in a cache and checks only its own version and the length of the source. A program that
 * can write a cache runs code outside all sandboxes.
 * Rule: a cache is read from dist, which no sandboxed command can change, or from the user's folder in memory,
 * /dev/shm/codexd-UID, which every sandbox hides (server/system/files/scratch.ts). The environment cannot change these
 * folders. The folder and the file must belong to this user, be closed to other users, and are opened without following
 * links. The name contains the Node and the build. A cache that does not match is ignored.
 * Scope: three files for each Node and build: each bundle of the daemon, and its connections to MCP servers over HTTP.
 * Non-scope: commands without a sandbox, which can change codexd itself.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const dist = path.join(root, 'dist');
const bundle = path.join(dist, 'codexd.cjs');

requireNode();
if (!(process.pid === 1 && require('./process-one.cjs').startBelowReaper(__filename))) {
  if (!fs.existsSync(bundle)) setUp();
  restoreNodeOptions();
  try {
    load();
  } catch (error) {
    process.stderr.write(
      `codexd: ${bundle} does not start: ${error instanceof Error ? `${error.name}: ${error.message}` : error}\ncodexd: it may be damaged: install codexd again; if that does not help, report these lines where you got it from (Node ${process.version}).\n`,
    );
    process.exit(1);
  }
}

function load() {
  // From the module object: require('node:module') would load code that is not needed.
  const Module = /** @type {typeof import('node:module')} */ (module.constructor);
  const vm = require('node:vm');
  // The bundle is ASCII: reading it as Latin-1 avoids the decoding, and V8 stores one byte for each character. The
  // bundle is already wrapped in a function (scripts/build.mjs).
  const source = fs.readFileSync(bundle, 'latin1');
  const found = /__bundleId="([0-9a-f]{64})"/.exec(source.slice(0, 4096));
  const build = found === null ? undefined : found[1];
  const cache = openCodeCache(build);
  const script = new vm.Script(source, { filename: bundle, cachedData: cache.read() });
  const made = { exports: {} };
  const run = script.runInThisContext();
  cache.keep(script);
  const partsOf = { openCodeCache: (/** @type {string} */ part) => openCodeCache(build, part) };
  run(made.exports, Object.assign(Module.createRequire(bundle), partsOf), made, bundle, dist);
}

/** In syntax that old versions of Node can parse. */
function requireNode() {
  if (Number(process.versions.node.split('.')[0]) >= 20) return;
  process.stderr.write(
    `codexd: Node 20 or newer is needed; ${process.execPath} is ${process.versions.node}. CODEXD_NODE=PATH names another one for bin/codexd.\n`,
  );
  process.exit(1);
}

/**
 * Restores variables for the user's commands. bin/codexd removed them, because they could prevent the daemon's start.
 */
function restoreNodeOptions() {
  const { CODEXD_NODE_OPTIONS: options } = process.env;
  delete process.env.CODEXD_NODE_OPTIONS;
  if (options !== undefined) process.env.NODE_OPTIONS = options;
}

/**
 * The cache of one file of dist. `part`: undefined for the bundle of every start, else the name of a file that is
 * loaded later.
 * @param {string | undefined} build
 * @param {string} [part]
 */
function openCodeCache(build, part) {
  const suffix = part === undefined ? '' : `-${path.basename(part, '.cjs')}`;
  const name = `${process.version}-${process.arch}-${String(build).slice(0, 32)}${suffix}.cache`;
  const isBuilding = process.env.CODEXD_WRITE_CODE_CACHE !== undefined;
  const isUsable = build !== undefined && process.execArgv.length === 0;
  /** @type {Buffer | undefined} */
  let data;
  return {
    /** Bytes for V8, or undefined. */
    read() {
      if (isBuilding || !isUsable) return undefined;
      data = readBuilt(path.join(dist, name)) || readOwn(name);
      return data;
    },
    /**
     * Stores the compiled code after the first work of the server, unless a cache was used.
     * @param {import('node:vm').Script} script
     */
    keep(script) {
      if (isBuilding) return require('./code-cache.cjs').keepBuilt(script, path.join(dist, name), part === undefined);
      if (!isUsable || (data !== undefined && !script.cachedDataRejected)) return;
      if (!process.argv.includes('app-server')) return;
      require('./code-cache.cjs').keepOwn(script, name, part === undefined, openFolder);
    },
  };
}

/** @param {string} file */
function readBuilt(file) {
  try {
    return fs.existsSync(file) ? fs.readFileSync(file) : undefined; // An error takes longer to make.
  } catch {
    return undefined; // Only slower: V8 compiles the bundle itself.
  }
}

/**
 * Opens the folder; undefined: it does not belong to this user alone. `make`: make it if it is missing.
 * @param {boolean} make
 */
function openFolder(make) {
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
  if (process.platform !== 'linux') return undefined;
  const sockets = `/dev/shm/codexd-${process.getuid?.()}`;
  let opened;
  for (const folder of [sockets, path.join(sockets, 'code')]) {
    try {
      if (make) fs.mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') return undefined;
    }
    const above = opened;
    try {
      // Below the opened and checked folder, not by its name again.
      const place = above === undefined ? folder : `/proc/self/fd/${above}/code`;
      opened = fs.openSync(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
      if (!isOwn(fs.fstatSync(opened))) throw new Error('not ours');
    } catch {
      if (opened !== undefined && opened !== above) fs.closeSync(opened);
      return undefined;
    } finally {
      if (above !== undefined) fs.closeSync(above);
    }
  }
  return opened;
}

/** @param {import('node:fs').Stats} options */
function isOwn({ uid, mode }) {
  return uid === process.geteuid?.() && (mode & 0o077) === 0;
}

/** @param {string} name */
function readOwn(name) {
  const folder = openFolder(false);
  if (folder === undefined) return undefined;
  let file;
  try {
    const { O_RDONLY, O_NOFOLLOW } = fs.constants;
    file = fs.openSync(`/proc/self/fd/${folder}/${name}`, O_RDONLY | O_NOFOLLOW);
    const stat = fs.fstatSync(file);
    return stat.isFile() && isOwn(stat) ? fs.readFileSync(file) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) fs.closeSync(file);
    fs.closeSync(folder);
  }
}

function setUp() {
  if (!['.git', 'package-lock.json'].some((name) => fs.existsSync(path.join(root, name)))) {
    process.stderr.write(
      `codexd: this package was made without dist (${dist} has no codexd.cjs): install it again from the registry, or pack a clone with npm pack.\n`,
    );
    process.exit(1);
  }
  const { spawnSync } = require('node:child_process');
  const { status } = spawnSync(process.execPath, [path.join(root, 'scripts', 'setup.mjs')], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
}
