import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { testAuthority } from '../support/certificates.js';
import { curl, startLimited, startSecureUpstream } from '../support/limited.js';
import { policyOf } from '../support/policy.js';
import { portsOf, register, startService } from '../support/service.js';
import { converse, open } from '../support/wire.js';
import { until } from '../../fixtures/until.js';

const get = (url: string, more = ''): string => `GET ${url} HTTP/1.1\r\nConnection: close\r\n${more}\r\n`;

/** A proxy that makes tunnels to this machine and records what it is asked. */
async function startConnectProxy(t: Test) {
  const asked: string[] = [];
  const open = new Set<net.Socket>();
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('by the proxy');
  });
  proxy.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {});
    if (request.url?.startsWith('full')) return void socket.end('HTTP/1.1 503 Full\r\n\r\n');
    if (request.url?.startsWith('mute')) return void socket.resume().once('end', () => socket.destroy());
    const onward = net.connect(Number(request.url?.split(':')[1]), '127.0.0.1', () =>
      socket.write('HTTP/1.1 200 OK\r\nX: y\r\n\r\n'),
    );
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    proxy.closeAllConnections();
    for (const socket of open) socket.destroy();
    proxy.close();
  });
  return { asked, open, url: `http://u:p@127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}

async function setUp(t: Test, environment: Record<string, string> = {}) {
  const authority = testAuthority(t);
  const trusted = await startSecureUpstream(t, authority.issue('DNS:ok.test', 'IP:127.0.0.1'));
  const stranger = await startSecureUpstream(t, testAuthority(t).issue('DNS:ok.test'));
  const { service, decisions, warnings } = startService(t, {
    environment: { CODEX_CA_CERTIFICATE: authority.file, ...environment },
  });
  const registration = await register(service, {
    policy: policyOf(
      { 'ok.test': 'allow', '127.0.0.1': 'allow', 'full.test': 'allow', 'mute.test': 'allow', 'other.test': 'allow' },
      { allowLocalBinding: true, allowUpstreamProxy: 'HTTPS_PROXY' in environment },
    ),
  });
  t.teardown(() => {
    registration.finish({ treeGone: true });
    if (warnings.length > 0) throw new Error(`a fault of the proxy itself: ${warnings.join()}`);
  });
  return { trusted, stranger, decisions, registration, port: portsOf(registration).http };
}

t.test('an https: URL in a plain request is requested over verified TLS', async (t) => {
  const { port, trusted, stranger, decisions } = await setUp(t);
  t.match(await converse(port, get(`https://ok.test:${trusted.port}/a?b`)), /^HTTP\/1.1 200 OK\r\n.*up GET \/a\?b/s);
  t.match(await converse(port, get(`https://127.0.0.1:${trusted.port}/ip`)), /up GET \/ip/);
  t.match(trusted.seen[0]?.headers, { host: `ok.test:${trusted.port}` });
  t.match(decisions.list()[0], { protocol: 'http', port: trusted.port, verdict: 'allow', address: '127.0.0.1' });
  const rows: [url: string, reason: RegExp, why: string][] = [
    [
      `https://ok.test:${stranger.port}/`,
      /error=tls_certificate_error; details="unable to verify/,
      'unknown authority',
    ],
    [`https://other.test:${trusted.port}/`, /error=tls_certificate_error; details="Hostname/, 'another name'],
    ['https://ok.test:1/', /error=destination_unavailable/, 'nobody there'],
  ];
  for (const [url, reason, why] of rows) {
    const answer = await converse(port, get(url));
    t.match(answer, /^HTTP\/1.1 502 Bad Gateway\r\n.*\r\n\r\nupstream failure$/s, why);
    t.match(answer, reason, why);
  }
  t.strictSame(stranger.seen, [], 'nothing was asked');
  t.match(await converse(port, get('https://evil.test/')), /403 Forbidden/);
});

t.test('the daemon’s own NODE_TLS_REJECT_UNAUTHORIZED has no effect', async (t) => {
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  t.teardown(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  });
  const { port, stranger } = await setUp(t);
  t.match(await converse(port, get(`https://ok.test:${stranger.port}/`)), /502 Bad Gateway/);
});

t.test('through an upstream proxy it uses a requested tunnel, verified end to end', async (t) => {
  const proxy = await startConnectProxy(t);
  const { port, trusted, stranger } = await setUp(t, { HTTPS_PROXY: proxy.url });
  const keep = await open(port);
  for (const path of ['/1', '/2']) {
    keep.send(`GET https://ok.test:${trusted.port}${path} HTTP/1.1\r\n\r\n`);
    await keep.until(new RegExp(`up GET ${path}`));
  }
  keep.socket.destroy();
  t.match(await converse(port, get(`https://127.0.0.1:${trusted.port}/ip`)), /up GET \/ip/);
  t.match(await converse(port, get(`https://ok.test:${stranger.port}/`)), /502 .*tls_certificate_error/s);
  t.match(await converse(port, get('https://full.test/')), /502 .*the upstream proxy refused the tunnel/s);
  t.match(await converse(port, get('https://evil.test/')), /403 Forbidden/);
  t.strictSame(proxy.asked, [
    `CONNECT ok.test:${trusted.port} Basic dTpw`,
    `CONNECT 127.0.0.1:${trusted.port} Basic dTpw`,
    `CONNECT ok.test:${stranger.port} Basic dTpw`,
    'CONNECT full.test:443 Basic dTpw',
  ]);
});

t.test('case 35: a client that disconnects releases a tunnel that is still being requested', async (t) => {
  const proxy = await startConnectProxy(t);
  const { port, registration } = await setUp(t, { HTTPS_PROXY: proxy.url });
  for (const leave of [(socket: net.Socket) => socket.destroy(), () => registration.finish({ treeGone: true })]) {
    const client = await open(port);
    client.send(get('https://mute.test/'));
    await until(() => proxy.open.size > 0, 'the tunnel is asked for');
    leave(client.socket);
    await until(() => proxy.open.size === 0, 'the tunnel is free');
  }
  t.pass('closed both times');
});

t.test('limited mode also uses the upstream proxy', async (t) => {
  const proxy = await startConnectProxy(t);
  const { registration, upstream, host } = await startLimited(t, {
    options: { environment: { HTTPS_PROXY: proxy.url } },
    changes: {
      policy: policyOf({ 'ok.test': 'allow' }, { allowLocalBinding: true, allowUpstreamProxy: true, mode: 'limited' }),
    },
  });
  const environment = registration.lane?.environment ?? {};
  for (const version of ['--http1.1', '--http2']) {
    t.strictSame(await curl(environment, version, `https://${host}/x`), { code: 0, output: 'up GET /x' });
  }
  t.ok(proxy.asked.length >= 1 && proxy.asked.every((line) => line === `CONNECT ${host} Basic dTpw`));
  t.equal(upstream.seen.length, 2);
});
