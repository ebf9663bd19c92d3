import http2 from 'node:http2';
import t, { type Test } from 'tap';
import type { MitmHook } from '../../../server/config/permissions/mitm-hooks.js';
import { startHooked, type Sent, type Version } from '../support/hooked.js';
import { settled } from '../../fixtures/until.js';

/** Secrets in bodies, with real clients and upstreams of both versions. */
t.setTimeout(120_000);

const PLACEHOLDER = 'PLACEHOLDER-0123';
const SECRET = 'the-secret-of-the-daemon';
const DENIED = 'HTTPS request denied by MITM hook policy.';
const VERSIONS = ['http1', 'http2'] as const;
const MIB = 1024 * 1024;

const substitutes =
  (changes: Partial<MitmHook> = {}, maxBody = MIB) =>
  (port: number): Partial<MitmHook> => ({
    substitution: { port, maxBody, replacements: [{ placeholder: PLACEHOLDER, from: { variable: 'SECRET' } }] },
    ...changes,
  });

const start = (
  t: Test,
  version: Version,
  hookFor: (port: number) => Partial<MitmHook> = substitutes(),
  onDenial: 'refuse' | 'cancel' = 'refuse',
) => startHooked(t, version, hookFor, { environment: { SECRET }, onDenial });

t.test('a placeholder in a body arrives as the secret, between every two versions', async (t) => {
  for (const upstream of VERSIONS) {
    const scene = await start(t, upstream);
    for (const client of VERSIONS) {
      const where = `${client} to ${upstream}`;
      scene.arrived.splice(0);
      const length = String(PLACEHOLDER.length + 2);
      t.match(await scene.send(client, { body: [`x=${PLACEHOLDER}`], headers: { 'content-length': length } }), {
        status: 200,
      });
      const split = { body: ['x=PLACE', 'HOLDER', '-0123', `&y=${PLACEHOLDER}`] };
      t.match(await scene.send(client, split), { status: 200 });
      t.match(await scene.send(client, { body: ['nothing'], headers: { 'content-encoding': 'identity' } }), {
        text: 'nothing',
      });
      t.match(await scene.send(client, { method: 'GET' }), { status: 200 });
      const [one, two, plain, none] = scene.arrived;
      t.equal(one?.version, upstream === 'http2' ? '2.0' : '1.1');
      t.equal(one?.body, `x=${SECRET}`, where);
      t.equal(one?.headers['content-length'], String(SECRET.length + 2), where);
      t.equal(two?.body, `x=${SECRET}&y=${SECRET}`, `${where}, in pieces`);
      t.equal(two?.headers['content-length'], String(two?.body.length), `${where}: its length is known now`);
      t.notOk(two?.headers['transfer-encoding']);
      t.equal(plain?.body, 'nothing', where);
      t.match(none, { method: 'GET', body: '' });
    }
  }
});

t.test('nothing but the body has the secret, and nobody but the host', async (t) => {
  const { send, arrived, decisions, registration } = await start(t, 'http1');
  for (const client of VERSIONS) {
    arrived.splice(0);
    const q = `/a?q=${PLACEHOLDER}`;
    await send(client, { path: q, headers: { 'x-a': PLACEHOLDER }, body: ['none'] });
    // Another host of the same upstream has no hook: its tunnel is relayed.
    await send('http1', { name: 'other.ok.test', body: [PLACEHOLDER] });
    t.match(arrived, [{ path: q, headers: { 'x-a': PLACEHOLDER }, body: 'none' }, { body: PLACEHOLDER }]);
  }
  t.strictSame(registration.lane?.withheld, ['SECRET']);
  t.notMatch(JSON.stringify(registration.lane), SECRET);
  t.notMatch(JSON.stringify(decisions.list()), new RegExp(`${SECRET}|${PLACEHOLDER}`));
});

t.test('a redirect leads to a request that is judged by itself', async (t) => {
  const { send, arrived, upstream } = await start(t, 'http1', substitutes({ paths: ['/token'] }));
  t.match(await send('http1', { path: '/token', body: [PLACEHOLDER] }), { text: SECRET });
  t.match(await send('http1', { path: '/elsewhere', body: [PLACEHOLDER] }), { status: 403, text: DENIED });
  t.match(await send('http1', { path: '/token', name: 'beside.ok.test', body: [PLACEHOLDER] }), { text: PLACEHOLDER });
  t.equal(arrived.length, 2);
  t.strictSame(upstream.seen, []);
});

