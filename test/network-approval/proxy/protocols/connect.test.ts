import { createHash } from 'node:crypto';
import net from 'node:net';
import t, { type Test } from 'tap';
import { policyOf } from '../../support/policy.js';
import { portsOf, register, startService } from '../../support/service.js';
import { converse, open, startTcp } from '../../support/wire.js';
import { elapse, settled } from '../../../fixtures/until.js';

async function setUp(t: Test, onConnection: (socket: net.Socket) => void = (socket) => socket.pipe(socket)) {
  const { service, decisions, warnings } = startService(t);
  const upstream = await startTcp(onConnection);
  const registration = await register(service);
  t.teardown(async () => {
    registration.finish({ treeGone: true });
    upstream.close();
    await service.close();
    if (warnings.length > 0) throw new Error(`a fault of the proxy itself: ${warnings.join()}`);
  });
  return { decisions, registration, upstream, port: portsOf(registration).http, target: `ok.test:${upstream.port}` };
}

t.test('a tunnel is connected before its 200 is sent, and passes any bytes', async (t) => {
  const { port, target, decisions } = await setUp(t);
  const conversation = await open(port);
  conversation.send(`CONNECT ${target} HTTP/1.1\r\nHost: another.test\r\n\r\n\x19\x03\x01 sent early`);
  t.equal(await conversation.until(/early$/), 'HTTP/1.1 200 OK\r\n\r\n\x19\x03\x01 sent early');
  conversation.send('\0\xff');
  await conversation.until(/\0\xff$/);
  t.match(decisions.list(), [{ protocol: 'https', method: 'CONNECT', verdict: 'allow', address: '127.0.0.1' }]);
});

t.test('every form of the target is judged by its authority', async (t) => {
  const { port, target } = await setUp(t);
  const rows: [line: string, status: string, why: string][] = [
    [`CONNECT x@${target} HTTP/1.1`, '200 OK', 'case 15: user information is dropped'],
    [`CONNECT ok.test@evil.test:443 HTTP/1.1`, '403 Forbidden', 'case 15'],
    [`CONNECT http://${target}/ HTTP/1.1`, '200 OK', 'a URL'],
    ['CONNECT OK.TEST.:1 HTTP/1.1', '502 Bad Gateway', 'cases 5 and 6'],
    ['CONNECT evil.test HTTP/1.1', '403 Forbidden', 'no port'],
    ['CONNECT EVIL.test.:443 HTTP/1.1', '403 Forbidden', 'case 5'],
    ['CONNECT evil.test:22 HTTP/1.1', '403 Forbidden', 'any port'],
    ['CONNECT [::1]:443 HTTP/1.1', '403 Forbidden', 'a literal that is not listed'],
    ['CONNECT 2130706433:443 HTTP/1.1', '403 Forbidden', 'case 12'],
    ['CONNECT ok.test:1 HTTP/1.1', '502 Bad Gateway', 'nobody listens there'],
    ['CONNECT unknown.ok.test:443 HTTP/1.1', '502 Bad Gateway', 'no such name'],
    ['CONNECT ok.test:1 HTTP/1.0', '502 Bad Gateway', 'an old client'],
  ];
  for (const [line, status, why] of rows) {
    const conversation = await open(port);
    conversation.send(`${line}\r\n\r\n`);
    t.match(await conversation.until(/\r\n\r\n/), `HTTP/1.${line.slice(-1)} ${status}\r\n`, `${line}: ${why}`);
    conversation.socket.destroy();
  }
  const bad: [line: string, why: string][] = [
    ['CONNECT :443 HTTP/1.1', 'no host'],
    ['CONNECT / HTTP/1.1', 'a path'],
    ['CONNECT ok.test:99999 HTTP/1.1', 'case 14'],
    ['CONNECT ok.test:0 HTTP/1.1', 'case 14'],
    ['CONNECT [::1%25lo]:443 HTTP/1.1', 'case 3'],
    ['CONNECT ok..test:443 HTTP/1.1', 'case 4'],
  ];
  for (const [line, why] of bad) {
    const answer = await converse(port, `${line}\r\nConnection: close\r\n\r\n`);
    t.match(answer, /^HTTP\/1.1 400 .*\r\n\r\nmissing authority$/s, `${line}: ${why}`);
  }
  const malformed = ['CONNECT evil.test\0.ok.test:443 HTTP/1.1', 'CONNECT ok\t.test:443 HTTP/1.1', 'CONNECT  HTTP/1.1'];
  for (const line of malformed) {
    t.match(
      await converse(port, `${line}\r\n\r\n`),
      /^HTTP\/1.1 400 .*content-length: 0\r\n\r\n$/s,
      `cases 1 and 2: ${line}`,
    );
  }
});

t.test('a refused tunnel gets only the message, and the connection stays', async (t) => {
  const { port } = await setUp(t);
  const conversation = await open(port);
  conversation.send('CONNECT api.test:443 HTTP/1.1\r\n\r\n');
  t.equal(
    await conversation.until(/allowlist\.$/),
    'HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\nx-proxy-error: blocked-by-allowlist\r\ncontent-length: 24\r\n\r\nDomain not in allowlist.',
  );
  conversation.send('CONNECT evil.test:443 HTTP/1.1\r\nConnection: close\r\n\r\n');
  await conversation.until(/x-proxy-error: blocked-by-denylist\r\n.*\r\n\r\nDomain denied by the sandbox policy\.$/s);
});

