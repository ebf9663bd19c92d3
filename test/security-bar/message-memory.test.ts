/** Security bar, cases 146 and 147: the cost of messages for the daemon, and for everybody who waits for it. */
import fs from 'node:fs';
import t from 'tap';
import { WebSocket } from 'ws';
import { startDaemon } from '../fixtures/daemon.js';
import { until } from '../fixtures/until.js';

t.setTimeout(240_000);

const MIB = 1024 * 1024;
/** More than unfinished messages may hold together, less than what is sent. */
const MOST_MIB = 400;
const MOST_MS = 60_000;
const daemon = await startDaemon();
t.teardown(() => daemon.stop());

/** Resident memory, in MiB (proc(5), status). */
const residentMib = (): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${daemon.process.pid}/status`, 'utf8'))?.[1]) / 1024;

async function dial(): Promise<WebSocket> {
  const socket = new WebSocket(daemon.url, { perMessageDeflate: false });
  t.teardown(() => socket.terminate());
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve));
  return socket;
}

t.test('case 146: unfinished messages of many clients have a common limit', async (t) => {
  const before = residentMib();
  const clients = await Promise.all(Array.from({ length: 8 }, dial));
  const closed: number[] = [];
  for (const client of clients) client.on('close', (code) => closed.push(code));
  const piece = Buffer.alloc(10 * MIB, 0x20);
  for (const client of clients) {
    for (let sent = 0; sent < 6 && client.readyState === WebSocket.OPEN; sent++) {
      await new Promise<void>((resolve) => client.send(piece, { fin: false, binary: false }, () => resolve()));
    }
  }
  await until(() => closed.length >= 6, 'all are closed');
  t.ok(
    closed.every((code) => code === 1013 || code === 1006),
    closed.join(),
  );
  const client = await daemon.connect();
  t.match(await client.request('config/read', {}), { config: {} }, 'it still answers');
  // The collector frees dropped memory in its own time; kept memory stays, however long one waits.
  const late = Date.now() + MOST_MS;
  while (residentMib() - before >= MOST_MIB && Date.now() < late) await client.request('config/read', {});
  t.ok(residentMib() - before < MOST_MIB, `${before} → ${residentMib()} MiB, and 480 MiB were sent`);
});

t.test('case 147: a message of millions of lists is refused by its id, and not built', async (t) => {
  const socket = await dial();
  const answer = new Promise<string>((resolve) => socket.once('message', (data: Buffer) => resolve(data.toString())));
  socket.send(`{"id":9,"method":"initialize","params":[${'[],'.repeat(4_000_000)}0]}`);
  t.match(JSON.parse(await answer), { id: 9, error: { code: -32600, message: /too many lists/ } });
});
