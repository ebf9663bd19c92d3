/** What is written to the socket of a WebSocket client, and when. */
import t from 'tap';
import type { Encoded } from '../../../server/rpc/wire/encode.js';
import { WebSocketWriter } from '../../../server/rpc/transports/web-socket-writer.js';

const message = (text: string): Encoded => Buffer.from(`${text}\n`) as Encoded;

/** A socket that counts the system calls it would make: one for all that is written while it is corked. */
function fakeSocket() {
  const written: Buffer[] = [];
  const due: (() => void)[] = [];
  const counts = { corked: 0, calls: 0 };
  return {
    written,
    counts,
    /** The bytes have left. */
    sent: () => due.splice(0).forEach((done) => done()),
    text: () => Buffer.concat(written).toString('latin1').replace(/\x81./gs, '|'),
    socket: {
      cork: () => void counts.corked++,
      uncork: () => void (counts.corked--, counts.calls++),
      write(piece: Buffer, done?: () => void): boolean {
        if (counts.corked === 0) counts.calls++;
        written.push(piece);
        if (done) due.push(done);
        return true;
      },
    } as unknown as ConstructorParameters<typeof WebSocketWriter>[0],
  };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

t.test('the messages of one turn are one system call, for each subscriber the same bytes', async (t) => {
  const clients = Array.from({ length: 3 }, fakeSocket);
  const writers = clients.map(({ socket }) => new WebSocketWriter(socket, () => true));
  const done: string[] = [];
  const messages = Array.from({ length: 100 }, (_, n) => message(`delta ${n}`));
  // As a generator of events does: between two messages there are only promises.
  for (const one of messages) {
    writers.forEach((writer, n) => writer.send(one, () => done.push(`${n} ${one.toString().trim()}`)));
    await Promise.resolve();
  }
  t.strictSame(clients[0]?.written, [], 'nothing is written between them');
  await turn();
  for (const { counts, written } of clients) {
    t.equal(counts.calls, 1);
    t.equal(written[0], clients[0]?.written[0], 'the bytes are shared');
  }
  t.equal(clients[0]?.text(), messages.map((one) => `|${one.toString().trim()}`).join(''));
  t.strictSame(done, []);
  clients[1]?.sent();
  t.strictSame(
    done,
    messages.map((one) => `1 ${one.toString().trim()}`),
    'each message is reported once, in order',
  );
});

t.test('a client that got another message in the same turn gets bytes of its own', async (t) => {
  const [one, other] = [fakeSocket(), fakeSocket()];
  const [a, b] = [new WebSocketWriter(one.socket, () => true), new WebSocketWriter(other.socket, () => true)];
  const [first, last] = [message('first'), message('last')];
  for (const writer of [a, b]) writer.send(first, () => {});
  b.send(message('answer'), () => {});
  for (const writer of [a, b]) writer.send(last, () => {});
  await turn();
  t.equal(one.text(), '|first|last');
  t.equal(other.text(), '|first|answer|last');
});

t.test('flush writes at once; after the closing frame nothing is written, and nobody waits', async (t) => {
  const client = fakeSocket();
  let isOpen = true;
  const writer = new WebSocketWriter(client.socket, () => isOpen);
  const done: string[] = [];
  writer.send(message('a'), () => done.push('a'));
  writer.flush();
  t.equal(client.text(), '|a');
  isOpen = false;
  writer.send(message('b'), () => done.push('b'));
  await turn();
  t.equal(client.text(), '|a');
  t.strictSame(done, ['b']);
  client.sent();
  t.strictSame(done, ['b', 'a']);
  writer.flush();
  t.equal(client.counts.calls, 1, 'without messages there is no call');
});
