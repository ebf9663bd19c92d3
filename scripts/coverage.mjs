/**
 * npm run coverage: which share of the lines of server/ the quick tests run (scripts/quick-tests.mjs), folder by
 * folder, held against test/coverage-floor.json. A folder below its floor fails; one above it raises the floor.
 *
 * Counted are the sources of server/ in the process of each quick test, by V8's own coverage and the source maps of
 * build/. A source that no test loads counts with all of its lines. Not counted is what a daemon runs: dist/ has no
 * source maps, so integration tests do not show here, and a low number may belong to a folder that they cover.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Report } from 'c8';
import { isQuick, runQuick } from './quick-tests.mjs';
import { testFiles } from './run-tests.mjs';
import { root, setup } from './setup.mjs';

const FLOOR = path.join(root, 'test', 'coverage-floor.json');
/** Lines run differently from run to run where a test depends on time: so many percent below the floor pass. */
const SLACK = 1;

await setup({ tests: true, sandbox: false });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-coverage-'));
try {
  const passed = await runQuick(testFiles().filter(isQuick), { NODE_V8_COVERAGE: folder });
  const shares = sharesOf(await linesByFile(folder));
  process.exitCode = judge(shares) && passed ? 0 : 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/**
 * Lines of each source of server/, by its path below the root.
 * @param {string} tempDirectory where the tests left what V8 counted
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
 * Whether a source holds nothing but types, so that nothing is left of it in build/.
 * @param {string} source
 */
function isEmpty(source) {
  const built = path.join(root, 'build', source.replace(/\.ts$/, '.js'));
  const text = fs.readFileSync(built, 'utf8').replace(/^\/\/.*$/gm, '');
  return text.trim() === '';
}

/**
 * Percent by folder of server/ (its first level), with one digit.
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
 * Prints the table, writes the floor where it rises; answers whether no folder is below its own.
 * @param {{ name: string, percent: number }[]} shares
 */
function judge(shares) {
  /** @type {Record<string, number>} */
  const floor = fs.existsSync(FLOOR) ? JSON.parse(fs.readFileSync(FLOOR, 'utf8')) : {};
  /** @type {Record<string, number>} */
  const next = {};
  let held = true;
  for (const { name, percent } of shares) {
    const old = floor[name] ?? 0;
    const isBelow = percent < old - SLACK;
    if (isBelow) held = false;
    console.log(`${isBelow ? 'BELOW' : '     '} ${name.padEnd(26)} ${percent.toFixed(1).padStart(5)} %  floor ${old}`);
    next[name] = Math.max(old, percent);
  }
  fs.writeFileSync(FLOOR, `${JSON.stringify(next, null, 2)}\n`);
  return held;
}
