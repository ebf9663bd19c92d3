/**
 * npm run bench [-- NAME… --json FILE]: codexd and the reference, side by side in one run. NAME is the beginning of a
 * measure's name (bench/measures). `curves [TITLE…]`: see curves.ts. The exit code reports whether all measures ran,
 * not whether they met the budget: a busy machine is not a bug.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { PROTOCOL_VERSION } from '../server/package/package-version.js';
import { printCurves } from './curves.js';
import { compare, type Result } from './measure.js';
import { measures } from './measures/index.js';
import { printOperators } from './operators.js';
import { failureRow, heading, resultRow } from './table.js';
import { findTargets } from './targets.js';

const { values, positionals } = parseArgs({ options: { json: { type: 'string' } }, allowPositionals: true });
if (positionals[0] === 'curves') {
  await printCurves((await findTargets()).codexd, positionals.slice(1));
  process.exit();
}
if (positionals.length === 1 && positionals[0] === 'operators') {
  await printOperators((await findTargets()).codexd);
  process.exit();
}
const wanted = measures.filter(
  ({ name }) => !positionals.length || positionals.some((start) => name.startsWith(start)),
);
if (!wanted.length) {
  process.stderr.write(`bench: no such measure; there are ${measures.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

const { codexd, reference } = await findTargets();
const [cpu] = os.cpus();
console.log(
  `${os.cpus().length} × ${cpu?.model ?? 'unknown CPU'}, Linux ${os.release()}, Node ${process.versions.node}; ` +
    `the reference is version ${PROTOCOL_VERSION}; medians`,
);
console.log(heading());

const results: Result[] = [];
let failed = 0;
for (const measure of wanted) {
  try {
    const result = await compare(measure, codexd, reference);
    results.push(result);
    console.log(resultRow(result));
  } catch (error) {
    failed++;
    console.log(failureRow(measure, error as Error));
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
process.exitCode = failed ? 1 : 0;
