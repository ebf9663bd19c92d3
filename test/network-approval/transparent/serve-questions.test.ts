import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { serveQuestions } from '../../../server/network-approval/transparent/serve-questions.js';

async function connected(t: Test, answer: (message: Buffer) => Buffer | null) {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    void serveQuestions(socket, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.teardown(() => {
    client.destroy();
    server.close();
  });
  let got = Buffer.alloc(0);
  client.on('data', (piece) => (got = Buffer.concat([got, piece])));
  const ended = once(client, 'close');
  return { client, ended, got: () => got.toString('hex') };
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
