// .ci/run: tests, types, lint, conformance. Ends with "N passed, N failed"; exits 1 when anything failed.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './setup.mjs';

const outcomes = [];

step('npm test', 'npm', ['test']);
step('types', 'npm', ['run', '--silent', 'typecheck']);
step('lint', 'npm', ['run', '--silent', 'lint']);
conformance();

const failed = outcomes.filter((outcome) => !outcome.ok);
for (const { name, detail } of failed) console.log(`FAILED: ${name}${detail ? ` (${detail})` : ''}`);
console.log(`${outcomes.length - failed.length} passed, ${failed.length} failed`);
process.exit(failed.length ? 1 : 0);

function step(name, command, args) {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  outcomes.push({ name, ok: status === 0, detail: status === 0 ? '' : `exit ${status}` });
}

/** Holds the number of checks that pass, family by family, against test/conformance-floor.json. The floor only rises. */
function conformance() {
  const runner = path.resolve(root, '../shared/conformance/run.mjs');
  if (!fs.existsSync(runner)) return;
  console.log('\n== conformance');
  const floor = JSON.parse(fs.readFileSync(path.join(root, 'test/conformance-floor.json'), 'utf8'));
  const families = Object.keys(floor);
  const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-conformance-')), 'report.json');
  const args = [runner, '--target', 'ours', '--json', report, ...families.map((family) => `${family}/`)];
  spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], timeout: 25 * 60_000 });
  const result = fs.existsSync(report) ? JSON.parse(fs.readFileSync(report, 'utf8')) : [];
  for (const family of families) {
    const checks = result.filter(({ id }) => id.startsWith(`${family}/`)).flatMap((scenario) => scenario.checks);
    const held = checks.filter(({ ok }) => ok).length;
    const detail = `${held} of ${checks.length} checks hold, the floor is ${floor[family]}`;
    console.log(`${family}: ${detail}`);
    outcomes.push({ name: `conformance ${family}`, ok: held >= floor[family], detail });
  }
}
