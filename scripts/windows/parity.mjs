/**
 * npm run windows-parity: compares codexd with the official Windows program (codex.exe), both under Wine
 * (docs/platforms.md).
 *
 *   npm run windows-parity -- --official FOLDER [OPTIONS] [FILTER…]
 *
 * --official FOLDER   contains bin/codex.exe, as the npm package @openai/codex@VERSION-win32-x64 has it
 * --scenarios FOLDER  runs the conformance scenarios of this folder (lib, public) instead of test/windows/parity
 * --families A,B      only these files of scenarios
 * --answers FILE      keeps the official program's answers there, and uses those that are there
 * --jobs N            as many scenarios at once (2)
 * --json FILE         writes every check
 * -v                  prints what differs
 *
 * FILTER is the beginning of a scenario's name, FAMILY/NAME. Exits with 0 if nothing differs but what
 * test/windows/parity/known-differences.json explains (waivers.json in the folder of other scenarios), with 1 if
 * something does, with 2 if nothing was compared.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, setup } from '../setup.mjs';
import { compare } from './parity/compare.mjs';
import { loadOwnScenarios } from './parity/own-scenarios.mjs';
import { CODEX_EXE, CODEXD, startBroker } from './parity/programs.mjs';
import { loadScenarios } from './parity/shared-scenarios.mjs';
import { NoTestBed, setupWindows } from './setup.mjs';

/**
 * @typedef {object} Result
 * @property {string} id
 * @property {boolean} portable the official program finished the scenario
 * @property {import('./parity/compare.mjs').Check[]} checks
 * @property {string} [error] why the scenario did not finish
 */

const KNOWN = path.join(root, 'test', 'windows', 'parity', 'known-differences.json');
const NODE_MAJOR = 20;

const { values, positionals: filters } = parseArgs({
  allowPositionals: true,
  options: {
    official: { type: 'string' },
    scenarios: { type: 'string' },
    families: { type: 'string' },
    answers: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    json: { type: 'string' },
    verbose: { type: 'boolean', short: 'v', default: false },
  },
});
const { official } = values;
if (official === undefined || !fs.existsSync(path.join(official, 'bin', 'codex.exe'))) {
  notRun(
    `there is no ${official ?? 'FOLDER'}/bin/codex.exe. Fetch it with npm pack @openai/codex@VERSION-win32-x64, ` +
      'unpack it outside of this repository, and name its folder vendor/x86_64-pc-windows-msvc with --official',
  );
}
await setup({ tests: true, sandbox: false });
try {
  await setupWindows([NODE_MAJOR]);
} catch (error) {
  if (!(error instanceof NoTestBed)) throw error;
  notRun(error.message);
}
const known = knownDifferences();
const results = await compareAll(path.resolve(official));
process.exit(report(results));

/**
 * @param {string} why
 * @returns {never}
 */
function notRun(why) {
  console.error(`codexd: NOT RUN, NOTHING WAS COMPARED WITH THE OFFICIAL PROGRAM: ${why}`);
  process.exit(2);
}

/**
 * Why checks (ID#KEY) or whole scenarios (ID) differ on purpose, as test/windows/parity says, and waivers.json beside
 * other scenarios.
 * @returns {Record<string, string>}
 */
