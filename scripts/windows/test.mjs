/**
 * npm run test:windows: runs tests with Windows' Node under Wine (docs/platforms.md). Without arguments it runs the
 * files of test/windows/clean-files.json with the oldest supported Node, and the tests of test/windows and
 * test/system/windows with all of WINDOWS_NODES. Arguments choose files instead (test/rpc); `--node 24` another Node,
 * `--all-nodes` all of them. `--for 10`: no file begins after that many minutes; those that did not run are named.
 *
 * Exits with 0 only if all of them passed; with 2 if the test bed cannot be made here.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root, setup } from '../setup.mjs';
import { sourceOf, testFiles } from '../test-files.mjs';
import { NoTestBed, setupWindows } from './setup.mjs';
import { endWine, NODE, wine, WINDOWS_NODES } from './wine.mjs';

/** @typedef {keyof typeof WINDOWS_NODES} Major */

/** Tests that are written for Windows. */
const FOR_WINDOWS = ['test/windows/', 'test/system/windows/'];
const CLEAN = path.join(root, 'test', 'windows', 'clean-files.json');
/** What the program's start would do for a test that uses its parts. */
const PREPARED = 'file:///C:/node_modules/codexd/build/test/fixtures/prepared.js';
/** In milliseconds: a file that takes longer hangs. */
const LIMIT_MS = 180_000;
const LONG_MS = 60_000;
const SLOWEST = 8;
/** More failures than this are not an accident. */
const SECOND_RUNS = 5;

/**
 * Runs `files` (of build/test) with one Node, and returns what they said. Those that have not begun at `endAt`, in
 * milliseconds since the epoch, are not in the result.
 * @param {Major} major
 * @param {string[]} files
 * @param {number} [endAt]
 */
export async function runUnderWine(major, files, endAt = Infinity) {
  const waiting = [...files];
  /** @type {Outcome[]} */
  const outcomes = [];
  const worker = async () => {
    while (Date.now() < endAt) {
      const file = waiting.shift();
      if (file === undefined) return;
      outcomes.push(said(await runOne(major, file)));
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
  await endWine(major);
  // As in run-tests.mjs: a few files that fail run again, alone and in a Wine that has just started. Now and then a
  // program of Wine does not end, or holds a file for a while, whatever it is.
  const failed = [...outcomes.entries()].filter(([, { ok }]) => !ok);
  for (const [at, { file, out }] of failed.length > SECOND_RUNS ? [] : failed) {
    const again = await runOne(major, file);
    await endWine(major);
    if (again.ok) console.log(`${out}\nUNSTEADY (passed alone): ${sourceOf(file)} (Node ${major})`);
    outcomes[at] = again;
  }
  return outcomes.sort((a, b) => b.ms - a.ms);
}

/**
 * Names what fails or takes long when it happens: the one who starts this may end it before its summary.
 * @param {Outcome} outcome
 */
function said(outcome) {
  const { file, ok, ms } = outcome;
  if (!ok || ms > LONG_MS) console.log(`# ${ok ? 'slow' : 'not ok'}: ${sourceOf(file)}, ${(ms / 1000).toFixed(1)} s`);
  return outcome;
}

/** @typedef {{ file: string, ok: boolean, ms: number, out: string }} Outcome */

/**
 * @param {Major} major
 * @param {string} file
 * @returns {Promise<Outcome>}
 */
async function runOne(major, file) {
  const started = Date.now();
  const name = `C:\\node_modules\\codexd\\${file.split('/').join('\\')}`;
  const { code, timedOut, out } = await wine(major, [NODE, '--import', PREPARED, name], {
    timeoutMs: LIMIT_MS,
    env: { TAP_TIMEOUT: `${LIMIT_MS / 1000}` },
  });
  const ok = code === 0 && /^(?:ok|# (?:pass|skip)|1\.\.)/m.test(out);
  const said = timedOut ? `${out}\nno end in ${LIMIT_MS} ms` : out;
  return { file, ok, ms: Date.now() - started, out: said };
}

/**
 * Everything that must pass. Returns whether it did, with a line about it; throws NoTestBed.
 * @param {{ wanted?: string[], majors?: Major[], minutes?: number }} [options]
 */
export async function testWindows({ wanted = [], majors, minutes = Infinity } = {}) {
  const nodes = majors ?? /** @type {Major[]} */ (Object.keys(WINDOWS_NODES).map(Number));
  await setup({ tests: true, sandbox: false });
  await setupWindows(nodes);
  const started = Date.now();
  /** @type {string[]} */
  const failed = [];
  let count = 0;
  let ran = 0;
  for (const [i, major] of nodes.entries()) {
    const all = wanted.length ? testFiles(wanted) : [...testFiles(FOR_WINDOWS), ...(i === 0 ? cleanFiles() : [])];
    const files = [...new Set(all)];
    count += files.length;
    const outcomes = await runUnderWine(major, files, started + minutes * 60_000);
    ran += outcomes.length;
    if (outcomes.length < files.length)
      console.log(`# NOT RUN, there was no time left: ${files.length - outcomes.length} files (Node ${major})`);
    console.log(`# Windows Node ${WINDOWS_NODES[major]}: ${outcomes.length} files, the slowest:`);
    for (const { file, ms } of outcomes.slice(0, SLOWEST))
      console.log(`# ${(ms / 1000).toFixed(1)} s ${sourceOf(file)}`);
    for (const { file, ok, out } of outcomes) {
      if (ok) continue;
      failed.push(`${sourceOf(file)} (Node ${major})`);
      console.log(
        `${out}\nFAILED: ${failed.at(-1)}   (alone: npm run test:windows -- --node ${major} ${sourceOf(file)})`,
      );
    }
  }
  const seconds = Math.round((Date.now() - started) / 1000);
  const detail = `${ran - failed.length} of ${count} files passed under Wine, ${count - ran} did not run, ${seconds} s`;
  return { ok: ran > 0 && failed.length === 0, detail };
}

/** The built files of the list. */
const cleanFiles = () =>
  /** @type {{ files: string[] }} */ (JSON.parse(fs.readFileSync(CLEAN, 'utf8'))).files.map((file) =>
    path.join('build', file.replace(/\.ts$/, '.js')),
  );

if (process.argv[1] === path.join(root, 'scripts', 'windows', 'test.mjs')) {
  const args = process.argv.slice(2);
  const at = args.indexOf('--node');
  const [, major] = at < 0 ? [] : args.splice(at, 2);
  const limit = args.indexOf('--for');
  const [, minutes] = limit < 0 ? [] : args.splice(limit, 2);
  const everyNode = args.indexOf('--all-nodes');
  if (everyNode >= 0) args.splice(everyNode, 1);
  const majors = major === undefined ? undefined : [/** @type {Major} */ (Number(major))];
  try {
    const { ok, detail } = await testWindows({
      wanted: args,
      majors: majors ?? (args.length && everyNode < 0 ? [20] : undefined),
      ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
    });
    console.log(`# ${detail}`);
    process.exit(ok ? 0 : 1);
  } catch (error) {
    if (!(error instanceof NoTestBed)) throw error;
    console.error(`codexd: THE WINDOWS TESTS DO NOT RUN HERE: ${error.message}`);
    process.exit(2);
  }
}
