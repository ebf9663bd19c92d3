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
