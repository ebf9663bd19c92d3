/** The lanes of Windows, with real sockets and owners that the test decides about; on every platform. */
import t, { type Test } from 'tap';
import { laneError } from '../../../server/errors/network-errors.js';
import type { LanePool } from '../../../server/network-approval/lanes/lanes.js';
import type { LaneTurn } from '../../../server/network-approval/lanes/lane-turn.js';
import { createSharedPortLanes } from '../../../server/network-approval/lanes/shared-ports.js';
import { silentLogger } from '../../../server/log/log.js';
import { until } from '../../fixtures/until.js';
import { connectTo, fakeOwners, freePorts } from '../support/lane-sockets.js';

function daemon(t: Test, ports: () => readonly number[]) {
  const owners = fakeOwners();
  const pool = createSharedPortLanes({ ports, owners: async () => owners.ownerOf, log: silentLogger });
  t.teardown(() => pool.close());
  return { pool, owners };
}

const acquire = (pool: LanePool): Promise<LaneTurn> => pool.acquire({ owner: 'test' });

/** Answers each connection with a name. */
function serve(turn: LaneTurn, name: string, ...pids: number[]): void {
  turn.accept(
    (socket) => void socket.end(name),
    (socket) => void socket.end(name),
  );
  turn.claim?.((pid) => pids.includes(pid));
}

async function asked(t: Test, { owners }: ReturnType<typeof daemon>, port: number, pid: number): Promise<string> {
  const client = await connectTo(t, port);
  owners.enter(client, { pid });
  client.socket.write('x');
  await client.closed;
  return client.text();
}

t.test('all commands of a daemon share a pair, and each has its own connections', async (t) => {
  const ports = await freePorts(4);
  const here = daemon(t, () => ports);
  t.strictSame(here.pool.counts(), { idle: 0, inUse: 0, made: 0, slots: 0, refused: 0 }, 'nothing is taken in advance');
  here.pool.warm();
  const [a, b] = await Promise.all([acquire(here.pool), acquire(here.pool)]);
  t.match(
    [a, b],
    [
      { httpPort: ports[0], socksPort: ports[1] },
      { httpPort: ports[0], socksPort: ports[1] },
    ],
  );
  serve(a, 'a', 10);
  serve(b, 'b', 20);
  t.equal(await asked(t, here, a.httpPort, 10), 'a');
  t.equal(await asked(t, here, b.socksPort, 20), 'b');
  t.equal(await asked(t, here, a.httpPort, 30), '', 'a stranger');
  a.end({ reusable: true });
  t.equal(await asked(t, here, a.httpPort, 10), '', 'a command that has ended');
  t.equal(await asked(t, here, a.httpPort, 20), 'b', 'the others stay');
  t.strictSame(here.pool.counts(), { idle: 0, inUse: 1, made: 1, slots: 0, refused: 2 });
  b.end({ reusable: true });
  t.match(here.pool.counts(), { idle: 1, inUse: 0 });
  serve(await acquire(here.pool), 'c', 10);
  t.equal(await asked(t, here, a.httpPort, 10), 'c', 'the pair stays the daemon’s');
});

t.test('each daemon has its own pair; without a free one the command is refused, until there is one', async (t) => {
  const ports = await freePorts(4);
  const [first, second, third] = [daemon(t, () => ports), daemon(t, () => ports), daemon(t, () => ports)];
  const a = await acquire(first.pool);
  const b = await acquire(second.pool);
  t.equal(b.httpPort, ports[2]);
  serve(a, 'a', 10);
  serve(b, 'b', 20);
  t.equal(await asked(t, second, b.httpPort, 10), '', 'the command of another daemon is a stranger');
  const refused = await Promise.allSettled([acquire(third.pool), acquire(third.pool)]);
  for (const each of refused)
    t.match(each, {
      status: 'rejected',
      reason: { code: 'network.lane', message: new RegExp(`${ports[3]}.*netstat`) },
    });
  await first.pool.close();
  t.equal((await acquire(third.pool)).httpPort, ports[0], 'the next command tries again');
});

t.test('without a set-up there is no lane, and a later one counts', async (t) => {
  let ports: number[] | null = null;
  const { pool } = daemon(t, () => {
    if (ports === null) throw laneError('the Windows sandbox is not set up');
    return ports;
  });
  await t.rejects(acquire(pool), { code: 'network.lane', message: /not set up/ });
  ports = await freePorts(2);
  t.equal((await acquire(pool)).httpPort, ports[0]);
});

t.test('a set-up with other ports: new commands get those, running ones keep theirs', async (t) => {
  const [before, after] = [await freePorts(2), await freePorts(2)];
  let ports = before;
  const here = daemon(t, () => ports);
  const a = await acquire(here.pool);
  serve(a, 'a', 10);
  ports = after;
  const b = await acquire(here.pool);
  serve(b, 'b', 20);
  t.equal(b.httpPort, after[0]);
  t.equal(await asked(t, here, a.httpPort, 10), 'a');
  t.equal(await asked(t, here, b.httpPort, 20), 'b');
  t.equal(await asked(t, here, b.httpPort, 10), '', 'a command belongs to its own pair');
  a.end({ reusable: true });
  await t.rejects(connectTo(t, a.httpPort), { code: 'ECONNREFUSED' });
  t.match(here.pool.counts(), { inUse: 1, made: 2, refused: 1 });
});

t.test('a wait that is given up, and the end of the daemon', async (t) => {
  const ports = await freePorts(2);
  const { pool } = daemon(t, () => ports);
  const reason = new Error('enough');
  await t.rejects(pool.acquire({ owner: 'test', signal: AbortSignal.abort(reason) }), reason);
  const giveUp = new AbortController();
  const given = pool.acquire({ owner: 'test', signal: giveUp.signal });
  giveUp.abort(reason);
  await t.rejects(given, reason);
  const turn = await acquire(pool);
  serve(turn, 'a', 10);
  await pool.close();
  await t.rejects(acquire(pool), { code: 'network.lane', message: /shutting down/ });
  await t.rejects(connectTo(t, turn.httpPort), { code: 'ECONNREFUSED' });
  t.match(pool.counts(), { idle: 0, inUse: 0 });
  turn.end({ reusable: true });
  const late = daemon(t, () => ports);
  const binding = acquire(late.pool);
  await Promise.all([late.pool.close(), t.rejects(binding, { code: 'network.lane' })]);
  await until(async () => {
    const next = daemon(t, () => ports);
    const free = await acquire(next.pool).then(
      () => true,
      () => false,
    );
    await next.pool.close();
    return free;
  }, 'nothing is bound after the end');
});
