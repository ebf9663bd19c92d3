import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import {
  upstreamProxyFor,
  type Environment,
} from '../../../../server/network-approval/proxy/upstream/upstream-proxy.js';
import { parseAuthority } from '../../../../server/network-approval/decide/targets.js';
import { policyOf } from '../../support/policy.js';
import { portsOf, register, startService } from '../../support/service.js';
import { converse, open, startUpstream } from '../../support/wire.js';

const proxyOf = (target: string, env: Environment, scheme: 'http' | 'https' = 'http') => {
  const parsed = parseAuthority(target, 80);
  if (parsed === null) throw new Error(`no target: ${target}`);
  const found = upstreamProxyFor(parsed, scheme, env);
  return found && `${found.target.host.text}:${found.target.port} ${found.authorization ?? '-'}`;
};

t.test('the proxy in the environment', async (t) => {
  const rows: [target: string, env: Environment, scheme: 'http' | 'https', expected: string | null, why: string][] = [
    ['a.test', {}, 'http', null, 'none'],
    ['a.test', { HTTP_PROXY: '' }, 'http', null, 'empty is none'],
    ['a.test', { HTTP_PROXY: 'http://p.test:3128' }, 'http', 'p.test:3128 -', ''],
    ['a.test', { HTTP_PROXY: 'http://p.test:3128' }, 'https', null, 'another scheme'],
    ['a.test', { https_proxy: 'http://p.test' }, 'https', 'p.test:80 -', 'lower case, default port'],
    ['a.test', { http_proxy: 'http://u%40x:p@p.test' }, 'http', 'p.test:80 Basic dUB4OnA=', 'credentials'],
  ];
  for (const [target, env, scheme, expected, why] of rows) t.equal(proxyOf(target, env, scheme), expected, why);
  for (const url of ['https://p.test', 'socks5://p.test', 'p.test:80', 'http://', 'http://%zz@p.test']) {
    t.throws(() => proxyOf('a.test', { HTTP_PROXY: url }), /only HTTP proxies/, `${url}: never silently direct`);
  }
});

t.test('NO_PROXY', async (t) => {
  const rows: [list: string, target: string, direct: boolean, why: string][] = [
    ['*', 'a.test', true, ''],
    ['a.test', 'a.test', true, ''],
    ['a.test', 'x.a.test', true, 'what lies below too'],
    ['a.test', 'xa.test', false, 'the dot is load-bearing'],
    ['.a.test', 'x.a.test', true, ''],
    ['x, a.test ,y', 'a.test', true, 'a list'],
    ['a.test:8080', 'a.test', false, 'another port'],
    ['a.test:80', 'a.test', true, ''],
    ['10.0.0.0/8', '10.1.2.3', true, 'a block'],
    ['10.0.0.0/8', '11.1.2.3', false, ''],
    ['10.0.0.0/99', '10.1.2.3', false, 'no block'],
    ['127.0.0.1', '127.0.0.1', true, ''],
    ['::1', '[::1]', true, ''],
    ['[::1]:80', '[::1]', true, ''],
    ['fd00::/8', '[fd12::1]', true, ''],
    ['', 'a.test', false, ''],
  ];
  for (const [list, target, direct, why] of rows) {
    t.equal(
      proxyOf(target, { HTTP_PROXY: 'http://p.test', NO_PROXY: list }) === null,
      direct,
      `${list} ${target} ${why}`,
    );
  }
});

/** A plain HTTP proxy that records what it is asked, and a command whose policy lets it be used. */
async function setUp(t: Test, allowUpstreamProxy = true) {
  const upstream = await startUpstream();
  const asked: string[] = [];
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    response.end('by the proxy');
  });
  proxy.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? '-'}`);
    if (request.url?.startsWith('full')) return void socket.end('HTTP/1.1 503 Full\r\n\r\n');
    socket.write('HTTP/1.1 200 OK\r\nX: y\r\n\r\n');
    const onward = net.connect(upstream.port, '127.0.0.1');
    for (const end of [socket, onward]) end.on('error', () => {});
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((done) => proxy.listen(0, '127.0.0.1', done));
  const url = `http://u:p@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const { service } = startService(t, { environment: { HTTP_PROXY: url, HTTPS_PROXY: url } });
  const domains = { 'ok.test': 'allow', 'full.test': 'allow' } as const;
  const registration = await register(service, {
    policy: policyOf(domains, { allowLocalBinding: true, allowUpstreamProxy }),
  });
  t.teardown(() => {
    registration.finish({ treeGone: true });
    upstream.close();
    proxy.closeAllConnections();
    proxy.close();
  });
  return { asked, upstream, port: portsOf(registration).http };
}
const get = (url: string, host = ''): string =>
  `GET ${url} HTTP/1.1\r\n${host === '' ? '' : `Host: ${host}\r\n`}Connection: close\r\n\r\n`;

t.test('plain requests use it in absolute form, tunnels by CONNECT; the policy is checked first', async (t) => {
  const { asked, upstream, port } = await setUp(t);
  t.match(await converse(port, get(`http://ok.test:${upstream.port}/x?y`)), /by the proxy$/);
  const tunnel = await open(port);
  tunnel.send(`CONNECT ok.test:${upstream.port} HTTP/1.1\r\n\r\n${get('/in', 'ok.test')}`);
  t.match(await tunnel.until(/up GET \/in/), /^HTTP\/1.1 200 OK\r\n\r\nHTTP\/1.1 200 OK/, 'its own head stays with us');
  t.match(await converse(port, get('http://evil.test/')), /403 Forbidden/);
  t.match(await converse(port, 'CONNECT full.test:443 HTTP/1.1\r\nConnection: close\r\n\r\n'), /502 Bad Gateway/);
  t.strictSame(asked, [
    `GET http://ok.test:${upstream.port}/x?y Basic dTpw`,
    `CONNECT ok.test:${upstream.port} Basic dTpw`,
    'CONNECT full.test:443 Basic dTpw',
  ]);
});

t.test('if the policy forbids it, the environment is ignored', async (t) => {
  const { asked, upstream, port } = await setUp(t, false);
  t.match(await converse(port, get(`http://ok.test:${upstream.port}/x`)), /up GET \/x$/);
  t.strictSame(asked, []);
});
