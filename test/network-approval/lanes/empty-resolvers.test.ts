// Not in test:quick: it fills the queue of a socket, which the machine empties as fast as it can.
import dgram from 'node:dgram';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { emptyResolvers } from '../../../server/network-approval/lanes/empty-resolvers.js';

async function bound(t: Test, address: string): Promise<dgram.Socket> {
  const socket = dgram.createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return socket;
}

t.test('what was sent before is gone when it resolves, also of a full queue', async (t) => {
  for (const address of ['127.0.0.1', '0.0.0.0']) {
    const socket = await bound(t, address);
    const sender = await bound(t, '127.0.0.1');
    const sent: Promise<void>[] = [];
    for (let i = 0; i < 2000; i++)
      sent.push(
        new Promise((resolve) => sender.send(`left ${i}`, socket.address().port, '127.0.0.1', () => resolve())),
      );
    await Promise.all(sent);
    t.ok(await emptyResolvers([socket]), address);
    const late: string[] = [];
    socket.on('message', (message) => late.push(message.toString()));
    sender.send('next', socket.address().port, '127.0.0.1');
    await once(socket, 'message');
    t.strictSame(late, ['next']);
  }
});

t.test('the same bytes from another port are no mark', async (t) => {
  const socket = await bound(t, '127.0.0.1');
  const other = await bound(t, '127.0.0.1');
  socket.once('message', (message) => other.send(message, socket.address().port, '127.0.0.1'));
  t.ok(await emptyResolvers([socket]), 'its own comes');
  t.ok(await emptyResolvers([]), 'a lane without a name server');
});

t.test('a socket whose mark does not come back is not empty', async (t) => {
  const socket = await bound(t, '127.0.0.1');
  const deaf = new Proxy(socket, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === 'send') return (...words: unknown[]) => (words.at(-1) as (error: Error) => void)(new Error('EPERM'));
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  t.notOk(await emptyResolvers([deaf, socket]));
});
