/**
 * Stores V8's compiled code for later starts. bin/codexd.cjs reads it and describes its protection. This file is loaded
 * only if there is code to store.
 */
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
/** More files than the Nodes and builds of one user in a week have, three for each; the oldest are removed. */
const MAX_FILES = 18;

/** In the user's own folder, as `name`. `openFolder`: of bin/codexd.cjs. `isFirst`: it is the bundle of every start. */
exports.keepOwn = function keepOwn(
  /** @type {import('node:vm').Script} */ script,
  /** @type {string} */ name,
  /** @type {boolean} */ isFirst,
  /** @type {(make: boolean) => number | undefined} */ openFolder,
) {
  const soon = isFirst ? afterAnswer : afterFirstWork;
  soon(() => writeOwn(name, script.createCachedData(), openFolder));
};

/** As `file`, for the build. */
exports.keepBuilt = function keepBuilt(
  /** @type {import('node:vm').Script} */ script,
  /** @type {string} */ file,
  /** @type {boolean} */ isFirst,
) {
  const soon = isFirst ? afterAnswer : afterFirstWork;
  soon(() => fs.writeFileSync(file, script.createCachedData()));
};

/**
 * Runs `work` once, after the first answer of a server on stdio; in the build, which waits for the file, before the
 * answer.
 * @param {() => void} work
 */
function afterAnswer(work) {
  const write = process.stdout.write;
  process.stdout.write = function (/** @type {any[]} */ ...args) {
    process.stdout.write = write;
    if (process.env.CODEXD_WRITE_CODE_CACHE !== undefined) work();
    else {
      const onExit = () => work();
      process.once('exit', onExit); // The client may send no further request.
      setImmediate(() => {
        process.off('exit', onExit);
        work();
      });
    }
    return write.apply(this, /** @type {Parameters<typeof write>} */ (args));
  };
}

/**
 * Runs `work` once, after the first requests of a client, or when the process ends.
 * @param {() => void} work
 */
function afterFirstWork(work) {
  const timer = setTimeout(() => {
    process.off('exit', work);
    work();
  }, FIRST_WORK_MS);
  timer.unref();
  process.once('exit', work);
}
const FIRST_WORK_MS = 5000;

/**
 * Writes a temporary file and renames it, so that the file is complete. Full memory or a race only means: no cache.
 * @param {string} name
 * @param {Buffer} data
 * @param {(make: boolean) => number | undefined} openFolder
 */
function writeOwn(name, data, openFolder) {
  const folder = openFolder(true);
  if (folder === undefined) return;
  /** @param {string} file */
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

/** @param {string} folder */
function removeOldest(folder) {
  const files = fs.readdirSync(folder).map((name) => {
    const file = path.join(folder, name);
    return { file, time: fs.lstatSync(file).mtimeMs };
  });
  files.sort((a, b) => b.time - a.time);
  for (const { file } of files.slice(MAX_FILES)) fs.rmSync(file, { force: true });
}
