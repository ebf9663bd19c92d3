/**
 * What V8 compiled of the daemon's bundles at an earlier start: most of what a start costs beyond bare Node.
 *
 * Threat: V8 runs what it finds in a cache, and compares it with no more than its own version and the length of the
 * source. Who can write one runs code outside of every sandbox.
 * Rule: a cache is read from dist, which every sandbox keeps as it is, or from the user's folder in memory,
 * /dev/shm/codexd-UID, which no sandbox shows (server/system/files/scratch.ts), whatever the environment says. That
 * folder and the file are this user's own and open to nobody else, and are opened without following links. The name
 * says for which Node and which build it is. What does not fit is passed over, and only costs time.
 * Scope: two files for each Node and build, one for each bundle of the daemon.
 * Non-scope: commands without any sandbox, which can change codexd itself.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
/** More than one user's Nodes and builds of a week, two files each; the oldest go. */
const MAX_FILES = 12;

/** Which build a bundle says that it is of; undefined for none. */
exports.buildOf = (source) => /__bundleId="([0-9a-f]{64})"/.exec(source.slice(0, 4096))?.[1];

/**
 * The cache of one file of dist. `part`: undefined for the bundle that every start reads, else the name of one that it
 * loads later.
 */
exports.openCodeCache = function openCodeCache(build, dist, part) {
  const suffix = part === undefined ? '' : `-${path.basename(part, '.cjs')}`;
  const name = `${process.version}-${process.arch}-${build?.slice(0, 32)}${suffix}.cache`;
  const target = process.env.CODEXD_WRITE_CODE_CACHE;
  let data;
  return {
    /** Bytes for V8, or undefined. */
    read() {
      if (target || build === undefined || process.execArgv.length > 0) return undefined;
      data = readFile(path.join(dist, name)) ?? readOwn(name);
      return data;
    },
    /** Keeps what is compiled once the server has done its first work, unless a cache fitted. */
    keep(script) {
      const soon = part === undefined ? afterAnswer : afterFirstWork;
      if (target) return soon(() => fs.writeFileSync(path.join(dist, name), script.createCachedData()));
      if (build === undefined || process.execArgv.length > 0 || (data !== undefined && !script.cachedDataRejected))
        return;
      if (process.argv.includes('app-server')) soon(() => writeOwn(name, script.createCachedData()));
    },
  };
};

/**
 * Does `work` once, behind the first answer of a server on stdio. The build waits for the file: there it is done before
 * the answer.
 */
function afterAnswer(work) {
  const write = process.stdout.write;
  process.stdout.write = function (...args) {
    process.stdout.write = write;
    if (process.env.CODEXD_WRITE_CODE_CACHE) work();
    else {
      const onExit = () => work();
      process.once('exit', onExit); // The client may have no more to say.
      setImmediate(() => {
        process.off('exit', onExit);
        work();
      });
    }
    return write.apply(this, args);
  };
}

/** Does `work` once, when the first requests of a client are done or the process ends. */
function afterFirstWork(work) {
  const timer = setTimeout(() => {
    process.off('exit', work);
    work();
  }, FIRST_WORK_MS);
  timer.unref();
  process.once('exit', work);
}
const FIRST_WORK_MS = 5000;

function readFile(file) {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined; // Only slower: V8 compiles the bundle itself.
  }
}

/** The folder, opened; undefined where it is not this user's alone. `make`: it may be made. */
function openFolder(make) {
  if (process.platform !== 'linux') return undefined;
  const sockets = `/dev/shm/codexd-${process.getuid()}`;
  let opened;
  for (const folder of [sockets, path.join(sockets, 'code')]) {
    try {
      if (make) fs.mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if (error.code !== 'EEXIST') return undefined;
    }
    const above = opened;
    try {
      // Below what was opened and judged, not by its name again.
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

const isOwn = ({ uid, mode }) => uid === process.geteuid() && (mode & 0o077) === 0;

function readOwn(name) {
  const folder = openFolder(false);
  if (folder === undefined) return undefined;
  let file;
  try {
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

/** Whole or not at all: under a name of its own first. A full memory or a race only means no cache. */
function writeOwn(name, data) {
  const folder = openFolder(true);
  if (folder === undefined) return;
  const at = (file) => `/proc/self/fd/${folder}/${file}`;
  const part = `${process.pid}-${Date.now()}.part`;
  try {
    const file = fs.openSync(at(part), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      fs.writeFileSync(file, data);
    } finally {
      fs.closeSync(file);
    }
    fs.renameSync(at(part), at(name));
    removeOldest(at('.'));
  } catch {
    fs.rmSync(at(part), { force: true });
  } finally {
    fs.closeSync(folder);
  }
}

function removeOldest(folder) {
  const files = fs.readdirSync(folder).map((name) => {
    const file = path.join(folder, name);
    return { file, time: fs.lstatSync(file).mtimeMs };
  });
  files.sort((a, b) => b.time - a.time);
  for (const { file } of files.slice(MAX_FILES)) fs.rmSync(file, { force: true });
}
