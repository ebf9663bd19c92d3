/** Whose connection it is, with real sockets and owners that the test decides about. */
import type net from 'node:net';
import t, { type Test } from 'tap';
import { Attribution, type Claim } from '../../../server/network-approval/lanes/attribution.js';
import { bindPair } from '../../../server/network-approval/lanes/port-pair.js';
import type { OwnerOf } from '../../../server/system/programs/connection-owner.js';
import { until } from '../../fixtures/until.js';
import { connectTo, fakeOwners, type Client } from '../support/lane-sockets.js';

interface Logged {
  readonly level: string;
  readonly message: string;
  readonly fields: object | undefined;
}

async function scene(t: Test, { strict = true, ownerOf }: { strict?: boolean; ownerOf?: OwnerOf } = {}) {
  const owners = fakeOwners();
  const logged: Logged[] = [];
  const write =
    (level: string) =>
    (message: string, fields?: object): void =>
      void logged.push({ level, message, fields });
  const log = { warn: write('warn'), debug: write('debug') };
  const attribution = new Attribution({ ownerOf: ownerOf ?? owners.ownerOf, strict, log });
  const pair = await bindPair([0, 0], (kind, socket) => attribution.accept(kind, socket));
  if (pair === null) throw new Error('no port is free');
  t.teardown(() => {
    pair.close();
    attribution.close();
  });
  /** A command that answers each line with its name. */
  const command = (name: string, ...pids: number[]) => {
    const served: net.Socket[] = [];
    const claim: Claim = {
      contains: (pid) => pids.includes(pid),
      serve: (kind, socket) => {
        served.push(socket);
        socket.on('data', (piece: Buffer) => socket.write(`${name} ${kind} ${piece.toString()}`));
        socket.on('end', () => socket.end());
      },
    };
    const end = attribution.add(claim);
    t.teardown(() => served.forEach((socket) => socket.destroy()));
    return { pids, served, end };
  };
  const connect = (): Promise<Client> => connectTo(t, pair.httpPort);
  const connectFrom = async (pid: number): Promise<Client> => {
    const client = await connect();
    owners.enter(client, { pid });
    return client;
  };
  const warnings = (): Logged[] => logged.filter(({ level }) => level === 'warn');
  return { attribution, pair, owners, logged, warnings, command, connect, connectFrom };
}

/** The other side closes it without an answer. */
async function refused(t: Test, client: Client, why: string): Promise<void> {
  await client.closed;
  t.equal(client.text(), '', why);
}

const answer = (client: Client, text: string): Promise<void> =>
  until(
    () => client.text() === text,
    () => `${text}, and not ${client.text()}`,
  );

t.test('each connection is served for the command whose process made it', async (t) => {
  const { command, connectFrom, pair, owners, attribution } = await scene(t);
  command('a', 10, 11);
  command('b', 20);
  const clients = await Promise.all([10, 11, 20].map(connectFrom));
  clients.forEach(({ socket }, i) => socket.write(`line ${i}`));
  for (const [i, text] of ['a http line 0', 'a http line 1', 'b http line 2'].entries())
    await answer(clients[i]!, text);
  const socks = await connectTo(t, pair.socksPort);
  owners.enter(socks, { pid: 20 });
  socks.socket.write('x');
  await answer(socks, 'b socks x');
  t.equal(attribution.refused, 0);
});

t.test('the first bytes are the command’s, whole and once, however they come', async (t) => {
  const { command, connectFrom, connect, owners } = await scene(t);
  command('a', 10);
  const early = await connect();
  early.socket.write('before the owner is known');
  owners.enter(early, { pid: 10 });
  await answer(early, 'a http before the owner is known');
  early.socket.write('!');
  await answer(early, 'a http before the owner is knowna http !');
  const ending = await connectFrom(10);
  ending.socket.end('last words');
  await answer(ending, 'a http last words');
  await ending.closed;
  const big = await connectFrom(10);
  big.socket.write('x'.repeat(1_000_000));
  await until(() => big.text().replaceAll('a http ', '').length === 1_000_000, 'a large request arrives whole');
});

t.test('strangers, commands without a lane and ended processes are closed, counted, and logged once', async (t) => {
  const { command, connectFrom, connect, owners, attribution, warnings } = await scene(t);
  const a = command('a', 10);
  for (let i = 0; i < 3; i++) await refused(t, await connectFrom(99), 'a stranger');
  const nobodys = await connect();
  owners.enter(nobodys, null);
  await refused(t, nobodys, 'a process that has ended');
  const reused = await connect();
  owners.enter(reused, { pid: 10, reused: true });
  await refused(t, reused, 'a process that began after its connection');
  t.equal(a.served.length, 0);
  t.equal(attribution.refused, 5);
  t.match(warnings(), [{ fields: { pid: 99 } }, { fields: { pid: 10, why: /began later/ } }]);
});

t.test('what strangers send is not read', async (t) => {
  const { connect, owners } = await scene(t);
  const stranger = await connect();
  stranger.socket.write('GET http://x/ HTTP/1.1\r\n\r\n');
  owners.enter(stranger, { pid: 99 });
  await refused(t, stranger, 'no answer');
});

