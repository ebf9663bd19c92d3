import { once } from 'node:events';
import fs from 'node:fs';
import t from 'tap';
import { createProcessTree, MARK_VARIABLE, newMarkPrefix } from '../../../server/exec/end/process-tree.js';
import { startedAfter } from '../../../server/system/linux/process-table.js';
import { alive, marker } from '../support/processes.js';
import { until } from '../../fixtures/until.js';
import { startChild } from '../../fixtures/programs.js';

t.test('process ids wrap around', async (t) => {
  const rows = [
    { pid: 105, start: 100, last: 110, after: true, why: 'between start and newest' },
    { pid: 95, start: 100, last: 110, after: false, why: 'older than the command' },
    { pid: 120, start: 100, last: 110, after: false, why: 'left over from the last time round' },
    { pid: 32_000, start: 31_000, last: 400, after: true, why: 'before the wrap' },
    { pid: 350, start: 31_000, last: 400, after: true, why: 'after the wrap' },
    { pid: 500, start: 31_000, last: 400, after: false, why: 'not given out again yet' },
  ];
  for (const { pid, start, last, after, why } of rows) t.equal(startedAfter(pid, start, last), after, why);
});

/** Starts `script` in its own group with a mark, like the supervisor. */
function start(script: string): { tree: ReturnType<typeof createProcessTree>; exit: Promise<unknown> } {
  const tree = createProcessTree({
    mark: `${newMarkPrefix()}.1.`,
    outerMark: undefined,
    networkNamespace: null,
    sandboxed: false,
  });
  const child = startChild('sh', ['-c', script], {
    detached: true,
    stdio: 'ignore',
    env: { [MARK_VARIABLE]: tree.mark },
  });
  const exit = once(child, 'exit');
  tree.started(child.pid as number, exit);
  return { tree, exit };
}

t.test('a child that left group, session and parent is found by its environment', async (t) => {
  const mark = marker();
  const { tree, exit } = start(`setsid sh -c 'sleep ${mark} & exec sleep ${mark}' & sleep 0.2`);
  await exit;
  await until(() => alive(mark).length === 2, 'the orphans');
  t.ok(await tree.killAndWait(5000));
  t.same(alive(mark), []);
});

t.test('a child with an empty environment is found through its living parent', async () => {
  const mark = marker();
  const { tree, exit } = start(`env -i setsid sleep ${mark} & sleep ${mark}`);
  await until(() => alive(mark).length >= 2, 'both');
  tree.kill();
  await exit;
  await until(() => alive(mark).length === 0, 'both are gone');
});

t.test('processes of another command are not touched', async (t) => {
  const [one, other] = [marker(), marker()];
  const first = start(`setsid sleep ${one} & sleep ${one}`);
  const second = start(`setsid sleep ${other} & sleep ${other}`);
  await until(() => alive(one).length >= 2 && alive(other).length >= 2, 'both commands');
  t.ok(await first.tree.killAndWait(5000));
  t.same(alive(one), []);
  t.ok(alive(other).length >= 2);
  await second.tree.killAndWait(5000);
  await Promise.all([first.exit, second.exit]);
});

t.test('a daemon below a daemon is found by the outer environment variable', async (t) => {
  const mark = marker();
  const outer = createProcessTree({
    mark: `${newMarkPrefix()}.1.`,
    outerMark: undefined,
    networkNamespace: null,
    sandboxed: false,
  });
  // The outer command (for example, a daemon) has ended already; its child has not.
  outer.started(await goneGroup(), Promise.resolve());
  const options = { mark: `${newMarkPrefix()}.1.`, networkNamespace: null, sandboxed: false };
  const inner = createProcessTree({ ...options, outerMark: outer.mark });
  t.ok(inner.mark.startsWith(`${outer.mark}:`));
  // Another daemon starts it, so this one does not know it as a command.
  const env = { PATH: process.env['PATH'], [MARK_VARIABLE]: inner.mark };
  const child = startChild('sleep', [mark], { env, detached: true, stdio: 'ignore' });
  const exit = once(child, 'exit');
  await until(() => alive(mark).length >= 1, 'the inner command');
  t.ok(await outer.killAndWait(5000));
  await exit;
  t.same(alive(mark), []);
});

t.test('every process in the command’s network namespace is found, whatever else it left', async (t) => {
  const mark = marker();
  const root = await goneGroup();
  const hermit = startChild('unshare', ['-U', '-n', 'env', '-i', 'setsid', 'sleep', mark], { stdio: 'ignore' });
  t.teardown(() => hermit.kill('SIGKILL'));
  const own = fs.statSync('/proc/self/ns/net').ino;
  const namespace = (): number => fs.statSync(`/proc/${hermit.pid}/ns/net`).ino;
  await until(() => alive(mark).length === 1 && namespace() !== own, 'the process in its namespace');
  const tree = createProcessTree({
    mark: `${newMarkPrefix()}.1.`,
    outerMark: undefined,
    networkNamespace: namespace(),
    sandboxed: false,
  });
  tree.started(root, Promise.resolve());
  t.ok(await tree.killAndWait(5000));
  t.same(alive(mark), []);
});

/** The id of an ended process that led its own group. */
async function goneGroup(): Promise<number> {
  const child = startChild('true', { detached: true, stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid as number;
}

t.test('killing a process that has ended is not an error', async (t) => {
  const { tree, exit } = start('true');
  await exit;
  t.ok(await tree.killAndWait(1000));
  t.ok(tree.kill());
});
