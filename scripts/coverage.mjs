/**
 * npm run coverage: the share of the lines of server/ that the quick tests run (scripts/quick-tests.mjs), for each
 * folder, compared with test/coverage-floor.json. It fails if a folder is below its floor. It raises the floor of a
 * folder above it, and gives a new folder one. With --check it writes nothing, and a folder without a
 * floor is an error. With --files FOLDER it also lists the sources below that folder, the most uncovered lines first.
 * With --from FOLDER it runs no test and writes nothing: that folder has what `CODEXD_COVERAGE=FOLDER npm test` left.
 *
 * It counts the sources of server/ in the process of each quick test, with V8's own coverage and the source maps of
 * build/. A source that no test loads counts with all of its lines. The code in a daemon is not counted: dist/ has no
 * source maps. So integration tests have no effect here, and a folder with a low number may be covered by them.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Report } from 'c8';
import { runQuick } from './quick-tests.mjs';
import { root, setup } from './setup.mjs';
import { isQuick, testFiles } from './test-files.mjs';

const FLOOR = path.join(root, 'test', 'coverage-floor.json');
/** The number of covered lines varies if a test depends on time, so a difference of this many percent passes. */
const SLACK = 1;
const { values: options } = parseArgs({
  options: { check: { type: 'boolean' }, files: { type: 'string' }, from: { type: 'string' } },
});
const CHECKS_ONLY = options.check === true;

await setup({ tests: true, sandbox: false });
const folder = options.from ?? fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-coverage-'));
try {
  const passed =
    options.from !== undefined || (await runQuick(testFiles().filter(isQuick), { NODE_V8_COVERAGE: folder }));
  const lines = await linesByFile(folder);
  if (options.files !== undefined) listFiles(lines, options.files);
  const shares = sharesOf(lines);
  const held = judge(shares);
  // The share of a run in which tests failed says nothing, so it becomes no floor.
  if (passed && !CHECKS_ONLY && options.from === undefined) raise(shares);
  process.exitCode = held && passed ? 0 : 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/**
 * The lines of each source of server/, by its path below the root.
 * @param {string} tempDirectory the folder of V8's output
 * @returns {Promise<Map<string, { covered: number, total: number }>>}
 */
async function linesByFile(tempDirectory) {
  const report = new Report({
    include: ['server/**'],
    exclude: [],
    extension: ['.ts', '.js'],
    excludeAfterRemap: true,
    excludeNodeModules: true,
    reporter: ['json-summary'],
    reportsDirectory: tempDirectory,
    tempDirectory,
    resolve: '',
    all: false,
  });
  await report.run();
  /** @type {Record<string, { lines: { covered: number, total: number } }>} */
  const summary = JSON.parse(fs.readFileSync(path.join(tempDirectory, 'coverage-summary.json'), 'utf8'));
  const lines = new Map();
  for (const [file, { lines: counted }] of Object.entries(summary))
    if (file !== 'total') lines.set(path.relative(root, file), { covered: counted.covered, total: counted.total });
  for (const name of fs.readdirSync(path.join(root, 'server'), { recursive: true, encoding: 'utf8' })) {
    const source = path.join('server', name);
    if (!name.endsWith('.ts') || lines.has(source) || isEmpty(source)) continue;
    lines.set(source, { covered: 0, total: fs.readFileSync(path.join(root, source), 'utf8').split('\n').length - 1 });
  }
  return lines;
}

/**
 * Whether a source has only types, so that its file in build/ is empty.
 * @param {string} source
 */
function isEmpty(source) {
  const built = path.join(root, 'build', source.replace(/\.ts$/, '.js'));
  const text = fs.readFileSync(built, 'utf8').replace(/^\/\/.*$/gm, '');
  return text.trim() === '';
}

/**
 * Prints how many lines of each source no quick test runs.
 * @param {Map<string, { covered: number, total: number }>} lines
 * @param {string} below a folder, relative to the root
 */
function listFiles(lines, below) {
  const listed = [...lines].filter(([file, { covered, total }]) => file.startsWith(below) && covered < total);
  listed.sort(([, a], [, b]) => b.total - b.covered - (a.total - a.covered));
  for (const [file, { covered, total }] of listed)
    console.log(`${String(total - covered).padStart(5)} of ${String(total).padStart(4)}  ${file}`);
}

/**
 * Percent by folder of server/ (the first level), with one decimal.
 * @param {Map<string, { covered: number, total: number }>} lines
 */
function sharesOf(lines) {
  /** @type {Record<string, { covered: number, total: number }>} */
  const folders = {};
  for (const [file, { covered, total }] of lines) {
    const name = file.split(path.sep).slice(0, 2).join('/');
    const sum = (folders[name] ??= { covered: 0, total: 0 });
    sum.covered += covered;
    sum.total += total;
  }
  const entries = Object.entries(folders).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, { covered, total }]) => ({ name, percent: Math.floor((1000 * covered) / total) / 10 }));
}

/**
 * The floor of each folder, in percent.
 * @returns {Record<string, number>}
 */
function floors() {
  return fs.existsSync(FLOOR) ? JSON.parse(fs.readFileSync(FLOOR, 'utf8')) : {};
}

/**
 * Prints the table; returns whether all folders reach their floor.
 * @param {{ name: string, percent: number }[]} shares
 */
function judge(shares) {
  const floor = floors();
  let held = true;
  for (const { name, percent } of shares) {
    const old = floor[name];
    const problem = old === undefined ? CHECKS_ONLY && 'NO FLOOR' : percent < old - SLACK && 'BELOW';
    if (problem) held = false;
    const now = `${name.padEnd(26)} ${percent.toFixed(1).padStart(5)} %`;
    console.log(`${(problem || '').padEnd(8)} ${now}  floor ${old ?? 'none'}`);
  }
  if (!held) console.log('npm run coverage writes the floor of new folders: commit test/coverage-floor.json');
  return held;
}

/**
 * Writes the floor of each folder. A folder that is gone has none.
 * @param {{ name: string, percent: number }[]} shares
 */
function raise(shares) {
  const floor = floors();
  const next = Object.fromEntries(shares.map(({ name, percent }) => [name, Math.max(floor[name] ?? 0, percent)]));
  fs.writeFileSync(FLOOR, `${JSON.stringify(next, null, 2)}\n`);
}
