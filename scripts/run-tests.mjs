// Runs test files of build/ under tap, with this Node or another one. The tests are built before (scripts/setup.mjs).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './setup.mjs';

/** @typedef {{ node?: string, reporter?: string, log?: string }} RunOptions */

/**
 * Test files below the repository's root whose path holds one of `wanted` (test/exec, test/log/log.test.ts); all
 * without any.
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
 * Answers whether all of them passed. `node`: the program that runs tap, the tests, and whatever they start, be it as
 * process.execPath or by `node` on PATH. `log`: a file for all of the output, in place of the terminal.
 *
 * Files that failed are named at the end. A few of them get a second run, one after the other: a test may have met a
 * machine that was busy with something else. Those that pass then are named as unsteady, which is a defect to mend.
 * @param {string[]} files
 */
export function runTests(files, options = {}) {
  const failed = failedFiles(files, { jobs: 2, ...options });
  if (!failed.length) return true;
  const few = failed.length <= SECOND_RUNS;
  const again = few ? failedFiles(failed, { ...options, jobs: 1, appends: true }) : failed;
  for (const file of failed) console.log(`${again.includes(file) ? 'FAILED' : 'UNSTEADY (passed alone)'}: ${file}`);
  return again.length === 0;
}

/** More than so many failures are no accident. */
const SECOND_RUNS = 5;

/**
 * The files that did not pass.
 * @param {string[]} files
 * @param {RunOptions & { jobs: number, appends?: boolean }} options
 */
function failedFiles(files, { node = process.execPath, reporter = 'tap', log, jobs, appends = false }) {
  const tap = path.join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-tests-'));
  const list = path.join(folder, 'failed');
  const options = ['--disable-coverage', `--jobs=${jobs}`, '--timeout=900', `--reporter=${reporter}`, `--save=${list}`];
  const out = log === undefined ? 'inherit' : fs.openSync(log, appends ? 'a' : 'w');
  const { status } = spawnSync(node, [tap, 'run', ...options, ...files], {
    cwd: root,
    env: withNode(node),
    stdio: ['ignore', out, out],
  });
  if (typeof out === 'number') fs.closeSync(out);
  const named = fs.existsSync(list) ? fs.readFileSync(list, 'utf8').split('\n').filter(Boolean) : [];
  fs.rmSync(folder, { recursive: true, force: true });
  // A run that broke off names nobody: then none of them counts as passed.
  return status === 0 ? [] : named.length ? named : files;
}

/**
 * An environment in which `node` is this program.
 * @param {string} node
 */
export const withNode = (node) => ({
  ...process.env,
  PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
});
