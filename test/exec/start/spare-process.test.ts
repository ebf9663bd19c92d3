import t from 'tap';
import { createPipePool, type PipePool } from '../../../server/exec/process/pipe-pool.js';
import { createSpareProcesses } from '../../../server/exec/start/spare-process.js';
import { advanceFiles, MARK } from '../support/prepared.js';

const skip = process.platform === 'linux' ? false : 'only Linux has these';

// The processes that make pipes and that wait keep no program running.
const running = setInterval(() => {}, 60_000);
t.teardown(() => clearInterval(running));

t.test('one waits until it is disposed of', { skip }, async (t) => {
  const pipes = createPipePool((message) => t.fail(message));
  t.teardown(() => pipes.close());
  const make = createSpareProcesses({ pipes, mark: MARK, warn: (message) => t.fail(message) });
  let ends = 0;
  const spare = await make.start(advanceFiles(t.testdir()), [], () => ends++);
  t.equal(spare?.usable, true);
  clearInterval(running);
  await spare?.dispose(); // This wait alone keeps the program running.
  t.equal(spare?.usable, false);
  t.equal(ends, 0, 'whoever disposes of it knows its end');
});

t.test('after a failure there is one warning and a rest, and no error', async (t) => {
  const warnings: string[] = [];
  const full = new Error('no pipe is left');
  const pipes = {
    output: () => Promise.reject(full),
    input: () => Promise.reject(full),
    warm: () => {},
    close: () => {},
  } satisfies PipePool;
  const make = createSpareProcesses({ pipes, mark: MARK, warn: (message) => warnings.push(message) });
  t.equal(await make.start(advanceFiles(t.testdir()), [], t.fail), null);
  t.equal(await make.start(advanceFiles(t.testdir()), [], t.fail), null);
  t.equal(warnings.length, 1);
  t.match(warnings[0], /no pipe is left/);
});
