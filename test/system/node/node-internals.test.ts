import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import {
  bindWithoutListening,
  certificateWords,
  hookConnections,
  setExactMethod,
} from '../../../server/system/node/node-internals.js';

t.test('a bound socket has a port and takes no connection', async (t) => {
  const bound = bindWithoutListening('127.0.0.1');
  t.teardown(() => bound.close());
  t.ok(bound.port > 0 && bound.port < 65_536);
  const [error] = (await once(net.connect(bound.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException];
  t.equal(error.code, 'ECONNREFUSED');
});

t.test('an address that is not ours cannot be bound', async (t) => {
  t.throws(() => bindWithoutListening('203.0.113.1'), /cannot bind 203\.0\.113\.1/);
});

/** A server that answers with the method as it came, and counts its connections. */
async function startEcho(t: Test): Promise<{ readonly port: number; connections(): number }> {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
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
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

async function ask(agent: http.Agent, port: number, method: string, name: string): Promise<string> {
  const options: http.RequestOptions & Named = { agent, port, host: '127.0.0.1', name };
  const request = http.request(options);
  setExactMethod(request, method);
  request.end();
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  let text = '';
  for await (const piece of response) text += String(piece);
  await new Promise((resolve) => setImmediate(resolve)); // the agent keeps the connection after the end
  return text;
}
interface Named {
  readonly name?: string;
}

t.test('an agent keeps connections by our names, and takes ours', async (t) => {
  const echo = await startEcho(t);
  const agent = new http.Agent({ keepAlive: true });
  t.teardown(() => agent.destroy());
  let own = 0;
  hookConnections<Named>(agent, {
    name: ({ name }) => name ?? '',
    connect: ({ name }) => {
      if (name === 'theirs') return null;
      own++;
      const socket = net.connect(echo.port, '127.0.0.1');
      return once(socket, 'connect').then(() => socket);
    },
  });
  for (const name of ['a', 'a', 'b', 'theirs', 'theirs', 'a']) t.equal(await ask(agent, echo.port, 'gEt', name), 'gEt');
  t.equal(own, 2);
  t.equal(echo.connections(), 3);
});

t.test('a connection that cannot be made ends its request alone', async (t) => {
  const agent = new http.Agent({ keepAlive: true });
  hookConnections<Named>(agent, { name: () => 'x', connect: () => Promise.reject(new Error('not today')) });
  await t.rejects(ask(agent, 1, 'GET', 'x'), /not today/);
});

t.test('a method cannot be set behind its head', async (t) => {
  const echo = await startEcho(t);
  const request = http.request({ port: echo.port, host: '127.0.0.1', agent: false });
  request.end();
  t.throws(() => setExactMethod(request, 'gEt'), /writes the head of a request before/);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  response.resume();
  await once(response, 'end');
});

t.test("a certificate's fault has OpenSSL's words alone", (t) => {
  const advice = 'if the root CA is installed locally, try running Node.js with --use-system-ca';
  t.equal(certificateWords(`self-signed certificate; ${advice}`), 'self-signed certificate');
  t.equal(certificateWords('certificate has expired'), 'certificate has expired');
  t.end();
});
