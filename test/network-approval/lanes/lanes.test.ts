import { execa } from 'execa';
import fs from 'node:fs';
import type net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { TrustedProgram } from '../../../server/system/programs/system-program.js';
import type { LaneTurn } from '../../../server/network-approval/lanes/lane-turn.js';
import { createLanePool, type LanePoolOptions } from '../../../server/network-approval/lanes/lanes.js';
import { runWhileStopped, status } from '../support/lane-commands.js';
import { startTcp } from '../support/wire.js';
import { elapse, until } from '../../fixtures/until.js';
import { startChild } from '../../fixtures/programs.js';

if (process.platform !== 'linux') t.bailout('lanes are network namespaces: they exist on Linux only');

t.setTimeout(120_000);

function poolFor(t: Test, options: Partial<LanePoolOptions> = {}) {
  const pool = createLanePool({ status, ...options });
  t.teardown(() => pool.close());
  return pool;
}

/** Takes the turn's connections and keeps count. */
function count(turn: LaneTurn): net.Socket[] {
  const accepted: net.Socket[] = [];
  const take = (socket: net.Socket): void => {
    socket.on('error', () => {}).unref(); // it may outlive its test
    accepted.push(socket);
  };
  turn.accept(take, take);
  return accepted;
}

/** Opens `times` connections to the port, sends something on each, and dies with all of them open. */
const dyingConnections = (port: number, times: number): string =>
  `for ((i = 10; i < 10 + ${times}; i++)); do eval "exec $i<>/dev/tcp/127.0.0.1/${port}" && echo GET >&$i; done; kill -9 $$`;

t.test('case 50: a lane has loopback, the two ports of its command, and nothing else', async (t) => {
  const host = await startTcp((socket) => socket.end('the host'));
  t.teardown(() => host.close());
  const turn = await poolFor(t, { size: { pairsPerLane: 3 } }).acquire({ owner: 'test' });
  count(turn);
  const seen = runWhileStopped(
    turn.enter,
    `tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '
     echo "listening: $(tail -n +2 /proc/net/tcp | awk '$4 == "0A"' | wc -l)"
     for to in 127.0.0.1/${host.port} 192.0.2.1/80 8.8.8.8/53; do (exec 3<>/dev/tcp/$to) 2>&1 | sed 's/.*: //' | head -1; done
     (exec 3<>/dev/udp/8.8.8.8/53) 2>&1 | sed 's/.*: //' | head -1`,
  )
    .trim()
    .split('\n');
  t.strictSame(seen, [
    'lo',
    'listening: 2', // the pairs that later commands will get are bound and do not listen
    'Connection refused', // the host's loopback is another
    ...Array.from({ length: 3 }, () => 'Network is unreachable'),
  ]);
});

t.test('an idle lane costs no process', async (t) => {
  const turn = await poolFor(t).acquire({ owner: 'test' });
  turn.end({ reusable: true });
  let helpers = ['?'];
  await until(() => {
    // Those that are being made end by themselves.
    helpers = fs.readdirSync('/proc').filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(process.pid);
      } catch {
        return false; // gone meanwhile, or no process at all
      }
    });
    return helpers.length === 0;
  }, 'no helper is left');
  t.strictSame(helpers, []);
});

t.test('an idle lane is prepared while nobody has it, and closed when nothing prepared is in it', async (t) => {
  const events: string[] = [];
  let go = (): void => {};
  let isPreparing = false;
  const pool = poolFor(t, { size: { maxLanes: 1, pairsPerLane: 3 } });
  pool.prepareWith?.({
    prepare: () => {
      isPreparing = true;
      return new Promise((resolve) => {
        go = () => {
          events.push('prepared');
          isPreparing = false;
          resolve();
        };
      });
    },
    discard: () => (events.push('discarded'), Promise.resolve()),
  });
  const a = await pool.acquire({ owner: 'test' });
  count(a);
  a.end({ reusable: true });
  await until(() => isPreparing, 'the lane is prepared');
  t.match(pool.counts(), { idle: 1, inUse: 0, made: 1 });
  let isLent = false;
  const waiting = pool.acquire({ owner: 'test' }).then((turn) => ((isLent = true), turn));
  await elapse(50, 'nobody gets the lane meanwhile');
  t.notOk(isLent);
  go();
  const b = await waiting;
  t.equal(b.lane, a.lane, 'the same lane, when it is prepared');
  const lane = b.lane;
  count(b);
  b.end({ reusable: false });
  t.strictSame(events, ['prepared', 'discarded']);
  const c = await pool.acquire({ owner: 'test' });
  t.not(c.lane, lane);
  count(c);
  c.end({ reusable: true });
  await until(() => isPreparing, 'the next is prepared');
  const closing = pool.close();
  go();
  await closing;
  t.strictSame(events, ['prepared', 'discarded', 'prepared', 'discarded'], 'the end of the pool waits for both');
});

