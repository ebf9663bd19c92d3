import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { watchEnd } from '../../../../server/network-approval/proxy/http/stream-end.js';

t.test('a stream that was reset has not ended, whatever the code', async (t) => {
  const server = http2.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.teardown(() => {
    session.destroy();
    server.close();
  });
  for (const [code, body] of [
    [null, 'x'],
    [null, ''],
    [0, 'x'],
    [8, 'x'],
    [2, 'x'],
  ] as const) {
    const ended = new Promise<boolean>((resolve) => {
      server.once('stream', (stream) => {
        const isEnded = watchEnd(stream);
        stream.on('error', () => {});
        stream.on('close', () => resolve(isEnded()));
        stream.on('data', () => client.emit('seen'));
        stream.on('end', () => stream.destroy());
      });
    });
    const client = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false, waitForTrailers: true });
    client.on('error', () => {});
    client.on('wantTrailers', () => client.sendTrailers({}));
    if (body !== '') client.write(body);
    if (code === null) client.end();
    else client.once('seen', () => client.close(code));
    t.equal(await ended, code === null, `${code} ${body}`);
  }
});