t.test(
  'case 33: limited mode without TLS interception has no tunnels, because their content cannot be seen',
  async (t) => {
    const { service } = startService(t);
    const registration = await register(service, {
      policy: policyOf({ 'ok.test': 'allow' }, { allowLocalBinding: true, mode: 'limited' }),
    });
    t.teardown(() => void registration.finish({ treeGone: true }));
    const answer = await converse(
      portsOf(registration).http,
      'CONNECT ok.test:443 HTTP/1.1\r\nConnection: close\r\n\r\n',
    );
    t.match(answer, /blocked-by-method-policy\r\n.*\r\n\r\nMethod not allowed in limited mode\.$/s);
  },
);

t.test('case 49: a request inside a tunnel to another proxy of the command is judged like any other', async (t) => {
  const { port, registration } = await setUp(t);
  const socks = portsOf(registration).socks;
  // 127.0.0.1 is not listed, so the way back into the lane's own proxies is closed.
  t.match(await converse(port, `CONNECT 127.0.0.1:${socks} HTTP/1.1\r\nConnection: close\r\n\r\n`), /403 Forbidden/);
});

const BIG = Buffer.alloc(64 << 20, 'codexd-31-bytes-of-pattern-----');
const digest = (data: Buffer): string => createHash('sha1').update(data).digest('hex');

t.test('case 35: 64 MiB are sent and received byte-exact, and each side’s end is passed on', async (t) => {
  const { port, target } = await setUp(t, (socket) => {
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    socket.on('end', () => socket.end(Buffer.concat(pieces))); // answers only after the client's half-close
  });
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write(`CONNECT ${target} HTTP/1.1\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.end(BIG);
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  const received = Buffer.concat(pieces);
  t.equal(received.length, BIG.length);
  t.equal(digest(received), digest(BIG));
});

t.test('a client that reads slowly gets everything, in order', async (t) => {
  const { port, target } = await setUp(t, (socket) => socket.once('data', () => socket.end(BIG)));
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write(`CONNECT ${target} HTTP/1.1\r\n\r\ngo`);
  const hash = createHash('sha1');
  let seen = -'HTTP/1.1 200 OK\r\n\r\n'.length;
  for await (const piece of socket as AsyncIterable<Buffer>) {
    hash.update(seen < 0 ? piece.subarray(-seen) : piece);
    seen += piece.length;
    if (seen % 7 === 0) await elapse(1, 'a reader that is slow now and then');
  }
  t.equal(seen, BIG.length);
  t.equal(hash.digest('hex'), digest(BIG));
  socket.destroy();
});

t.test('case 35: half-close works in the other direction, too', async (t) => {
  let received = '';
  const heard = new Promise<void>((resolve) => {
    void setUp(t, (socket) => {
      socket.end('bye'); // the server ends first and still listens
      socket.on('data', (piece: Buffer) => (received += piece.toString()));
      socket.on('end', resolve);
    }).then(async ({ port, target }) => {
      const conversation = await open(port);
      const ended = new Promise((done) => conversation.socket.once('end', done));
      conversation.send(`CONNECT ${target} HTTP/1.1\r\n\r\n`);
      await conversation.until(/bye$/);
      await ended;
      conversation.socket.end('still here');
    });
  });
  await heard;
  t.equal(received, 'still here');
});

t.test('case 35: a reset is passed on as a reset', async (t) => {
  const { port, target } = await setUp(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
  const conversation = await open(port);
  conversation.send(`CONNECT ${target} HTTP/1.1\r\n\r\n`);
  await conversation.until(/200 OK\r\n\r\n$/);
  const failed = new Promise<NodeJS.ErrnoException>((resolve) => conversation.socket.once('error', resolve));
  conversation.send('x');
  t.equal((await failed).code, 'ECONNRESET');
});

t.test('case 35: a client that disconnects releases its upstream at once', async (t) => {
  let upstreamClosed = (): void => {};
  const closed = new Promise<void>((resolve) => (upstreamClosed = resolve));
  const { port, target } = await setUp(t, (socket) => socket.on('close', upstreamClosed).resume());
  const conversation = await open(port);
  conversation.send(`CONNECT ${target} HTTP/1.1\r\n\r\n`);
  await conversation.until(/200 OK/);
  conversation.socket.resetAndDestroy();
  await closed;
  t.pass('the upstream was closed');
});

t.test('a client that does not read pauses the upstream instead of filling memory', async (t) => {
  let written = 0;
  const { port, target } = await setUp(t, (socket) => {
    const piece = Buffer.alloc(1 << 20);
    const more = (): void => {
      while (written++ < 256 && socket.write(piece));
    };
    socket.on('drain', more);
    more();
  });
  const conversation = await open(port);
  conversation.send(`CONNECT ${target} HTTP/1.1\r\n\r\n`);
  await conversation.until(/200 OK/);
  conversation.socket.pause();
  await settled(() => written, 'what is sent ahead of the reader', 200);
  t.ok(written < 64, `stopped after ${written} MiB of 256`);
  conversation.socket.destroy();
});
