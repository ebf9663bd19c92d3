import t from 'tap';
import { createJobTree } from '../../../server/exec/end/job-tree.js';
import type { ProcessJob } from '../../../server/system/programs/process-jobs.js';

/** A job whose processes end `rounds` kills later. */
function fakeJob(rounds: number): ProcessJob & { readonly log: string[] } {
  const log: string[] = [];
  let left = rounds;
  return {
    name: 'Local\\codexd-test',
    log,
    add: (pid) => void log.push(`add ${pid}`),
    kill: () => void (left > 0 && left--),
    living: () => left,
    pids: () => (left > 0 ? [7, 8] : []),
    close: () => void log.push('close'),
  };
}

t.test('a tree that never started has ended', async (t) => {
  const job = fakeJob(0);
  const tree = createJobTree('mark', job);
  t.equal(tree.mark, 'mark');
  t.equal(tree.job, 'Local\\codexd-test');
  t.equal(tree.kill(), true);
  t.equal(await tree.abandon(0), true);
  t.strictSame(job.log, ['close']);
});

t.test('it ends when its first process has exited and the job is empty', async (t) => {
  const job = fakeJob(3);
  const tree = createJobTree('mark', job);
  let exit = (): void => {};
  tree.started(7, new Promise<void>((resolve) => (exit = resolve)));
  t.equal(tree.kill(), false);
  t.strictSame(
    [7, 8, 9].map((pid) => tree.contains?.(pid)),
    [true, true, false],
    'the job says what it contains',
  );
  exit();
  t.equal(await tree.killAndWait(60_000), true);
  t.strictSame(job.log, ['add 7', 'close']);
});

t.test('what does not end in time is left to the close of the job', async (t) => {
  const job = fakeJob(Infinity);
  const tree = createJobTree('mark', job);
  tree.started(7, Promise.resolve());
  t.equal(await tree.killAndWait(20), false);
  t.strictSame(job.log, ['add 7', 'close']);
});
