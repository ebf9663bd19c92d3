/** The search of macOS. With a list made of /proc it runs on Linux, with real processes. */
import { once } from 'node:events';
import fs from 'node:fs';
import t, { type Test } from 'tap';
import { createListedTree } from '../../../server/exec/end/listed-tree.js';
import type { Processes } from '../../../server/system/programs/process-list.js';
import { startChild } from '../../fixtures/programs.js';
import { until } from '../../fixtures/until.js';

const fields = (pid: number): readonly string[] | null => {
  try {
    const text = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
};

const LIST: Processes = {
  pids: () => fs.readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : [])),
  factsOf: (pid) => {
    const found = fields(pid);
    if (found === null) return null;
    const [state = '', parent, group] = found;
    return {
      pid,
      parent: Number(parent),
      group: Number(group),
      zombie: state === 'Z',
      stopped: state === 'T',
      started: Number(found[19]),
    };
  },
  sessionOf: (pid) => Number(fields(pid)?.[3]) || null,
  socketsOf: () => [],
};

const lives = (pid: number): boolean => LIST.factsOf(pid)?.zombie === false;

/** Runs a script in its own session; it prints the ids of its processes, one a line. */
async function start(t: Test, script: string, lines: number) {
  const child = startChild('bash', ['-c', script], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const tree = createListedTree({ mark: 'm', outerMark: 'outer', processes: LIST });
  tree.started(child.pid ?? 0, once(child, 'exit'));
  t.teardown(() => tree.killAndWait(5000));
  let output = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
  const pids = (): readonly number[] => output.trim().split('\n').map(Number);
  await until(() => output !== '' && pids().length === lines, 'all processes are there');
  return { child, tree, pids: pids() };
}

const linux = process.platform === 'linux' ? {} : { skip: 'a list made of /proc' };

t.test('children, their children, and a job of its own group', linux, async (t) => {
  const { tree, pids, child } = await start(
    t,
    'set -m; sleep 1000 & echo $!; bash -c "sleep 1000 & echo \\$!; wait" & echo $!; wait',
    3,
  );
  t.equal(tree.mark, 'outer:m');
  t.ok(pids.every(lives));
  t.equal(await tree.killAndWait(30_000), true);
  t.notOk([child.pid ?? 0, ...pids].some(lives));
  t.ok(lives(process.pid));
});

t.test('an orphan in the session, after its first process has exited', linux, async (t) => {
  const { tree, pids, child } = await start(t, 'sleep 1000 >&- & echo $!; exec >&-', 1);
  if (child.exitCode === null) await once(child, 'exit');
  t.ok(pids.every(lives));
  t.equal(await tree.killAndWait(30_000), true);
  t.notOk(pids.some(lives));
});

t.test('an orphan in another session is known by its sandbox alone', linux, async (t) => {
  const { tree, pids, child } = await start(
    t,
    '(setsid bash -c "echo \\$\\$; exec sleep 1000 >&-" &); exec sleep 0.01',
    1,
  );
  if (child.exitCode === null) await once(child, 'exit');
  const [orphan = 0] = pids;
  t.equal(await tree.killAndWait(1000), true, 'not found');
  t.ok(lives(orphan));
  tree.inSandbox?.((pid) => pid === orphan);
  t.equal(await tree.killAndWait(30_000), true);
  t.notOk(lives(orphan));
});

t.test('a command that has not started, and a process that appears during the search', async (t) => {
  const signals: string[] = [];
  let asked = 0;
  const fact = (pid: number, parent: number) => ({
    pid,
    parent,
    group: pid,
    zombie: false,
    stopped: false,
    started: pid,
  });
  const tree = createListedTree({
    mark: 'm',
    outerMark: undefined,
    signal: (target, name) => signals.push(`${name} ${target}`) > 0,
    processes: {
      pids: () => (++asked > 1 ? [50, 51] : [50]),
      factsOf: (pid) => fact(pid, pid === 51 ? 50 : 1),
      sessionOf: (pid) => pid,
      socketsOf: () => [],
    },
  });
  t.equal(tree.kill(), true);
  t.strictSame(signals, []);
  tree.started(50, new Promise(() => {}));
  t.equal(tree.kill(), false, 'they live');
  t.strictSame(signals, ['SIGSTOP 50', 'SIGSTOP 51', 'SIGKILL -50', 'SIGKILL 51', 'SIGKILL 50']);
});
