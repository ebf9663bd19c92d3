import t from 'tap';
import { HAS_JOBS, processJobs } from '../../../server/system/programs/process-jobs.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('only Windows has jobs', notOnWindows, async (t) => {
  t.equal(HAS_JOBS, false);
  const jobs = await processJobs();
  t.throws(() => jobs.create(), { code: 'machine.native-module' }, 'elsewhere there is no module for them');
});

t.test('Windows has them', onWindows, async (t) => {
  t.equal(HAS_JOBS, true);
  const jobs = await processJobs();
  jobs.guard();
  jobs.guard();
  jobs.create().close();
  t.pass('this process can be guarded, and more than once');
});
