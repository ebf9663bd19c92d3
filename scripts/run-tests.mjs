// Runs test files of build/ under tap, with this Node or another one. scripts/setup.mjs must have built the tests.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './setup.mjs';

/** @typedef {{ node?: string, reporter?: string, log?: string }} RunOptions */

/**
 * Test files below the repository's root whose path contains one of `wanted` (test/exec, test/log/log.test.ts); without
 * `wanted` all.
 * @param {string[]} [wanted]
 */
export function testFiles(wanted = []) {
  const parts = wanted.map((name) => name.replace(/^(\.\/)?test\//, '').replace(/\.ts$/, ''));
  return fs
    .readdirSync(path.join(root, 'build', 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js') && (!parts.length || parts.some((part) => file.includes(part))))
    .map((file) => path.join('build', 'test', file))
    .sort();
}

/**
 * Returns whether all of them passed. `node`: the program that runs tap, the tests, and the programs that they start as
 * process.execPath or as `node` on PATH. `log`: a file for the whole output, instead of the terminal.
 *
 * A few failed files get a second run, one after the other: the machine may have been busy. Files that pass then are
 * reported as unsteady, which is a defect to correct. The summary comes last: the slowest files, and each failed file
 * with the command that runs it alone.
 * @param {string[]} files
 * @param {RunOptions} [options]
 */
export async function runTests(files, options = {}) {
  const started = Date.now();
  const failed = await failedFiles(files, { jobs: 2, ...options });
  const times = files.map((file) => ({ file, ms: durationOf(file, started) }));
  const few = failed.length <= SECOND_RUNS;
  const again = failed.length && few ? await failedFiles(failed, { ...options, jobs: 1, appends: true }) : failed;
  console.log(`# the slowest of ${files.length} files:`);
  const slowest = times.sort((a, b) => (b.ms ?? Infinity) - (a.ms ?? Infinity)).slice(0, SLOWEST);
  for (const { file, ms } of slowest) {
    const time = ms === null ? 'no end' : `${(ms / 1000).toFixed(1)} s`;
    console.log(`# ${time.padStart(9)}  ${sourceOf(file)}`);
  }
  for (const file of failed) {
    const ended = times.some((each) => each.file === file && each.ms !== null);
    const how = ended ? '' : `, ended by a signal or after ${LIMIT_S} s`;
    const outcome = again.includes(file) ? `FAILED${how}` : `UNSTEADY (passed alone${how})`;
    console.log(`${outcome}: ${file}   (alone: npm test -- ${sourceOf(file)})`);
  }
  return again.length === 0;
}

/** How many files are listed with their times. */
const SLOWEST = 10;

/** The source of a built test. @param {string} file */
export const sourceOf = (file) => file.replace(/^build[\\/]/, '').replace(/\.js$/, '.ts');

/**
 * The time that tap recorded for one file, in ms; null: the file did not come to its end. tap waits for a file that a
 * signal ended as for one that hangs.
 * @param {string} file
 * @param {number} started
 */
function durationOf(file, started) {
  const result = path.join(root, '.tap', 'test-results', `${file}.tap`);
  if (!fs.existsSync(result) || fs.statSync(result).mtimeMs < started) return null;
  const [, ms] = /\n# time=([\d.]+)ms\s*$/.exec(fs.readFileSync(result, 'utf8')) ?? [];
  return ms === undefined ? null : Number(ms);
}

/** The time of one file, in seconds. */
const LIMIT_S = 900;
/** More failures than this are not an accident. */
const SECOND_RUNS = 5;

/**
 * The files that did not pass.
 * @param {string[]} files
 * @param {RunOptions & { jobs: number, appends?: boolean }} options
 */
async function failedFiles(files, { node = process.execPath, reporter = 'tap', log, jobs, appends = false }) {
  const { execa } = await import('execa');
  const tap = path.join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-tests-'));
  const list = path.join(folder, 'failed');
  const options = [
    '--disable-coverage',
    `--jobs=${jobs}`,
    `--timeout=${LIMIT_S}`,
    `--reporter=${reporter}`,
    `--save=${list}`,
  ];
  const out = log === undefined ? 'inherit' : { file: log, append: appends };
  const { exitCode } = await execa(node, [tap, 'run', ...options, ...files], {
    cwd: root,
    env: withNode(node),
    stdin: 'ignore',
    stdout: out,
    stderr: out,
    buffer: false,
    reject: false,
  });
  const named = fs.existsSync(list) ? fs.readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
  fs.rmSync(folder, { recursive: true, force: true });
  // An interrupted run names no file: then no file counts as passed.
  return exitCode === 0 ? [] : named.length ? named : files;
}

/**
 * An environment in which `node` is this program.
 * @param {string} node
 */
export const withNode = (node) => ({
  ...process.env,
  PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
});