t.test('a body that cannot be looked through as a whole is refused', async (t) => {
  for (const upstream of VERSIONS) {
    const { send, arrived, decisions } = await start(t, upstream, substitutes({}, 1000));
    const rows: readonly Sent[] = [
      { headers: { 'content-encoding': 'gzip' }, body: ['x'] },
      { headers: { 'content-md5': 'x' }, body: ['x'] },
      { method: 'GET', headers: { digest: 'x' } },
      { headers: { trailer: 'x-a' }, body: ['x'], trailers: { 'x-a': '1' } },
      { body: ['x'], trailers: { 'x-a': PLACEHOLDER } },
      { headers: { 'content-length': '1001' }, body: ['x'.repeat(1001)] },
      { body: ['x'.repeat(500), 'x'.repeat(501)] },
      { body: [PLACEHOLDER.repeat(50)] },
    ];
    for (const client of VERSIONS)
      for (const row of rows) {
        const what = `${client} to ${upstream}: ${JSON.stringify(row).slice(0, 80)}`;
        // Node's client writes trailers of HTTP/1.1 only where they are announced.
        if (client === 'http1' && row.trailers !== undefined && row.headers === undefined) continue;
        t.strictSame(await send(client, row), { status: 403, text: DENIED }, what);
      }
    t.strictSame(arrived, []);
    const details = decisions.list().flatMap(({ verdict, reason }) => (verdict === 'deny' ? [reason] : []));
    t.strictSame([...new Set(details)], ['mitm_hook_denied']);
  }
});

t.test('after a refusal with half a body the connection carries no other request', async (t) => {
  const { inside, port, arrived } = await start(t, 'http1', substitutes({}, 30));
  const { socket } = await inside(`ok.test:${port}`);
  let received = '';
  socket.on('data', (piece: Buffer) => (received += piece.toString()));
  const hidden = `POST /hidden HTTP/1.1\r\nHost: ok.test:${port}\r\nContent-Length: 1\r\n\r\nx`;
  const head = `POST / HTTP/1.1\r\nHost: ok.test:${port}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.once('end', () => socket.end());
  socket.write(`${head}1f\r\n${'x'.repeat(31)}\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n${hidden}`);
  await closed;
  t.match(received, /^HTTP\/1\.1 403 [^]*connection: close\r\n/i);
  t.equal(received.match(/HTTP\/1\.1/g)?.length, 1);
  t.strictSame(arrived, []);
});

t.test('requests follow each other on one connection, each with its own body', async (t) => {
  const { inside, port, arrived } = await start(t, 'http1');
  const { socket } = await inside(`ok.test:${port}`);
  const request = (body: string): string =>
    `POST / HTTP/1.1\r\nHost: ok.test:${port}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  let received = '';
  socket.on('data', (piece: Buffer) => {
    received += piece.toString();
    if (received.includes('third')) socket.end();
  });
  const empty = `POST / HTTP/1.1\r\nHost: ok.test:${port}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
  socket.write(request(`first ${PLACEHOLDER}`) + empty + request('third'));
  await new Promise((resolve) => socket.once('close', resolve));
  t.match(arrived, [{ body: `first ${SECRET}` }, { body: '' }, { body: 'third' }]);
});

t.test('a client that waits for 100 (Continue) gets it, and one that breaks off sends nothing', async (t) => {
  const { inside, port, arrived } = await start(t, 'http1');
  const head = (more: string): string => `POST / HTTP/1.1\r\nHost: ok.test:${port}\r\n${more}\r\n\r\n`;
  const waiting = await inside(`ok.test:${port}`);
  let received = '';
  waiting.socket.on('data', (piece: Buffer) => {
    if (received === '') waiting.socket.write(PLACEHOLDER);
    received += piece.toString();
    if (received.includes(SECRET)) waiting.socket.destroy();
  });
  const closed = new Promise((resolve) => waiting.socket.once('close', resolve));
  waiting.socket.write(head('Expect: 100-continue\r\nContent-Length: 16'));
  await closed;
  t.match(received, /^HTTP\/1\.1 100 Continue\r\n\r\n[^]*HTTP\/1\.1 200 /);

  const broken = await inside(`ok.test:${port}`);
  let answer = '';
  broken.socket.on('data', (piece: Buffer) => (answer += piece.toString()));
  broken.socket.once('end', () => broken.socket.end());
  const over = new Promise((resolve) => broken.socket.once('close', resolve));
  broken.socket.write(`${head('Transfer-Encoding: chunked')}5\r\nab\r\n0\r\n\r\n`);
  await over;
  t.match(answer, /^HTTP\/1\.1 400 /);

  const away = await inside(`ok.test:${port}`);
  away.socket.write(`${head('Content-Length: 16')}PLACE`);
  away.socket.destroy();
  const { socket } = await inside(`ok.test:${port}`, { ALPNProtocols: ['h2'] });
  const session = http2.connect(`https://ok.test:${port}`, { createConnection: () => socket });
  const stream = session.request({ ':method': 'POST' });
  stream.on('error', () => {});
  stream.write('PLACE', () => stream.close(http2.constants.NGHTTP2_CANCEL));
  await new Promise((resolve) => stream.once('close', resolve));
  session.destroy();
  t.equal(arrived.length, 1, 'only the one that was whole');
});

