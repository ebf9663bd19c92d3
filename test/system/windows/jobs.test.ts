import { once } from 'node:events';
import t from 'tap';
import { processJobs } from '../../../server/system/programs/process-jobs.js';
import { startChild } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';
import { onWindows } from '../../fixtures/windows.js';

const waiting = ['-e', 'setInterval(() => {}, 1000); console.log("runs")'];

t.test('a job kills its processes, and counts them', onWindows, async (t) => {
  const jobs = await processJobs();
  const job = jobs.create();
  t.equal(job.living(), 0);
  const child = startChild(process.execPath, waiting, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  job.add(child.pid!);
  t.equal(job.living(), 1);
  t.strictSame(job.pids(), [child.pid], 'its processes by their ids');
  job.kill();
  await once(child, 'exit');
  t.equal(child.exitCode, 1, 'the exit code of a killed process');
  await until(() => job.living() === 0, 'none is left');
  job.add(child.pid!);
  t.pass('a process that has ended is ignored');
  job.close();
  job.close();
  job.kill();
  t.equal(job.living(), 0);
  t.strictSame(job.pids(), []);
});

t.test('a job knows all of its processes, however many and however far from the first', onWindows, async (t) => {
  const jobs = await processJobs();
  const [job, other] = [jobs.create(), jobs.create()];
  t.teardown(() => [job, other].forEach((each) => each.close()));
  const family = `const { spawn } = require('node:child_process');
    process.stdin.once('data', () => {
      const children = Array.from({ length: 70 }, () => spawn('cmd.exe', ['/c', 'pause'], { detached: true }));
      console.log(JSON.stringify(children.map(({ pid }) => pid)));
    });`;
  const child = startChild(process.execPath, ['-e', family], { stdio: ['pipe', 'pipe', 'ignore'] });
  job.add(child.pid!);
  child.stdin.write('go');
  const children = JSON.parse(String((await once(child.stdout, 'data'))[0])) as number[];
  const pids = job.pids();
  t.ok(pids.includes(child.pid!));
  t.strictSame(
    children.filter((pid) => !pids.includes(pid)),
    [],
  );
  t.strictSame(other.pids(), [], 'another job has none of them');
});

t.test('a job knows the processes of the jobs within it', onWindows, async (t) => {
  const jobs = await processJobs();
  const [outer, inner] = [jobs.create(), jobs.create()];
  t.teardown(() => [inner, outer].forEach((each) => each.close()));
  const child = startChild(process.execPath, waiting, { stdio: ['ignore', 'pipe', 'ignore'] });
  outer.add(child.pid!);
  inner.add(child.pid!);
  t.strictSame([outer.pids(), inner.pids()], [[child.pid], [child.pid]]);
});

t.test('the close of a job kills what is left', onWindows, async (t) => {
  const job = (await processJobs()).create();
  const child = startChild(process.execPath, waiting, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data');
  job.add(child.pid!);
  job.close();
  await once(child, 'exit');
  t.pass('it has ended');
});