t.test('case 42: a connection of a dead command never belongs to the next command', async (t) => {
  const pool = poolFor(t, { size: { maxLanes: 1 } });
  const a = await pool.acquire({ owner: 'test' });
  const fromA = count(a);
  // This process stands still until A is dead: A's connections, with bytes on them, wait in the kernel's queue.
  t.equal(runWhileStopped(a.enter, dyingConnections(a.httpPort, 50)), '');
  a.end({ reusable: true });
  const b = await pool.acquire({ owner: 'test' });
  t.strictSame(b.enter, a.enter, 'it is the same lane');
  const fromB = count(b);
  await elapse(100, 'a connection of A would be accepted now');
  t.equal(fromB.length, 0);
  runWhileStopped(b.enter, dyingConnections(b.httpPort, 3));
  await until(() => fromB.length >= 3, "B's own arrive");
  t.equal(fromB.length, 3, "B's own arrive");
  t.equal(fromA.length, 0, "A's are gone");
});

t.test('case 42: neither does one whose handshake the kernel completes after the command’s death', async (t) => {
  const pool = poolFor(t, { size: { maxLanes: 1 } });
  const a = await pool.acquire({ owner: 'test' });
  count(a);
  // More than the accept queue holds: the kernel tries the last ones again, also for a dead client.
  runWhileStopped(a.enter, `ulimit -n 2000; (${dyingConnections(a.httpPort, 600)}) & sleep 1; kill -9 $$`);
  a.end({ reusable: true });
  const b = await pool.acquire({ owner: 'test' });
  t.strictSame(b.enter, a.enter, 'it is the same lane');
  const fromB = count(b);
  await elapse(3500, 'the kernel tries again after one second, and after two more');
  t.equal(fromB.length, 0);
});

t.test('case 40: a command reaches neither another’s lane nor the sockets of the next command', async (t) => {
  const pool = poolFor(t, { size: { pairsPerLane: 2 } });
  const [a, b] = await Promise.all([pool.acquire({ owner: 'test' }), pool.acquire({ owner: 'test' })]);
  t.notSame(a.enter, b.enter);
  count(a);
  const fromB = count(b);
  const refused = runWhileStopped(a.enter, `(exec 3<>/dev/tcp/127.0.0.1/${b.httpPort}) 2>&1`);
  if (b.httpPort !== a.httpPort) t.match(refused, 'Connection refused');
  await elapse(20, 'a connection would be accepted now');
  t.equal(fromB.length, 0);
});

t.test('a lane is discarded if its command may still run', async (t) => {
  const pool = poolFor(t, { size: { maxLanes: 1 } });
  const a = await pool.acquire({ owner: 'test' });
  count(a);
  const [file = '', ...words] = [...a.enter, 'sleep', '60'];
  const left = startChild(file, words, { stdio: 'ignore' });
  t.teardown(() => left.kill('SIGKILL'));
  const there = inode(a);
  await until(() => fs.statSync(`/proc/${left.pid}/ns/net`).ino === there, 'it is in the lane');
  a.end({ reusable: false });
  const b = await pool.acquire({ owner: 'test' });
  count(b);
  t.not(inode(b), there, 'what was left behind is in a lane of its own');
});

t.test('a lane is replaced when its sockets are used up', async (t) => {
  const pool = poolFor(t, { size: { maxLanes: 1, pairsPerLane: 2 } });
  const lanes: number[] = [];
  const ports = new Set<number>();
  for (let i = 0; i < 4; i++) {
    const turn = await pool.acquire({ owner: 'test' });
    count(turn);
    lanes.push(inode(turn));
    hold(t, turn); // The kernel gives the number of one that is gone to the next.
    ports.add(turn.httpPort).add(turn.socksPort);
    turn.end({ reusable: true });
  }
  t.equal(lanes[0], lanes[1]);
  t.equal(lanes[2], lanes[3]);
  t.not(lanes[1], lanes[2]);
  t.equal(ports.size, 8, 'no port serves twice');
});

const namespaceFile = (turn: LaneTurn): string =>
  turn.enter.find((word) => word.startsWith('--net='))?.slice('--net='.length) ?? '';

/** The network namespace that the words of `enter` lead to. */
const inode = (turn: LaneTurn): number => fs.statSync(namespaceFile(turn)).ino;

/** Keeps the namespace until the test ends. */
function hold(t: Test, turn: LaneTurn): void {
  const file = fs.openSync(namespaceFile(turn), 'r');
  t.teardown(() => fs.closeSync(file));
}

