import fs from 'node:fs';
import net, { type AddressInfo, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { packageRoot } from '../../../server/package/package-root.js';
import { loadLibc } from '../../../server/system/linux/libc.js';
import { decode, encode, openSocketDiagnosis } from '../../../server/system/linux/socket-diagnosis.js';
import { findInTables, type SocketEnds } from '../../../server/system/linux/socket-table.js';

if (process.platform !== 'linux') t.bailout('the conversation is one with Linux');

const { find } = openSocketDiagnosis(loadLibc(packageRoot()));

/** A connection of this process over loopback: the client's end. */
async function connected(t: Test, listensOn: string, host: string): Promise<SocketEnds> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, listensOn, resolve));
  const { port } = server.address() as AddressInfo;
  const [accepted, client] = await new Promise<[Socket, Socket]>((resolve) => {
    const socket = net.connect(port, host);
    server.once('connection', (other) => socket.once('connect', () => resolve([other, socket])));
    server.once('connection', (other) => socket.readyState === 'open' && resolve([other, socket]));
  });
  t.teardown(() => [accepted, client, server].forEach((it) => ('destroy' in it ? it.destroy() : it.close())));
  const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = accepted;
  return { localAddress: remoteAddress, localPort: remotePort, remoteAddress: localAddress, remotePort: localPort };
}

const isOpenHere = (inode: string): boolean =>
  fs.readdirSync('/proc/self/fd').some((name) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${name}`) === `socket:[${inode}]`;
    } catch {
      return false; // The one that reads the folder.
    }
  });

const PLACES = [
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['::', '127.0.0.1'],
] as const;
for (const [listensOn, host] of PLACES) {
  void t.test(`the owner of a socket to ${host}, where ${listensOn} listens`, async (t) => {
    const ends = await connected(t, listensOn, host);
    const owner = find(ends);
    t.equal(owner?.uid, process.geteuid?.());
    t.ok(isOpenHere(owner?.inode ?? ''), 'this process has it open');
    t.strictSame(await findInTables(ends), owner, 'the tables of /proc say the same');
    // A socket for both families has another form of the addresses, and is left to the tables.
    if (listensOn !== host) return;
    const { localAddress, localPort, remoteAddress, remotePort } = ends;
    const other = find({
      localAddress: remoteAddress,
      localPort: remotePort,
      remoteAddress: localAddress,
      remotePort: localPort,
    });
    t.ok(isOpenHere(other?.inode ?? ''));
    t.not(other?.inode, owner?.inode, 'the other end is another socket');
  });
}

void t.test('ends that no connection has', async (t) => {
  const ends = await connected(t, '127.0.0.1', '127.0.0.1');
  const listening = { ...ends, localPort: ends.remotePort, remotePort: 1 };
  t.equal(find(listening), null, 'the kernel finds the socket that listens there');
  t.equal(find({ ...ends, localPort: 1 }), null);
  t.equal(find({ ...ends, remoteAddress: '127.0.0.2' }), null);
  t.equal(find({ ...ends, remoteAddress: '::1' }), null);
  t.not(find(ends), null, 'the conversation goes on');
});

void t.test('an answer counts only whole, to this question, and with its ends', (t) => {
  const ends = { localAddress: '127.0.0.1', localPort: 5, remoteAddress: '127.0.0.1', remotePort: 6 };
  const request = encode(ends, 7);
  const answer = Buffer.alloc(88);
  answer.writeUInt16LE(20, 4);
  answer.writeUInt32LE(7, 8);
  answer[16] = 2;
  request.copy(answer, 20, 24, 24 + 36);
  answer.writeUInt32LE(1000, 80);
  answer.writeUInt32LE(4_000_000_000, 84);
  t.strictSame(decode(answer, request, 7), { uid: 1000, inode: '4000000000' });
  const changed = (at: number): Buffer => Buffer.from(answer.map((byte, n) => (n === at ? byte ^ 1 : byte)));
  for (const at of [4, 8, 16, 20, 23, 24, 40]) t.equal(decode(changed(at), request, 7), null, `byte ${at}`);
  t.equal(decode(answer.subarray(0, 87), request, 7), null);
  t.end();
});
