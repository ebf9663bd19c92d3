/**
 * npm run test:quick: the tests that start no process, each in a plain Node, one more at once than there are cores. It
 * takes about a minute on two idle cores.
 */
import os from 'node:os';
import path from 'node:path';
import { runFiles } from './run-files.mjs';
import { root, setup } from './setup.mjs';
import { isQuick, sourceOf, testFiles } from './test-files.mjs';

/** In milliseconds: a test that takes longer hangs. */
const LIMIT_MS = 60_000;
/** So many files are named with the time that they took. */
const SLOWEST = 5;

if (process.argv[1] === path.join(root, 'scripts', 'quick-tests.mjs')) {
  await setup({ tests: true, sandbox: false });
  process.exit((await runQuick(testFiles(process.argv.slice(2)).filter(isQuick))) ? 0 : 1);
}

/**
 * Returns whether all of them passed. `env`: variables for the tests, in addition to the environment of this process.
 * @param {string[]} files
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function runQuick(files, env = {}) {
  const started = Date.now();
  // One more than cores: some tests only wait for a while.
  const outcomes = await runFiles(files, { jobs: os.availableParallelism() + 1, limitMs: LIMIT_MS, env });
  outcomes.sort((a, b) => b.ms - a.ms);
  console.log(`# the slowest of ${files.length} files:`);
  for (const { file, ms } of outcomes.slice(0, SLOWEST))
    console.log(`# ${(ms / 1000).toFixed(1).padStart(7)} s  ${sourceOf(file)}`);
  const failed = outcomes.filter(({ failure }) => failure !== null);
  for (const { file, failure, output } of failed) {
    const lines = output.split('\n').filter((line) => /^\s*not ok /.test(line));
    console.log(`FAILED: ${sourceOf(file)}: ${failure}   (alone: node ${file})`);
    console.log((lines.length ? lines.join('\n') : output).trim());
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${files.length - failed.length} of ${files.length} quick test files passed in ${seconds} s`);
  return files.length > 0 && failed.length === 0;
}
