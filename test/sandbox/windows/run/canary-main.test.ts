import path from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { packageRoot } from '../../../../server/package/package-root.js';
import { isReport, type CanaryTask } from '../../../../server/sandbox/windows/run/canary.js';
import { startChild } from '../../../fixtures/programs.js';

t.test('the program prints its report, and ends', async (t) => {
  const folder = t.testdir();
  const task: CanaryTask = { write: { inside: path.join(folder, 'file') }, read: {}, tcp: {}, udp: {} };
  const program = path.join(packageRoot(), 'build', 'server', 'sandbox', 'windows', 'run', 'canary-main.js');
  const child = startChild(process.execPath, [program, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const report: unknown = JSON.parse(await text(child.stdout));
  t.ok(isReport(report));
  if (!isReport(report)) return;
  t.strictSame(report.outcomes, { inside: 'done' });
  process.kill(report.child ?? 0, 'SIGKILL');
});
