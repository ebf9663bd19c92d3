// Runs test files of build/, with this Node or another one. scripts/setup.mjs must have built the tests.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isQuick, sourceOf } from './test-files.mjs';
import { runFiles } from './run-files.mjs';

/** @typedef {import('./run-files.mjs').Outcome} Outcome */
/** @typedef {{ node?: string, log?: string }} RunOptions */

/**
 * Returns whether all of them passed. `node`: the program that runs the tests, and the programs that they start as
 * process.execPath or as `node` on PATH. `log`: a file for the output, instead of the terminal. It gets the whole
 * output of every file; the terminal gets that of the files that failed.
 *
 * A few failed files get a second run, one after the other: the machine may have been busy. Files that pass then are
 * reported as unsteady, which is a defect to correct. The summary comes last: the slowest files, and each failed file
 * with the command that runs it alone.
 * @param {string[]} files
 * @param {RunOptions} [options]
 */
export async function runTests(files, { node = process.execPath, log } = {}) {
  if (log !== undefined) fs.rmSync(log, { force: true });
  const say = (/** @type {string} */ text) =>
    log === undefined ? console.log(text) : fs.appendFileSync(log, `${text}\n`);
  const onEnd = (/** @type {Outcome} */ { file, ms, failure, output }) => {
    if (failure !== null || log !== undefined) say(output.trimEnd());
    say(
      `${failure === null ? 'ok' : 'not ok'} ${sourceOf(file)} # ${seconds(ms)}${failure === null ? '' : `, ${failure}`}`,
    );
  };
  const run = (/** @type {string[]} */ those, /** @type {number} */ jobs) =>
    runFiles(those, {
      jobs,
      node,
      env: (file) => ({ ...withNode(node), ...coverageOf(file) }),
      limitMs: LIMIT_S * 1000,
      onEnd,
    });
  const outcomes = await run(files, JOBS);
  const failed = outcomes.filter(({ failure }) => failure !== null);
  const few = failed.length <= SECOND_RUNS;
  const second =
    failed.length && few
      ? await run(
          failed.map(({ file }) => file),
          1,
        )
      : failed;
  const again = new Set(second.filter(({ failure }) => failure !== null).map(({ file }) => file));
  console.log(`# the slowest of ${files.length} files:`);
  for (const { file, ms } of outcomes.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST))
    console.log(`# ${seconds(ms).padStart(9)}  ${sourceOf(file)}`);
  for (const { file, failure } of failed)
    console.log(
      `${again.has(file) ? 'FAILED' : 'UNSTEADY (passed alone)'}: ${file}: ${failure}   (alone: npm test -- ${sourceOf(file)})`,
    );
  return again.size === 0;
}

/** The folder where the quick tests leave what scripts/coverage.mjs reads with --from. */
const COVERAGE = process.env.CODEXD_COVERAGE;
const coverageOf = (/** @type {string} */ file) =>
  COVERAGE !== undefined && isQuick(file) ? { NODE_V8_COVERAGE: COVERAGE } : {};

/** How many files run at once: one more than cores, because many tests wait. */
const JOBS = os.availableParallelism() + 1;
/** How many files are listed with their times. */
const SLOWEST = 15;
/** The time of one file, in seconds. */
const LIMIT_S = 900;
/** More failures than this are not an accident. */
const SECOND_RUNS = 5;

const seconds = (/** @type {number} */ ms) => `${(ms / 1000).toFixed(1)} s`;

/**
 * An environment in which `node` is this program.
 * @param {string} node
 */
export const withNode = (node) => ({
  ...process.env,
  PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
});
