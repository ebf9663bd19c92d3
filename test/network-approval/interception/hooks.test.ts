import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import t, { type Test } from 'tap';
import type { NetworkPolicy } from '../../../server/config/permissions/network-policy.js';
import { scratchFolder } from '../support/certificates.js';
import { hookOf } from '../support/hooks.js';
import { curl, startLimited } from '../support/limited.js';
import { policyOf } from '../support/policy.js';
import { register } from '../support/service.js';
import { open } from '../support/wire.js';

/** Hooks of a profile in full mode, with real clients and TLS upstreams. */
t.setTimeout(120_000);

const SECRET = 'a-secret-of-the-daemon';
const DENIED = 'HTTPS request denied by MITM hook policy.';

const policy = (hooks: NetworkPolicy['hooks'], changes: Partial<NetworkPolicy> = {}): NetworkPolicy =>
  policyOf({ '**.ok.test': 'allow', '127.0.0.1': 'allow' }, { allowLocalBinding: true, hooks, ...changes });

const reads = hookOf({ strip: ['authorization', 'x-strip'] });
const injects = hookOf({
  name: 'with-token',
  paths: ['/token'],
  strip: ['x-token'],
  inject: [{ name: 'X-Token', prefix: 'Bearer ', from: { variable: 'TOKEN' } }],
});

const start = (t: Test, changes: Partial<NetworkPolicy> = {}, onDenial: 'refuse' | 'cancel' = 'refuse') =>
  startLimited(t, {
    changes: { policy: policy([reads, injects], changes), onDenial },
    options: { environment: { TOKEN: SECRET } },
  });

t.test('requests of both versions are judged one by one and changed, other hosts are relayed', async (t) => {
  const { registration, upstream, host, decisions } = await start(t);
  const environment = registration.lane?.environment ?? {};
  const url = `https://${host}`;
  for (const version of ['--http1.1', '--http2']) {
    upstream.seen.splice(0);
    const sent = [
      '-H',
      'Authorization: mine',
      '-H',
      'X-STRIP: 1',
      '-H',
      'x-strip: 2',
      '-H',
      'x_strip: 3',
      '-H',
      'X-Token: old',
    ];
    const { code, output } = await curl(
      environment,
      version,
      ...sent,
      '-w',
      ' %{http_code}|',
      `${url}/repo/a`,
      `${url}/other`,
      `${url}/token`,
      `${url}/repo/%2e%2e/x`,
    );
    t.strictSame(
      { code, output },
      { code: 0, output: `up GET /repo/a 200|${DENIED} 403|up GET /token 200|${DENIED} 403|` },
      `${version}, one connection`,
    );
    const [first, second] = upstream.seen;
    for (const name of ['authorization', 'x-strip', 'x_strip']) t.notOk(first?.headers[name], name);
    t.equal(second?.headers['x-token'], `Bearer ${SECRET}`);
    t.equal(second?.headers['authorization'], 'mine', 'another hook, another action');
    t.match(await curl(environment, version, '-i', '-X', 'PUT', `${url}/repo/a`), {
      output: /^HTTP\/(1\.1|2) 403 .*^x-proxy-error: blocked-by-mitm-hook\r$/ms,
    });
  }
  t.match(await curl(environment, '-k', `https://127.0.0.1:${upstream.port}/other`), { output: 'up GET /other' });
  t.match(
    decisions.list().find(({ method }) => method === 'PUT'),
    {
      method: 'PUT',
      verdict: 'deny',
      reason: 'mitm_hook_denied',
      source: 'mode_guard',
      rule: null,
    },
  );
  t.notMatch(JSON.stringify(decisions.list()), /secret|other/, 'neither secrets nor paths are logged');
});

t.test('what cannot be read is refused: plain HTTP, SOCKS, and tunnels to another name', async (t) => {
  const { registration, upstream, host, http, inside, bundle } = await start(t);
  const environment = registration.lane?.environment ?? {};
  t.match(await curl(environment, '-i', `http://${host}/repo/a`), {
    output:
      /^HTTP\/1\.1 403 .*blocked-by-mitm-required.*"reason":"mitm_required","decision":"deny","source":"mode_guard"/s,
  });
  t.match(await curl(environment, '-x', environment['ALL_PROXY'] ?? '', `https://${host}/repo/a`), { code: 97 });
  // The hooked host's name in a tunnel to its address, or to a name beside it.
  for (const target of [`127.0.0.1:${upstream.port}`, `beside.ok.test:${upstream.port}`]) {
    const tunnel = await open(http);
    tunnel.send(`CONNECT ${target} HTTP/1.1\r\n\r\n`);
    await tunnel.until(/200 OK\r\n\r\n/);
    tunnel.socket.removeAllListeners('data');
    const socket = tls.connect({ socket: tunnel.socket, servername: 'ok.test', ca: fs.readFileSync(bundle) });
    const ended = await new Promise((resolve) => {
      socket.once('secureConnect', () => resolve('connected'));
      socket.once('error', () => resolve('refused'));
      socket.once('close', () => resolve('refused'));
    });
    t.equal(ended, 'refused', target);
  }
  await t.rejects(inside(host, { servername: 'beside.ok.test' }), 'another name in the hooked tunnel');
  t.strictSame(upstream.seen, []);
});

