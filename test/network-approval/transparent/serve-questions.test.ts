import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { settled, until } from '../../fixtures/until.js';
import { serveQuestions } from '../../../server/network-approval/transparent/serve-questions.js';

async function connected(t: Test, answer: (message: Buffer) => Buffer | null) {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    void serveQuestions(socket, { answer });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.teardown(() => {
    client.destroy();
    server.close();
  });
  const got: Buffer[] = [];
  client.on('data', (piece) => got.push(piece));
  const ended = once(client, 'close');
  return { client, ended, got: () => Buffer.concat(got).toString('hex') };
}

t.test('each message comes after its length, in any pieces, and is answered in its turn', async (t) => {
  const { client, ended, got } = await connected(t, (message) => Buffer.from([message.length, ...message]));
  client.write(Buffer.from([0]));
  client.write(Buffer.from([2, 7, 8, 0, 1]));
  client.end(Buffer.from([9]));
  await ended;
  t.equal(got(), '0003020708' + '00020109');
});

t.test('a message without an answer ends the connection, and so does a cut one', async (t) => {
  const { client, ended, got } = await connected(t, () => null);
  client.write(Buffer.from([0, 1, 5]));
  await ended;
  t.equal(got(), '');
  const cut = await connected(t, () => Buffer.from([1]));
  cut.client.end(Buffer.from([0, 9, 1]));
  await cut.ended;
  t.equal(cut.got(), '');
});

t.test('who asks without end and reads no answer is not served further, then closed', async (t) => {
  let answered = 0;
  let taken: net.Socket | undefined;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    taken = socket;
    socket.on('error', () => {});
    const answer = (): Buffer => {
      answered++;
      return Buffer.alloc(60_000);
    };
    void serveQuestions(socket, { answer, idleMs: 300 });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  client.on('error', () => {});
  t.teardown(() => {
    client.destroy();
    server.close();
  });
  const COUNT = 20_000; // 1.2 GB of answers
  client.write(Buffer.alloc(3 * COUNT, Buffer.from([0, 1, 7])));
  await until(() => taken?.destroyed === true, 'the connection is closed');
  t.ok(answered < COUNT / 10, `${answered} answers`);
});

t.test('who reads slowly gets every answer', async (t) => {
  let answered = 0;
  const { client, ended, got } = await connected(t, () => (answered++, Buffer.alloc(60_000, 1)));
  client.pause();
  client.end(Buffer.alloc(3 * 200, Buffer.from([0, 1, 7])));
  t.ok((await settled(() => answered, 'the answers stop')) < 200);
  client.resume();
  await ended;
  t.equal(got().length / 2, 200 * 60_002);
});
