import fs from 'node:fs';
import t, { type Test } from 'tap';
import type { LaneNamespace } from '../../../server/network-approval/registration/registration.js';
import { createPipePool } from '../../../server/exec/process/pipe-pool.js';
import type { PreparedStart } from '../../../server/exec/process/prepared-start.js';
import { PreparedLanes } from '../../../server/exec/start/prepared-lanes.js';
import { createSpareProcesses } from '../../../server/exec/start/spare-process.js';
import { namespaceOf } from '../../../server/system/linux/process-table.js';
import { startChild } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';
import { advanceFiles, MARK, openDescriptors } from '../support/prepared.js';

const skip = process.platform === 'linux' ? false : 'only Linux has these';

// The processes that make pipes and that wait keep no program running.
const running = setInterval(() => {}, 60_000);
const pipes = createPipePool((message) => t.fail(message));
t.teardown(() => {
  clearInterval(running);
  pipes.close();
});

const preparedLanes = (t: Test): PreparedLanes => {
  const lanes = new PreparedLanes(
    createSpareProcesses({ pipes, mark: MARK, warn: (message) => t.fail(message) }).start,
  );
  t.teardown(() => lanes.close());
  return lanes;
};

/** A namespace that stays for the test. */
async function namespace(t: Test): Promise<LaneNamespace> {
  const holder = startChild('unshare', ['--user', '--net', 'sleep', '1000'], { stdio: 'ignore' });
  t.teardown(() => holder.kill('SIGKILL'));
  const place = `/proc/${holder.pid}/ns`;
  await until(() => namespaceOf(holder.pid ?? 0, 'net') !== namespaceOf('self', 'net'), 'the namespace');
  return {
    enter: ['/usr/bin/nsenter', `--user=${place}/user`, `--net=${place}/net`, '--preserve-credentials', '--'],
    networkNamespace: fs.statSync(`${place}/net`).ino,
  };
}

const isGone = ({ pid }: PreparedStart): boolean => !fs.existsSync(`/proc/${pid}`);

/** Prepares the lane, and takes what waits there when it has entered the namespace. */
async function prepared(lanes: PreparedLanes, lane: LaneNamespace, folder: string): Promise<PreparedStart> {
  const files = advanceFiles(folder);
  let found: PreparedStart | null = null;
  await until(async () => {
    await lanes.prepare(lane);
    found = lanes.take(lane, files);
    return found !== null;
  }, 'one waits in the lane');
  return found as unknown as PreparedStart;
}

t.test('a process waits in the lane that it belongs to, and in no other', { skip }, async (t) => {
  const lanes = preparedLanes(t);
  const lane = await namespace(t);
  const folder = t.testdir();
  await lanes.prepare(lane);
  t.equal(lanes.count, 0, 'none before the first command in a lane');
  const one = await prepared(lanes, lane, folder);
  t.equal(namespaceOf(one.pid, 'net'), `net:[${lane.networkNamespace}]`);
  await one.dispose();
  await lanes.prepare(lane);
  t.equal(lanes.count, 1);
  const sameWords = { ...lane };
  t.equal(lanes.take(sameWords, advanceFiles(folder)), null, 'another lane, with the numbers of the first');
  t.equal(lanes.count, 1);
  await lanes.discard(lane);
  t.equal(lanes.count, 0);
  t.equal(lanes.discard(lane), null);
});

t.test('a process in another namespace than the lane’s is not used, and ends', { skip }, async (t) => {
  const lanes = preparedLanes(t);
  const lane = await namespace(t);
  const folder = t.testdir();
  await (await prepared(lanes, lane, folder)).dispose();
  const before = openDescriptors();
  const wrong = { ...lane, networkNamespace: lane.networkNamespace + 1 };
  await lanes.prepare(wrong);
  t.equal(lanes.count, 1);
  t.equal(lanes.take(wrong, advanceFiles(folder)), null);
  t.equal(lanes.count, 0);
  t.equal(openDescriptors(), before);
});

t.test('a lane is closed when its process has ended', { skip }, async (t) => {
  const lanes = preparedLanes(t);
  const lane = await namespace(t);
  const one = await prepared(lanes, lane, t.testdir());
  await one.dispose();
  t.ok(isGone(one), 'the end of the process is waited for');
  await lanes.prepare(lane);
  await lanes.close();
  t.equal(lanes.count, 0);
  await lanes.prepare(lane);
  t.equal(lanes.count, 0, 'none is made after the end');
});