t.test('another Host, an absolute target, a WebSocket and a second tunnel do not pass a hook', async (t) => {
  const { host, upstream, inside } = await start(t);
  const { port } = upstream;
  const request = async (line: string, more = '', named = host): Promise<string> => {
    const { socket } = await inside(host);
    let received = '';
    socket.on('data', (piece: Buffer) => (received += piece.toString()));
    socket.once('end', () => socket.end());
    socket.write(
      `${line} HTTP/1.1\r\nHost: ${named}\r\n${more}Connection: close${more === '' ? '' : ', upgrade'}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('close', resolve));
    return received;
  };
  t.match(await request('GET /repo/a', '', 'other.test'), /^HTTP\/1\.1 421 /);
  t.match(await request(`GET https://${host}/repo/a`), /up GET \/repo\/a$/);
  t.match(await request(`GET https://${host}/other`), /^HTTP\/1\.1 403 /);
  t.match(await request(`GET https://beside.ok.test:${port}/repo/a`), /^HTTP\/1\.1 421 /);
  t.match(await request(`CONNECT ${host}`), /^HTTP\/1\.1 403 /);
  t.match(await request('GET /repo/ws', 'Upgrade: websocket\r\n'), /^HTTP\/1\.1 403 /);
  t.equal(upstream.seen.length, 1);
});

t.test('a hook with the method CONNECT lets a WebSocket open, no other does', async (t) => {
  const opens = hookOf({
    name: 'opens',
    methods: ['CONNECT'],
    paths: ['/ws'],
    inject: [{ name: 'Authorization', prefix: 'Bearer ', from: { variable: 'TOKEN' } }],
  });
  for (const mode of ['full', 'limited'] as const) {
    const scene = await startLimited(t, {
      changes: { policy: policy([reads, opens], { mode }), onDenial: 'refuse' },
      options: { environment: { TOKEN: SECRET } },
    });
    const { host, upstream, inside } = scene;
    const upgraded: unknown[] = [];
    upstream.server.on('upgrade', ({ method, url, headers: { authorization } }, socket) => {
      upgraded.push({ method, url, authorization });
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello ');
      socket.pipe(socket);
    });
    const ask = async (path: string, kind: 'plain' | 'websocket', until: RegExp): Promise<string> => {
      const { socket } = await inside(host);
      t.teardown(() => socket.destroy());
      let received = '';
      const found = new Promise<void>((resolve) => {
        socket.on('data', (piece: Buffer) => {
          received += piece.toString();
          if (/^HTTP\/1\.1 101 .*hello $/s.test(received)) socket.write('frame');
          if (until.test(received)) resolve();
        });
        socket.once('close', resolve);
      });
      const upgrade = kind === 'plain' ? '' : 'Connection: Upgrade, Authorization\r\nUpgrade: websocket\r\n';
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: mine\r\n${upgrade}\r\n`);
      await found;
      return received;
    };
    if (mode === 'full') {
      t.match(
        await ask('/ws', 'websocket', /hello frame$/),
        /^HTTP\/1\.1 101 .*Upgrade: websocket\r\n\r\nhello frame$/s,
      );
      t.strictSame(upgraded, [{ method: 'GET', url: '/ws', authorization: `Bearer ${SECRET}` }]);
      t.match(await ask('/ws', 'plain', /policy\.$/), /^HTTP\/1\.1 403 .*blocked-by-mitm-hook/s, 'not a GET by itself');
    } else t.match(await ask('/ws', 'websocket', /mode\.$/), /^HTTP\/1\.1 403 .*blocked-by-method-policy/s);
    t.match(await ask('/repo/ws', 'websocket', /\.$/), /^HTTP\/1\.1 403 /, `${mode}: a hook for GET`);
    t.equal(upgraded.length, mode === 'full' ? 1 : 0);
  }
});

t.test('limited mode holds beside hooks', async (t) => {
  const { registration, host } = await start(t, { mode: 'limited' });
  const environment = registration.lane?.environment ?? {};
  const codes = await curl(environment, '-w', '|', `https://${host}/repo/a`, `https://${host}/other`);
  t.equal(codes.output, `up GET /repo/a|${DENIED}|`);
  t.match(await curl(environment, '-d', 'x', `https://${host}/repo/a`), {
    output: 'Method not allowed in limited mode.',
  });
});

t.test('a denial ends exactly the command whose request it was', async (t) => {
  const scene = await start(t, {}, 'cancel');
  const other = await register(scene.service, { policy: policy([reads]), onDenial: 'cancel' });
  t.teardown(() => other.finish({ treeGone: true }));
  const aborted = new Promise((resolve) => scene.registration.signal.addEventListener('abort', resolve));
  const done = curl(scene.registration.lane?.environment ?? {}, `https://${scene.host}/other`);
  await aborted;
  t.match(scene.registration.finish({ treeGone: true }), {
    host: 'ok.test',
    protocol: 'https',
    reason: 'mitm_hook_denied',
    message: 'Network access to "ok.test" was blocked: no hook of the permission profile allows this request.',
  });
  t.notOk(other.signal.aborted);
  await done;
});

t.test('a secret stays away from the command, and a missing one stops it', async (t) => {
  const { registration, service } = await start(t);
  t.strictSame(registration.lane?.withheld, ['TOKEN']);
  t.notMatch(JSON.stringify(registration.lane), new RegExp(SECRET));
  const file = path.join(scratchFolder(t), 'none');
  const broken = hookOf({ inject: [{ name: 'a', prefix: '', from: { file } }] });
  await t.rejects(register(service, { policy: policy([broken]) }), {
    code: 'network.policy',
    message: /header a: the secret file/,
  });
});
