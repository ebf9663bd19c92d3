// Runs test files of build/, each in a Node of its own, and keeps how each of them ended.
import os from 'node:os';
import { root } from './setup.mjs';

/**
 * `failure`: how it ended, when it did not pass. `output`: all that it wrote.
 * @typedef {{ file: string, ms: number, failure: string | null, output: string }} Outcome
 */

/**
 * `jobs`: how many run at once. `limitMs`: a file that takes longer hangs, and is ended. `env`: variables in addition
 * to those of this process, or what makes them for a file. `node`: the program that runs them. `onEnd` is called with
 * each outcome as it comes.
 * @typedef {{
 *   jobs?: number, limitMs: number, env?: NodeJS.ProcessEnv | ((file: string) => NodeJS.ProcessEnv), node?: string,
 *   onEnd?: (outcome: Outcome) => void
 * }} FilesOptions
 */

/**
 * The outcomes, in the order in which the files ended.
 * @param {readonly string[]} files
 * @param {FilesOptions} options
 */
export async function runFiles(files, { jobs = os.availableParallelism(), onEnd, ...options }) {
  const waiting = [...files];
  /** @type {Outcome[]} */
  const outcomes = [];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const outcome = await runOne(file, options);
      outcomes.push(outcome);
      onEnd?.(outcome);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return outcomes;
}

/**
 * @param {string} file
 * @param {Omit<FilesOptions, 'jobs' | 'onEnd'>} options
 * @returns {Promise<Outcome>}
 */
async function runOne(file, { limitMs, env = {}, node = process.execPath }) {
  const { execa } = await import('execa');
  const ended = await execa(node, [file], {
    cwd: root,
    // Otherwise tap ends a file after 30 s.
    env: { TAP_TIMEOUT: String(limitMs / 1000), ...(typeof env === 'function' ? env(file) : env) },
    stdin: 'ignore',
    all: true,
    timeout: limitMs,
    forceKillAfterDelay: 1000,
    maxBuffer: MOST_OUTPUT,
    reject: false,
  });
  const how = ended.timedOut ? `not done after ${limitMs / 1000} s` : (ended.signal ?? `exit ${ended.exitCode}`);
  return { file, ms: ended.durationMs, failure: ended.failed ? how : null, output: ended.all ?? '' };
}

/** In bytes. */
const MOST_OUTPUT = 64 * 1024 * 1024;
