import net from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { HAS_SOCKET_FILES, serveOnPipe } from '../../../server/system/programs/local-server.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('elsewhere there are socket files', notOnWindows, async (t) => {
  t.equal(HAS_SOCKET_FILES, true);
});

t.test('a server on a pipe', onWindows, async (t) => {
  const name = `\\\\.\\pipe\\codexd-test-${process.pid}`;
  const server = await serveOnPipe(name, (connection) => connection.end('hello'));
  const client = net.connect(name);
  const [piece] = (await once(client, 'data')) as [Buffer];
  t.equal(piece.toString(), 'hello');
  client.destroy();
  if (typeof server !== 'number') server.close();
});