function knownDifferences() {
  const own = JSON.parse(fs.readFileSync(KNOWN, 'utf8'));
  if (values.scenarios === undefined) return own;
  const waivers = path.join(values.scenarios, 'waivers.json');
  if (!fs.existsSync(waivers)) return own;
  /** @type {[string, string][]} */
  const entries = Object.entries(JSON.parse(fs.readFileSync(waivers, 'utf8')));
  return { ...own, ...Object.fromEntries(entries.map(([id, why]) => [id.replace(/^public\//, ''), why])) };
}

/**
 * @param {string} id
 * @param {{ key: string }} check
 */
function isKnown(id, { key }) {
  return id in known || `${id}#${key}` in known;
}

/** @param {string} program the official program's folder */
async function compareAll(program) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parity-'));
  const { scenarios, run } =
    values.scenarios === undefined
      ? await loadOwnScenarios(folder)
      : await loadScenarios(path.resolve(values.scenarios), folder);
  const families = values.families?.split(',');
  const waiting = scenarios.filter(
    ({ id }) =>
      (!families || families.includes(id.split('/')[0] ?? '')) &&
      (!filters.length || filters.some((filter) => id.startsWith(filter))),
  );
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { version: officialVersion } = JSON.parse(
    fs.readFileSync(path.join(program, '..', '..', 'package.json'), 'utf8'),
  );
  const { broker, end } = await startBroker(folder, program);
  const answers = keptAnswers();
  /** @type {Result[]} */
  const results = [];
  const worker = async () => {
    for (let scenario = waiting.shift(); scenario; scenario = waiting.shift()) {
      const { id } = scenario;
      const run1 = (/** @type {import('./parity/programs.mjs').Side} */ side, /** @type {string} */ of) =>
        run(/** @type {any} */ (scenario), side, broker, of);
      const theirs = answers.get(id) ?? (await run1(CODEX_EXE, officialVersion.split('-')[0]));
      answers.set(id, theirs);
      const ours = theirs.error === undefined ? await run1(CODEXD, version) : undefined;
      const checks = ours ? compare(theirs, ours) : [];
      const error = ours ? ours.error : theirs.error;
      results.push({ id, portable: ours !== undefined, checks, ...(error === undefined ? {} : { error }) });
      tell(/** @type {Result} */ (results.at(-1)));
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  await end();
  fs.rmSync(folder, { recursive: true, force: true });
  return results;
}

/** The official program's answers by scenario, kept in a file if one is named. */
function keptAnswers() {
  const file = values.answers;
  /** @type {Record<string, import('./parity/shared-scenarios.mjs').Outcome>} */
  const kept = file !== undefined && fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
  return {
    get: (/** @type {string} */ id) => kept[id],
    set(/** @type {string} */ id, /** @type {import('./parity/shared-scenarios.mjs').Outcome} */ outcome) {
      kept[id] = outcome;
      if (file !== undefined) fs.writeFileSync(file, JSON.stringify(kept));
    },
  };
}

/** @param {Result} result */
function tell({ id, portable, checks, error }) {
  if (!portable) {
    console.log(`-    ${id}: the official program did not finish it: ${error}`);
    return;
  }
  const different = checks.filter((check) => !check.same && !isKnown(id, check));
  const failed = error === undefined ? '' : ` (codexd did not finish it: ${error})`;
  const word = different.length || failed ? 'DIFF' : 'ok  ';
  console.log(`${word} ${id}: ${checks.length - different.length}/${checks.length}${failed}`);
  if (!values.verbose) return;
  for (const { key, official: wanted, codexd } of different)
    console.log(`   ${key}\n     official ${JSON.stringify(wanted)}\n     codexd   ${JSON.stringify(codexd)}`);
}

/**
 * The table at the end, and the exit code.
 * @param {Result[]} all
 */
function report(all) {
  if (values.json !== undefined) fs.writeFileSync(values.json, `${JSON.stringify(all, null, 1)}\n`);
  let unexplained = 0;
  let compared = 0;
  for (const family of new Set(all.map(({ id }) => id.split('/')[0]))) {
    const own = all.filter(({ id }) => id.startsWith(`${family}/`));
    const portable = own.filter((result) => result.portable);
    const checks = portable.flatMap(({ id, checks: made }) =>
      made.map((check) => ({ ...check, why: isKnown(id, check) })),
    );
    const same = checks.filter((check) => check.same);
    const onPurpose = checks.filter((check) => !check.same && check.why);
    const whole = portable.filter(
      ({ id, checks: made, error }) => error === undefined && made.every((check) => check.same || isKnown(id, check)),
    );
    compared += portable.length;
    unexplained += portable.length - whole.length;
    console.log(
      `${family}: ${own.length} scenarios, ${portable.length} portable, ${whole.length} the same` +
        ` (${percent(whole.length, portable.length)}); checks: ${same.length} of ${checks.length} the same` +
        ` (${percent(same.length, checks.length)})${onPurpose.length ? `, ${onPurpose.length} different on purpose` : ''}`,
    );
  }
  const same = compared - unexplained;
  console.log(`${same} of ${compared} portable scenarios are the same (${percent(same, compared)})`);
  if (compared === 0) notRun('no scenario ran');
  return unexplained ? 1 : 0;
}

/**
 * @param {number} part
 * @param {number} all
 */
function percent(part, all) {
  return all ? `${((100 * part) / all).toFixed(1)} %` : '-';
}
