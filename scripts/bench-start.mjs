/**
 * npm run bench:start: measures the start of codexd up to its answer to `initialize`, compared with `node -e 0`, on
 * this Node and on the others of the CI. Rounds alternate, so that other load of the machine affects all of them. `--
 * --rounds N` (default 40). The goal is 1.2 for the minimum; with `--check` it exits with 1 above that.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { nodeProgram, OTHER_NODES } from './other-nodes.mjs';
import { root, setup } from './setup.mjs';

const GOAL = 1.2;
const INITIALIZE = '{"id":1,"method":"initialize","params":{"clientInfo":{"name":"bench","version":"1"}}}\n';
const args = process.argv.slice(2);
const rounds = Number(args[args.indexOf('--rounds') + 1] || 40);

await setup();
const { execa } = await import('execa');
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-start-'));
const clean = { env: { PATH: process.env.PATH, HOME: home, CODEX_HOME: home }, extendEnv: false };
const programs = [process.execPath, ...(await Promise.all(OTHER_NODES.map(nodeProgram)))];
/** Times in ms. @type {{ program: string, bare: number[], codexd: number[] }[]} */
const nodes = programs.map((program) => ({ program, bare: [], codexd: [] }));
try {
  // The first start of a version creates its start-up cache; the second uses it.
  for (const { program } of nodes) for (let i = 0; i < 2; i++) await codexd(program);
  for (let round = 0; round < rounds; round++) {
    for (const node of nodes) {
      node.bare.push(await bare(node.program));
      node.codexd.push(await codexd(node.program));
    }
  }
} finally {
  fs.rmSync(home, { recursive: true, force: true });
}

console.log(`start to the answer of initialize, ms, ${rounds} rounds (minimum, median)\n`);
console.log('node        node -e 0       codexd          ratio');
let worst = 0;
for (const { program, bare, codexd } of nodes) {
  const { stdout: version } = await execa(program, ['--version']);
  const [a, b] = [bare, codexd].map((times) => [Math.min(...times), median(times)]);
  const ratios = [b[0] / a[0], b[1] / a[1]];
  worst = Math.max(worst, ratios[0]);
  /** @param {number[]} pair */
  const cell = (pair) => pair.map((/** @type {number} */ ms) => ms.toFixed(1).padStart(6)).join(' ');
  console.log(`${version.padEnd(10)} ${cell(a)}   ${cell(b)}   ${ratios.map((r) => r.toFixed(2)).join('  ')}`);
}
if (args.includes('--check') && worst > GOAL) {
  console.log(`\n${worst.toFixed(2)} is above the goal of ${GOAL}`);
  process.exit(1);
}

/**
 * Milliseconds from the start of a program that does nothing to its end.
 * @param {string} program
 */
async function bare(program) {
  const start = performance.now();
  const child = execa(program, ['-e', '0'], { ...clean, stdio: 'ignore' });
  await once(child, 'exit');
  return performance.now() - start;
}

/**
 * Milliseconds from the start of the daemon to its first answer.
 * @param {string} program
 */
async function codexd(program) {
  const start = performance.now();
  const child = execa(program, [path.join(root, 'bin', 'codexd.cjs'), 'app-server'], {
    ...clean,
    stdio: ['pipe', 'pipe', 'inherit'],
    buffer: false,
    reject: false,
  });
  child.stdin.write(INITIALIZE);
  const [answer] = await Promise.race([once(child.stdout, 'data'), child.then(() => [''])]);
  const time = performance.now() - start;
  if (!/"id":1,"result"/.test(String(answer))) throw new Error(`${program}: codexd answered ${answer || 'nothing'}`);
  child.stdin.end();
  child.stdout.resume();
  await child;
  return time;
}

/** @param {number[]} times */
function median(times) {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
