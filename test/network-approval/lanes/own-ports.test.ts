/** The lanes of macOS. With owners by /proc they run on Linux with real processes. */
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { createOwnPortLanes } from '../../../server/network-approval/lanes/own-ports.js';
import type { LaneTurn } from '../../../server/network-approval/lanes/lane-turn.js';
import { silentLogger } from '../../../server/log/log.js';
import type { OwnerOf } from '../../../server/system/programs/connection-owner.js';
import { startChild } from '../../fixtures/programs.js';
import { connectTo } from '../support/lane-sockets.js';
import { isBelow, procOwner } from '../support/proc-owner.js';

function lanes(t: Test, ownerOf?: OwnerOf) {
  const pool = createOwnPortLanes({ ownerOf, log: silentLogger });
  t.teardown(() => pool.close());
  return pool;
}

const serve = (turn: LaneTurn, name: string): void =>
  turn.accept(
    (socket) => void socket.end(name),
    (socket) => void socket.end(name),
  );

async function asked(t: Test, port: number): Promise<string> {
  const client = await connectTo(t, port);
  client.socket.write('x');
  await client.closed;
  return client.text();
}

t.test('each command has ports of its own, and where no owner is named all connections to them are its', async (t) => {
  const pool = lanes(t);
  const [a, b] = await Promise.all([pool.acquire({ owner: 'test' }), pool.acquire({ owner: 'test' })]);
  t.equal(new Set([a, b].flatMap((turn) => [turn.httpPort, turn.socksPort])).size, 4);
  serve(a, 'a');
  serve(b, 'b');
  a.claim?.(() => false);
  t.equal(await asked(t, a.httpPort), 'a');
  t.equal(await asked(t, b.socksPort), 'b');
  t.strictSame(pool.counts(), { idle: 0, inUse: 2, made: 2, slots: 0, refused: 0 });
  a.end({ reusable: true });
  await t.rejects(connectTo(t, a.httpPort), { code: 'ECONNREFUSED' });
  t.equal(await asked(t, b.httpPort), 'b');
});

t.test('a connection before the command has its lane is closed', async (t) => {
  const pool = lanes(t);
  const turn = await pool.acquire({ owner: 'test' });
  t.equal(await asked(t, turn.httpPort), '');
});

t.test('the end of the daemon closes all of them', async (t) => {
  const pool = lanes(t);
  const turn = await pool.acquire({ owner: 'test' });
  const binding = pool.acquire({ owner: 'test' });
  await Promise.all([pool.close(), t.rejects(binding, { code: 'network.lane' })]);
  await t.rejects(pool.acquire({ owner: 'test' }), { code: 'network.lane' });
  await t.rejects(connectTo(t, turn.httpPort), { code: 'ECONNREFUSED' });
  const giveUp = new Error('enough');
  await t.rejects(lanes(t).acquire({ owner: 'test', signal: AbortSignal.abort(giveUp) }), giveUp);
});

const linux = process.platform === 'linux' ? {} : { skip: 'owners by /proc' };
t.test('a stranger that the system names is refused; the command and what it starts are served', linux, async (t) => {
  const pool = lanes(t, procOwner);
  const turn = await pool.acquire({ owner: 'test' });
  serve(turn, 'served');
  const ask = `exec 3<>/dev/tcp/127.0.0.1/${turn.httpPort}; echo x >&3; cat <&3`;
  const child = startChild(
    'bash',
    ['-c', `read; ${ask}; echo; bash -c '${ask}'; echo; (setsid bash -c '${ask}'; echo)`],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  turn.claim?.((pid) => isBelow(pid, child.pid ?? 0));
  let output = '';
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()));
  child.stdin.write('\n');
  await once(child, 'close');
  t.equal(output, 'served\nserved\nserved\n');
  t.equal(await asked(t, turn.httpPort), '', 'this process is a stranger');
  t.equal(pool.counts().refused, 1);
});
