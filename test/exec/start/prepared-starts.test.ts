import t, { type Test } from 'tap';
import { createPipePool } from '../../../server/exec/process/pipe-pool.js';
import type { PreparedStart } from '../../../server/exec/process/prepared-start.js';
import { createPreparedStarts, type PreparedStarts } from '../../../server/exec/start/prepared-starts.js';
import type { AdvanceFiles } from '../../../server/sandbox/policy/sandbox.js';
import { elapse, until } from '../../fixtures/until.js';
import { advanceFiles, MARK, openDescriptors } from '../support/prepared.js';

const skip = process.platform === 'linux' ? false : 'only Linux has these';

// The processes that make pipes and that wait keep no program running.
const running = setInterval(() => {}, 60_000);
t.teardown(() => clearInterval(running));

function startsFor(t: Test): PreparedStarts {
  const pipes = createPipePool((message) => t.fail(message));
  const starts = createPreparedStarts({ pipes, mark: MARK, warn: (message) => t.fail(message) });
  t.teardown(async () => {
    await starts.close();
    pipes.close();
  });
  return starts;
}

/** Runs commands that use nothing, until one gets a process. */
async function untilOneWaits(starts: PreparedStarts, files: AdvanceFiles): Promise<PreparedStart> {
  let found: PreparedStart | null = null;
  await until(async () => {
    const { prepared, ended } = starts.take(files, null);
    found = prepared;
    ended();
    if (found === null) await elapse(50, 'a refill follows the end of a command');
    return found !== null;
  }, 'one waits');
  return found as unknown as PreparedStart;
}

t.test('none waits before the first command; then one waits for each filter', { skip }, async (t) => {
  const folder = t.testdir();
  const starts = startsFor(t);
  const [files, others] = [advanceFiles(folder, 'a'), advanceFiles(folder, 'b')];
  const first = starts.take(files, null);
  t.equal(first.prepared, null);
  const second = starts.take(others, null);
  t.equal(second.prepared, null);
  first.ended();
  second.ended();
  const one = await untilOneWaits(starts, files);
  const other = await untilOneWaits(starts, others);
  t.not(one, other);
  t.ok(one.usable);
  t.equal(starts.take(files, null).prepared, null, 'one, and not a second');
  await Promise.all([one.dispose(), other.dispose()]);
});

t.test('while a command runs, the next one waits until it has started', { skip }, async (t) => {
  const starts = startsFor(t);
  const files = advanceFiles(t.testdir());
  starts.take(files, null);
  let found: PreparedStart | null = null;
  await until(async () => {
    await elapse(300, 'a command that runs has started then');
    found = starts.take(files, null).prepared;
    return found !== null;
  }, 'a long command does not keep the next from it');
  await (found as unknown as PreparedStart).dispose();
});

t.test('the end of all ends those that wait, and those that are made', { skip }, async (t) => {
  const files = advanceFiles(t.testdir());
  const pipes = createPipePool((message) => t.fail(message));
  const starts = createPreparedStarts({ pipes, mark: MARK, warn: (message) => t.fail(message) });
  const used = await untilOneWaits(starts, files);
  await used.dispose();
  await elapse(50, 'another is made meanwhile, or waits');
  await starts.close();
  pipes.close();
  const before = openDescriptors();
  starts.take(files, null).ended();
  await elapse(50, 'nothing is made after the end');
  t.equal(starts.take(files, null).prepared, null);
  t.equal(openDescriptors(), before);
});

t.test('a failure is reported once and rests', { skip }, async (t) => {
  const folder = t.testdir();
  const pipes = createPipePool((message) => t.fail(message));
  const warnings: string[] = [];
  const starts = createPreparedStarts({ pipes, mark: MARK, warn: (message) => warnings.push(message) });
  t.teardown(async () => {
    await starts.close();
    pipes.close();
  });
  const files = advanceFiles(`${folder}/missing`);
  starts.take(files, null).ended();
  await until(() => warnings.length === 1, 'the warning');
  t.match(warnings[0], /no start could be prepared.*ENOENT/);
  starts.take(files, null).ended();
  await elapse(50, 'no second attempt follows at once');
  t.equal(warnings.length, 1);
});