t.test('a command cannot hold more bodies than it has room for', async (t) => {
  const scene = await start(t, 'http1', substitutes({}, 16 * MIB));
  const { inside, port, send, arrived } = scene;
  const held: { destroy(): void }[] = [];
  const piece = Buffer.alloc(MIB, 'x');
  // Four that are not whole yet take all of it.
  for (let i = 0; i < 4; i++) {
    const { socket } = await inside(`ok.test:${port}`);
    held.push(socket);
    socket.write(`POST / HTTP/1.1\r\nHost: ok.test:${port}\r\nContent-Length: ${16 * MIB}\r\n\r\n`);
    for (let n = 0; n < 15; n++) await new Promise((done) => socket.write(piece, done));
    await new Promise((done) => socket.write(piece.subarray(1), done));
  }
  // A request that comes while they are still read would take the room of their last octets, and one would be refused.
  await settled(() => Math.round(process.memoryUsage().arrayBuffers / 1024), 'the reading of the bodies');
  // What is closed may still be open.
  const until = async (status: number): Promise<string> => {
    for (let tries = 0; tries < 200; tries++) {
      const answer = await send('http2', { body: [piece.subarray(0, 64 * 1024)] });
      if (answer.status === status) return answer.text;
    }
    throw new Error(`no answer ${status}`);
  };
  t.equal(await until(503), 'too many bodies at once');
  for (const socket of held) socket.destroy();
  t.match(await until(200), /^x/, 'the room is given back');
  t.ok(arrived.every(({ body }) => body.length === 64 * 1024));
});

t.test('another port is refused before anything is read', async (t) => {
  const { send, arrived } = await start(t, 'http1', () => substitutes()(443));
  for (const client of VERSIONS) {
    t.match(await send(client, { method: 'GET' }), { status: 403, text: DENIED });
    t.match(await send(client, { body: [PLACEHOLDER] }), { status: 403, text: DENIED });
  }
  t.strictSame(arrived, []);
});

t.test('a refused body ends the command where refusals do', async (t) => {
  const { send, registration } = await start(t, 'http1', substitutes(), 'cancel');
  const aborted = new Promise((resolve) => registration.signal.addEventListener('abort', resolve));
  const answer = send('http1', { headers: { digest: 'x' }, body: ['x'] });
  answer.catch(() => {}); // it has none
  await aborted;
  t.match(registration.finish({ treeGone: true }), { host: 'ok.test', reason: 'mitm_hook_denied' });
  await t.rejects(answer);
});

t.test('a body with a secret is sent once', async (t) => {
  for (const upstream of VERSIONS) {
    const { send, arrived } = await start(t, upstream);
    for (const client of VERSIONS) {
      arrived.splice(0);
      t.match(await send(client, { path: '/before', body: ['x'] }), { status: 200 }, 'a connection that may be kept');
      t.match(
        await send(client, { path: '/refused', body: [PLACEHOLDER] }),
        { status: 502 },
        `${client} to ${upstream}`,
      );
      t.match(arrived, [{ body: 'x' }, { body: SECRET }]);
      t.equal(arrived.length, 2);
    }
  }
});

t.test('a 16 MiB body arrives whole, with its secret', async (t) => {
  const { send, arrived } = await start(t, 'http2', substitutes({}, 16 * MIB));
  const body = Buffer.alloc(16 * MIB - 100, 'x');
  body.write(PLACEHOLDER, 5 * MIB - 3);
  for (const client of VERSIONS) {
    arrived.splice(0);
    t.match(await send(client, { body: [body] }), { status: 200 });
    t.equal(arrived[0]?.body.length, body.length - PLACEHOLDER.length + SECRET.length);
    t.equal(arrived[0]?.body.indexOf(SECRET), 5 * MIB - 3);
  }
});
