/** Calls the doctor like a program, and checks the promises that hold for every answer. */
import fs from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { until } from '../fixtures/until.js';
import type { Finding } from '../../server/doctor/findings/finding.js';
import { packageRoot } from '../../server/package/package-root.js';
import { codexd, type Scratch } from '../fixtures/program.js';
import { runToEnd } from '../fixtures/programs.js';

export interface Report {
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

/** The doctor's findings by id; for several findings with one id, the worst. */
export async function ask(t: Test, place: Scratch, args: readonly string[] = []) {
  const { code, stdout, stderr } = await codexd(place, ['doctor', '--json', ...args]);
  t.equal(stderr, '');
  const report = JSON.parse(stdout) as Report;
  t.equal(code, report.ok ? 0 : 1);
  t.equal(report.ok, !report.findings.some(({ status }) => status === 'fail'));
  for (const { id, status, what, fix } of report.findings) {
    t.match(id, /^[a-z]+\.[a-z-]+$/);
    t.ok(what !== '' && !what.includes('\n'), `${id} is one line`);
    t.equal(fix !== null && fix !== '', status === 'warn' || status === 'fail', `${id} (${status}) names a way out`);
  }
  const find = (id: string): Finding => {
    const worst = ['fail', 'warn', 'skipped', 'ok'];
    const found = report.findings
      .filter((finding) => finding.id === id)
      .sort((a, b) => worst.indexOf(a.status) - worst.indexOf(b.status))[0];
    if (found === undefined) throw new Error(`no finding ${id} in ${stdout}`);
    return found;
  };
  return { ...report, find };
}

/** How long another doctor, of a test that runs beside this one, may still need its folders; in milliseconds. */
const OTHERS_MS = 60_000;

const names = (): string[] => fs.readdirSync('/tmp').filter((name) => name.startsWith('codexd-doctor-'));
/** What a doctor left that was killed before this test began. */
const before = names();

/** The temporary folders of doctors that stay. Those of doctors that still run go by themselves. */
export async function leftFolders(): Promise<string[]> {
  const seen = names().filter((name) => !before.includes(name));
  let still = seen;
  const gone = until(() => (still = names().filter((name) => seen.includes(name))).length === 0, 'gone', OTHERS_MS);
  await gone.catch(() => undefined);
  return still;
}

/** Through a shell. */
export async function askBy(t: Test, place: Scratch, shell: readonly string[]) {
  // Without the modules of the test runner, which need a working folder and a writable one.
  const program = path.join(packageRoot(), 'bin', 'codexd.cjs');
  const words = ['env', '-u', 'NODE_OPTIONS', process.execPath, program, 'doctor', '--json'];
  const { stdout, stderr } = runToEnd('sh', [...shell, ...words], {
    cwd: place.work,
    env: { HOME: place.user, CODEX_HOME: place.home },
  });
  t.equal(stderr, '');
  const { findings } = JSON.parse(stdout) as Report;
  return { find: (id: string): Finding | undefined => findings.find((finding) => finding.id === id) };
}