t.test('the owner is asked again after the first bytes', async (t) => {
  const { command, connectFrom, connect, owners, attribution } = await scene(t);
  const a = command('a', 10, 11);
  const b = command('b', 20);
  const after = async (change: (client: Client) => void, why: string): Promise<void> => {
    const before = owners.asked();
    const client = await connectFrom(10);
    await until(() => owners.asked() > before, 'its owner is known');
    change(client);
    client.socket.write('x');
    await refused(t, client, why);
  };
  await after((client) => owners.enter(client, null), 'its process has ended');
  await after((client) => owners.enter(client, { pid: 20 }), 'the row names another command’s process');
  await after((client) => owners.enter(client, { pid: 11 }), 'the row names another process of the same command');
  await after((client) => owners.enter(client, { pid: 10, reused: true }), 'another process has its number');
  await after(() => a.pids.splice(0, 1), 'the command does not have the process any more');
  a.pids.push(10);
  await after(() => {
    a.pids.splice(a.pids.indexOf(10), 1);
    b.pids.push(10);
  }, 'another command has its number');
  t.equal(attribution.refused, 6);
  t.equal(a.served.length + b.served.length, 0);
  // The same without a change.
  a.pids.push(10);
  b.pids.pop();
  const client = await connect();
  owners.enter(client, { pid: 10 });
  client.socket.write('x');
  await answer(client, 'a http x');
});

t.test('a process that two commands have is nobody’s', async (t) => {
  const { command, connectFrom } = await scene(t);
  command('a', 10);
  command('b', 10);
  await refused(t, await connectFrom(10), 'it could be either’s');
});

t.test('the end of a command closes what waits, and later connections are refused', async (t) => {
  const { command, connectFrom, connect, owners, attribution } = await scene(t);
  const a = command('a', 10);
  const silent = await connectFrom(10);
  const unknown = await connect();
  await until(() => owners.asked() === 2, 'one waits for its first bytes, and one for its owner');
  a.end();
  await refused(t, silent, 'it waited for its first bytes');
  owners.enter(unknown, { pid: 10 });
  await refused(t, unknown, 'its owner was found later');
  await refused(t, await connectFrom(10), 'it came later');
  a.end();
  t.equal(a.served.length, 0);
  t.equal(attribution.refused, 2, 'a silent connection of a command that ends is not a stranger’s');
});

t.test('a connection that ends without a byte is closed, and needs no second look', async (t) => {
  const { command, connectFrom, owners } = await scene(t);
  const a = command('a', 10);
  const client = await connectFrom(10);
  client.socket.end();
  await client.closed;
  t.equal(owners.asked(), 1);
  t.equal(a.served.length, 0);
});

t.test('silent connections of one command are bounded, and those of others come through', async (t) => {
  const { command, connectFrom, attribution } = await scene(t);
  command('a', 10);
  command('b', 20);
  const silent = await Promise.all(Array.from({ length: 300 }, () => connectFrom(10)));
  await until(() => attribution.refused === 300 - 256, 'those above the limit are closed');
  const other = await connectFrom(20);
  other.socket.write('x');
  await answer(other, 'b http x');
  silent[0]?.socket.write('x');
  await answer(silent[0]!, 'a http x');
});

t.test('of hundreds of connections at once each has its own command', async (t) => {
  const { command, connectFrom, attribution } = await scene(t);
  const commands = Array.from({ length: 20 }, (_, i) => command(`c${i}`, 100 + i));
  const clients = await Promise.all(Array.from({ length: 400 }, (_, i) => connectFrom(100 + (i % 25))));
  clients.forEach(({ socket }, i) => socket.write(String(i)));
  for (const [i, client] of clients.entries()) {
    const name = i % 25;
    if (name < 20) await answer(client, `c${name} http ${i}`);
    else await refused(t, client, 'of no command');
  }
  t.equal(attribution.refused, 80);
  t.strictSame(
    commands.map(({ served }) => served.length),
    commands.map(() => 16),
  );
});

t.test('a failed look closes the connection', async (t) => {
  const { command, connect, attribution } = await scene(t, { ownerOf: () => Promise.reject(new Error('broken')) });
  command('a', 10);
  await refused(t, await connect(), 'fail closed');
  t.equal(attribution.refused, 1);
});

t.test('where each command has its ports, only known strangers are refused', async (t) => {
  const { command, connect, connectFrom, owners, attribution } = await scene(t, { strict: false });
  const unnamed = await connect();
  owners.enter(unnamed, null);
  await refused(t, unnamed, 'there is no command');
  command('a', 10);
  for (const owner of [null, { pid: 10 }]) {
    const client = await connect();
    owners.enter(client, owner);
    client.socket.write('x');
    await answer(client, 'a http x');
  }
  await refused(t, await connectFrom(99), 'a stranger');
  t.equal(attribution.refused, 2);
});

t.test('a command that does not say which processes are its own has all of its own ports', async (t) => {
  for (const strict of [false, true]) {
    const { attribution, connectFrom } = await scene(t, { strict });
    attribution.add({ contains: null, serve: (_, socket) => void socket.end('served') });
    const client = await connectFrom(10);
    client.socket.write('x');
    await client.closed;
    t.equal(client.text(), strict ? '' : 'served');
  }
});
