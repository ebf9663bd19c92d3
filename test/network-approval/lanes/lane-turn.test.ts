/** One command's pair of sockets: its connections, and an end that closes it once and for good. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { createLaneTurn, type TurnEnd } from '../../../server/network-approval/lanes/lane-turn.js';

/** A listening socket as `net.Server.listen` takes it: a server that has the port. */
async function socket(t: Test) {
  const server = net.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { handle: server, port: (server.address() as AddressInfo).port };
}

const lane = { enter: ['nsenter', '--'], networkNamespace: 42, resolvers: [] };

t.test('connections on both sockets are the command’s until its end', async (t) => {
  const [http, socks] = [await socket(t), await socket(t)];
  const ends: TurnEnd[] = [];
  const turn = createLaneTurn(lane, { http, socks, transparent: [] }, (end) => void ends.push(end));
  t.match(turn, { enter: lane.enter, networkNamespace: 42, httpPort: http.port, socksPort: socks.port });
  const seen: string[] = [];
  const both = new Promise<void>((resolve) => {
    const accept = (name: string) => (connection: net.Socket) => {
      seen.push(name);
      connection.destroy();
      if (seen.length === 2) resolve();
    };
    turn.accept(accept('http'), accept('socks'));
  });
  for (const { port } of [http, socks]) net.connect(port, '127.0.0.1').on('error', () => {});
  await both;
  t.strictSame(seen.sort(), ['http', 'socks']);
  turn.end({ reusable: true });
  turn.end({ reusable: false });
  t.strictSame(ends, [{ used: true, reusable: true }], 'the first end counts');
});

t.test('a pair that accepted nothing is closed by its owner', async (t) => {
  const ends: TurnEnd[] = [];
  const pair = { http: await socket(t), socks: await socket(t), transparent: [] };
  createLaneTurn(lane, pair, (end) => void ends.push(end)).end({ reusable: false });
  t.strictSame(ends, [{ used: false, reusable: false }]);
});
