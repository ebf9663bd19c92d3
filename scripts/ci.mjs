// .ci/run: tests, coverage, types, lint, the package, other Nodes, Windows, program files, conformance. Ends with
// "N passed, N failed", and exits with 1 if anything failed. CODEXD_CI_WITHOUT_NODES=22,24 skips these Nodes on a
// machine that cannot reach the npm registry.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root, setup } from './setup.mjs';

await setup({ tests: true });
const { execa } = await import('execa');
const { tryNode } = await import('./node-matrix.mjs');
const { OTHER_NODES } = await import('./other-nodes.mjs');

const outcomes = [];
/** Minutes since the start of this program, its set-up included, so that a log shows where the time goes. */
const minutesSpent = () => performance.now() / 60_000;
const minutes = () => `${minutesSpent().toFixed(1)} min`;
/** In minutes since the start: all must end within an hour, and what follows the tests for Windows takes some. */
const WINDOWS_ENDS_AT = 44;

const coverage = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-coverage-'));
await step('npm test', 'npm', ['test'], { CODEXD_COVERAGE: coverage });
if (!process.env['CODEXD_REAL_CLIENTS'])
  console.log('\n== clients and MCP servers of others: NOT RUN (scripts/real-programs.mjs, CODEXD_REAL_CLIENTS)');
await step('coverage', 'npm', ['run', '--silent', 'coverage', '--', '--check', '--from', coverage]);
fs.rmSync(coverage, { recursive: true, force: true });
await step('types', 'npm', ['run', '--silent', 'typecheck']);
await step('lint', 'npm', ['run', '--silent', 'lint']);
await step('package', 'node', ['scripts/check-package.mjs']);
for (const major of OTHER_NODES) {
  console.log(`\n== Node ${major} (${minutes()})`);
  const { ok, detail } = await tryNode(major);
  console.log(`${ok ? 'ok' : 'FAILED'}: Node ${major}: ${detail}`);
  outcomes.push({ name: `Node ${major}`, ok, detail });
}
await windows();
await programFiles();
await conformance();

const failed = outcomes.filter((outcome) => !outcome.ok);
for (const { name, detail } of failed) console.log(`FAILED: ${name}${detail ? ` (${detail})` : ''}`);
console.log(`${outcomes.length - failed.length} passed, ${failed.length} failed`);
process.exit(failed.length ? 1 : 0);

/**
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
async function step(name, command, args, env = {}) {
  console.log(`\n== ${name} (${minutes()})`);
  const { exitCode, shortMessage } = await execa(command, args, {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
  });
  outcomes.push({ name, ok: exitCode === 0, detail: shortMessage ?? '' });
}

/**
 * The tests that are written for Windows, and those that are clean there, with Windows' Nodes under Wine
 * (docs/platforms.md). A machine that cannot have Wine, or not within 8 minutes, says so, and this is no failure. On a
 * slow machine the tests that were written for Windows come first, and it says how many did not run.
 */
async function windows() {
  console.log(`\n== Windows, under Wine (${minutes()})`);
  const run = (/** @type {string[]} */ args, /** @type {number} */ minutes) =>
    execa(process.execPath, args, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: minutes * 60_000,
      reject: false,
    });
  const made = await run(['scripts/windows/setup.mjs'], 8);
  if (made.exitCode === 2 || made.timedOut) {
    console.log(`== Windows: NOT RUN, ${made.timedOut ? 'the test bed was not made in time' : 'for the reason above'}`);
    return;
  }
  const left = Math.round(Math.min(Math.max(WINDOWS_ENDS_AT - minutesSpent(), 1), 18));
  const test = ['scripts/windows/test.mjs', '--for', `${left}`];
  // The last files to begin may take minutes more, and those that fail run again.
  const { exitCode, shortMessage } = made.failed ? made : await run(test, left + 10);
  outcomes.push({ name: 'Windows', ok: exitCode === 0, detail: shortMessage ?? '' });
}

/** The program files for Linux, and for Windows if there is Wine. They need parts from the npm registry. */
async function programFiles() {
  console.log(`\n== program files (${minutes()})`);
  const { exitCode, timedOut, shortMessage } = await execa(process.execPath, ['scripts/check-program-file.mjs'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 6 * 60_000,
    reject: false,
  });
  if (exitCode === 2 || timedOut) {
    console.log(`== program files: NOT RUN, ${timedOut ? 'they were not made in time' : 'for the reason above'}`);
    return;
  }
  outcomes.push({ name: 'program files', ok: exitCode === 0, detail: shortMessage ?? '' });
}

/**
 * Compares the number of passing checks of each family with test/conformance-floor.json. The floor only rises. A family
 * below it gets a second run, alone, because the scenarios have time limits that a busy machine can miss. A check of
 * test/conformance-differences.json, where codexd differs from the recorded answer for the reason that stands there,
 * counts as one that holds.
 */
async function conformance() {
  const runner = path.resolve(root, '../shared/conformance/run.mjs');
  if (!fs.existsSync(runner)) {
    console.log('\n== conformance: NOT RUN, because the scenarios are not there (../shared/conformance)');
    return;
  }
  console.log(`\n== conformance (${minutes()})`);
  const floor = JSON.parse(fs.readFileSync(path.join(root, 'test/conformance-floor.json'), 'utf8'));
  const families = Object.keys(floor);
  /** @type {Record<string, string>} */
  const differences = JSON.parse(fs.readFileSync(path.join(root, 'test/conformance-differences.json'), 'utf8'));
  for (const [check, reason] of Object.entries(differences)) console.log(`${check} differs on purpose: ${reason}`);
  const onPurpose = new Set(Object.keys(differences));
  const first = await held(runner, families, onPurpose);
  for (const family of families) {
    let checks = first(family);
    if (checks.held < floor[family]) checks = (await held(runner, [family], onPurpose, ['--jobs', '1']))(family);
    const detail = `${checks.held} of ${checks.all} checks hold, the floor is ${floor[family]}`;
    console.log(`${family}: ${detail}`);
    outcomes.push({ name: `conformance ${family}`, ok: checks.held >= floor[family], detail });
  }
}

/**
 * Runs these families; returns how many checks of each family were made and passed.
 * @param {string} runner
 * @param {string[]} families
 * @param {ReadonlySet<string>} onPurpose checks that hold by definition, as SCENARIO#KEY
 * @param {string[]} [options]
 */
async function held(runner, families, onPurpose, options = []) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-conformance-'));
  const report = path.join(folder, 'report.json');
  const args = [runner, '--target', 'ours', '--json', report, ...options, ...families.map((family) => `${family}/`)];
  await execa(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 10 * 60_000,
    reject: false,
  });
  /** @type {{ id: string, checks: { key: string, ok: boolean }[] }[]} */
  const scenarios = fs.existsSync(report) ? JSON.parse(fs.readFileSync(report, 'utf8')) : [];
  fs.rmSync(folder, { recursive: true, force: true });
  return (/** @type {string} */ family) => {
    const checks = scenarios
      .filter(({ id }) => id.startsWith(`${family}/`))
      .flatMap((scenario) => scenario.checks.map(({ key, ok }) => ok || onPurpose.has(`${scenario.id}#${key}`)));
    return { held: checks.filter(Boolean).length, all: checks.length };
  };
}