t.test('an owner has at most as many lanes as are free, so that others get one', async (t) => {
  const pool = poolFor(t, { size: { maxLanes: 4, pairsPerLane: 2 } });
  const take = async (owner: string, signal?: AbortSignal) => {
    const turn = await pool.acquire({ owner, signal });
    count(turn);
    return turn;
  };
  const first = await take('a');
  await take('a');
  const giveUp = new AbortController();
  const third = take('a', giveUp.signal);
  let served = false;
  const fourth = take('a').then((turn) => {
    served = true;
    return turn;
  });
  await take('b');
  const last = await take('c');
  t.equal(pool.counts().inUse, 4, 'the others have theirs');
  giveUp.abort(new Error('gone'));
  await t.rejects(third, { message: 'gone' });
  last.end({ reusable: true });
  await elapse(20, 'a free lane is lent within a tick');
  t.equal(served, false, 'one lane is free, and the owner has two');
  first.end({ reusable: true });
  (await fourth).end({ reusable: true });
});

t.test('if all lanes are in use, commands wait, in order', async (t) => {
  const pool = poolFor(t, { size: { maxLanes: 1 } });
  const first = await pool.acquire({ owner: 'test' });
  count(first);
  const served: string[] = [];
  const waiting = ['second', 'third'].map(async (name) => {
    const turn = await pool.acquire({ owner: 'test' });
    served.push(name);
    count(turn);
    turn.end({ reusable: true });
  });
  await elapse(50, 'a second lane would be made now');
  t.strictSame(served, []);
  first.end({ reusable: true });
  await Promise.all(waiting);
  t.strictSame(served, ['second', 'third']);
});

t.test('a failure to make a lane is an error with the reason and the remedy', async (t) => {
  const dir = t.testdir({
    failing: '#!/bin/sh\necho "bwrap: No permissions to create a new namespace" >&2\nexit 1\n',
    // What would be worst: a bubblewrap that runs its program and isolates nothing.
    open: '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n',
  });
  for (const name of ['failing', 'open']) fs.chmodSync(path.join(dir, name), 0o755);
  const at = (name: string): TrustedProgram => path.join(dir, name) as TrustedProgram;
  const rows: [options: Partial<LanePoolOptions>, reason: RegExp][] = [
    [{ tools: { bubblewrap: at('failing') } }, /exit code 1: bwrap: No permissions .*\. Allow unprivileged/],
    [{ tools: { bubblewrap: at('open') } }, /bubblewrap made no user namespace\. /],
    [{ tools: { bubblewrap: at('none') } }, /ENOENT/],
    [{ tools: { helper: 'process.stderr.write("not today"); process.exit(3)' } }, /exit code 3: not today/],
    [
      { status: async () => ({ available: false, reason: 'bubblewrap is too old', fix: 'Install 0.8 or later' }) },
      /cannot make a network lane: bubblewrap is too old\. Install 0\.8 or later/,
    ],
  ];
  for (const [options, reason] of rows) {
    const troubles: Error[] = [];
    const pool = poolFor(t, { onTrouble: (error) => troubles.push(error), ...options });
    await t.rejects(pool.acquire({ owner: 'test' }), { code: 'network.lane' });
    for (const result of await Promise.allSettled([
      pool.acquire({ owner: 'test' }),
      pool.acquire({ owner: 'test' }),
      pool.acquire({ owner: 'test' }),
    ])) {
      t.match(result, { status: 'rejected', reason: { message: reason } });
    }
    pool.warm();
    await until(() => troubles.length > 0, 'the trouble is told');
    t.match(troubles[0]?.message, reason, 'ahead of need: told, not thrown');
  }
});

t.test('close ends waiting commands and unfinished lanes', async (t) => {
  const pool = createLanePool({ status });
  const waiting = Promise.allSettled([
    pool.acquire({ owner: 'test' }),
    pool.acquire({ owner: 'test' }),
    pool.acquire({ owner: 'test' }),
  ]);
  await elapse(5, 'lanes are being made');
  await pool.close();
  for (const result of await waiting) t.match(result, { status: 'rejected', reason: { code: 'network.lane' } });
  await t.rejects(pool.acquire({ owner: 'test' }), { code: 'network.lane' });
});

t.test('lanes need no privileges', async (t) => {
  if (process.getuid?.() !== 0) return void t.pass('the other tests ran without any');
  const script = fileURLToPath(new URL('../support/unprivileged-lane.js', import.meta.url));
  const asNobody = (...words: string[]) => {
    // `env -i`: what watches a test run's processes must not follow into another user's.
    const drop = ['--reuid', '12345', '--regid', '12345', '--clear-groups', 'env', '-i', `PATH=${process.env['PATH']}`];
    return execa('setpriv', [...drop, ...words], { cwd: '/', timeout: 60_000, all: true, reject: false });
  };
  if ((await asNobody('test', '-r', script)).failed) return void t.comment('this checkout is not readable by others');
  const { all } = await asNobody(process.execPath, script);
  const seen = all.trim().split('\n');
  t.strictSame(seen, ['12345', 'from the daemon']);
});
