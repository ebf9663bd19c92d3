import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { bindWithoutListening, certificateWords, setExactMethod } from '../../../server/system/node/node-internals.js';

t.test('a bound socket has a port and accepts no connection', async (t) => {
  const bound = bindWithoutListening('127.0.0.1');
  t.teardown(() => bound.close());
  t.ok(bound.port > 0 && bound.port < 65_536);
  const [error] = (await once(net.connect(bound.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
  t.equal(error.code, 'ECONNREFUSED');
});

t.test('an address of another machine cannot be bound', async (t) => {
  t.throws(() => bindWithoutListening('203.0.113.1'), /cannot bind 203\.0\.113\.1/);
});

/** A server that answers with the method as it came. */
async function startEcho(t: Test): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      const method = data.toString('latin1').split(' ', 1)[0] ?? '';
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${method.length}\r\n\r\n${method}`);
    });
    t.teardown(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

t.test('a method keeps its case', async (t) => {
  const request = http.request({ port: await startEcho(t), host: '127.0.0.1', agent: false });
  setExactMethod(request, 'gEt');
  request.end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const piece of response) text += String(piece);
  t.equal(text, 'gEt');
});

t.test('a method cannot be set after its head', async (t) => {
  const request = http.request({ port: await startEcho(t), host: '127.0.0.1', agent: false });
  request.end();
  t.throws(() => setExactMethod(request, 'gEt'), /writes the head of a request before/);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.resume();
  await once(response, 'end');
});

t.test("a certificate error has only OpenSSL's text", (t) => {
  const advice = 'if the root CA is installed locally, try running Node.js with --use-system-ca';
  t.equal(certificateWords(`self-signed certificate; ${advice}`), 'self-signed certificate');
  t.equal(certificateWords('certificate has expired'), 'certificate has expired');
  t.end();
});
