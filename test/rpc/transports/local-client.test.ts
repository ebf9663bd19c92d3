import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { pipeName } from '../../../clients/typescript/pipe-name.js';
import { connectLocally, localAgent } from '../../../server/rpc/transports/local-client.js';
import { serveOnPipe } from '../../../server/system/programs/local-server.js';
import { notOnWindows, onWindows } from '../../fixtures/windows.js';

t.test('a socket file is connected to, and stays open for the answer', notOnWindows, async (t) => {
  // Not a testdir: the address of a socket file has room for about 100 bytes.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 's');
  t.equal(localAgent(file), undefined, 'Node connects to it');
  await t.rejects(connectLocally(file), { code: 'ENOENT' });
  const server = net.createServer({ allowHalfOpen: true }, (socket) =>
    socket.resume().on('end', () => socket.end('x')),
  );
  server.listen(file);
  await once(server, 'listening');
  t.teardown(() => server.close());
  const socket = await connectLocally(file);
  socket.end();
  const [answer] = (await once(socket, 'data')) as [Buffer];
  t.equal(answer.toString(), 'x');
});

t.test('HTTP goes over the pipe of a socket file', onWindows, async (t) => {
  const file = path.join(t.testdir(), 's');
  const ask = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const agent = localAgent(file);
      http
        .get({ ...(agent && { agent }), path: '/x' }, (answer) => {
          answer.setEncoding('utf8').on('data', resolve);
        })
        .on('error', reject);
    });
  await t.rejects(ask(), { code: 'ENOENT' });
  const web = http.createServer((request, answer) => answer.end(request.url));
  const server = await serveOnPipe(pipeName(file), (connection) => web.emit('connection', connection));
  if (typeof server === 'number') throw new Error(`no server: ${server}`);
  t.teardown(() => server.close());
  t.equal(await ask(), '/x');
  web.closeAllConnections();
});
