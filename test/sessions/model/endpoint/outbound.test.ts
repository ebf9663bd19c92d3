/** Connections of the daemon to model endpoints: proxies, certificates, connections that end. */
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import {
  createOutbound,
  ignoredProxy,
  type OutboundRequest,
} from '../../../../server/sessions/model/endpoint/outbound.js';
import { testAuthority } from '../../../network-approval/support/certificates.js';
import { until } from '../../../fixtures/until.js';

const never = new AbortController().signal;

async function listen(t: Test, server: net.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

const get = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  method: 'GET',
  url: new URL(url),
  headers: {},
  body: null,
  signal: never,
  headTimeoutMs: 5_000,
  fresh: true,
  ...more,
});

async function textOf(body: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of body as AsyncIterable<Buffer>) text += piece.toString();
  return text;
}

/** A proxy that answers requests in absolute form itself, and makes tunnels. */
async function startProxy(t: Test): Promise<{ readonly port: number; readonly seen: string[] }> {
  const seen: string[] = [];
  const server = http.createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    response.end('from the proxy');
  });
  server.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
    seen.push(`CONNECT ${request.url}`);
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const upstream = net.connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  return { port: await listen(t, server), seen };
}

t.test('plain http goes through a proxy in absolute form', async (t) => {
  const proxy = await startProxy(t);
  for (const [env, why] of [
    [{ HTTP_PROXY: `http://u:p@127.0.0.1:${proxy.port}` }, 'with a scheme'],
    [{ http_proxy: `127.0.0.1:${proxy.port}` }, 'without a scheme'],
    [{ ALL_PROXY: `http://127.0.0.1:${proxy.port}` }, 'for all schemes'],
  ] as const) {
    const { status, body } = await createOutbound(env).send(get('http://model.test/v1/models?a=1'));
    t.equal(status, 200, why);
    t.equal(await textOf(body), 'from the proxy');
  }
  t.same(proxy.seen, [
    'GET http://model.test/v1/models?a=1 Basic dTpw',
    'GET http://model.test/v1/models?a=1 -',
    'GET http://model.test/v1/models?a=1 -',
  ]);
});

t.test('hosts in NO_PROXY are reached directly', async (t) => {
  const model = http.createServer((_, response) => response.end('direct'));
  const port = await listen(t, model);
  for (const list of ['127.0.0.1', '127.0.0.0/8', `127.0.0.1:${port}`, '*']) {
    const outbound = createOutbound({ HTTP_PROXY: 'http://127.0.0.1:1', NO_PROXY: list });
    t.equal(await textOf((await outbound.send(get(`http://127.0.0.1:${port}/`))).body), 'direct', list);
  }
});

t.test('https goes through a tunnel, and is verified against the configured roots', async (t) => {
  const authority = testAuthority(t);
  const model = https.createServer(authority.issue('IP:127.0.0.1'), (_, response) => response.end('secret'));
  const port = await listen(t, model);
  const proxy = await startProxy(t);
  const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, CODEX_CA_CERTIFICATE: authority.file };
  const { body } = await createOutbound(env).send(get(`https://127.0.0.1:${port}/`));
  t.equal(await textOf(body), 'secret');
  t.same(proxy.seen, [`CONNECT 127.0.0.1:${port}`]);
  await t.rejects(createOutbound({}).send(get(`https://127.0.0.1:${port}/`)), {
    code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  });
});

t.test('an invalid variable is ignored and reported; another kind of proxy is an error', async (t) => {
  const model = http.createServer((_, response) => response.end('direct'));
  const url = `http://127.0.0.1:${await listen(t, model)}/`;
  const env = { HTTP_PROXY: 'http://' };
  t.match(ignoredProxy(new URL(url), env), /^HTTP_PROXY is no address of a proxy .* is ignored/);
  t.equal(await textOf((await createOutbound(env).send(get(url))).body), 'direct');
  t.equal(ignoredProxy(new URL(url), {}), null);
  for (const proxy of ['socks5://127.0.0.1:1080', 'https://127.0.0.1:3128']) {
    t.equal(ignoredProxy(new URL(url), { ALL_PROXY: proxy }), null);
    await t.rejects(createOutbound({ ALL_PROXY: proxy }).send(get(url)), {
      message: /ALL_PROXY names a proxy that is not supported/,
    });
  }
});

t.test('a proxy that closes connections gets one connection per request', async (t) => {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    socket.destroy();
  });
  const port = await listen(t, server);
  for (const url of ['http://model.test/', 'https://model.test/']) {
    await t.rejects(createOutbound({ ALL_PROXY: `http://127.0.0.1:${port}` }).send(get(url)));
  }
  t.equal(connections, 2);
});

t.test('an abort closes the connection, while it is made and while it is used', async (t) => {
  const sockets = new Set<net.Socket>();
  const closed: Promise<unknown>[] = [];
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.resume();
    closed.push(new Promise((resolve) => socket.once('close', resolve)));
  });
  const port = await listen(t, server);
  for (const [url, env] of [
    [`http://127.0.0.1:${port}/`, {}],
    ['https://model.test/', { ALL_PROXY: `http://127.0.0.1:${port}` }],
  ] as const) {
    const before = closed.length;
    const stop = new AbortController();
    const answer = createOutbound(env).send(get(url, { signal: stop.signal }));
    answer.catch(() => {});
    await until(() => closed.length > before, 'the connection');
    stop.abort(new Error('enough'));
    await t.rejects(answer, { message: 'enough' });
    await Promise.all(closed);
  }
  t.equal(sockets.size, 2);
});

t.test('a kept connection that was closed is distinguished from an endpoint that fails', async (t) => {
  let served = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      if (served++ === 0) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else socket.destroy();
    });
  });
  const url = `http://127.0.0.1:${await listen(t, server)}/`;
  const outbound = createOutbound({});
  t.equal(await textOf((await outbound.send(get(url, { fresh: false }))).body), 'ok');
  await t.rejects(outbound.send(get(url, { fresh: false })), { code: 'model.connection-closed' });
  await t.rejects(outbound.send(get(url)), { code: 'ECONNRESET' });
});

t.test('an answer that takes too long is no closed connection: the request is not sent again', async (t) => {
  let served = 0;
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      if (served++ === 0) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
  });
  const url = `http://127.0.0.1:${await listen(t, server)}/`;
  const outbound = createOutbound({});
  t.equal(await textOf((await outbound.send(get(url, { fresh: false }))).body), 'ok');
  await t.rejects(outbound.send(get(url, { fresh: false, headTimeoutMs: 50 })), { message: /^no answer within/ });
});
