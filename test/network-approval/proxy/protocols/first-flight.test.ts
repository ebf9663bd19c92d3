import net from 'node:net';
import tls from 'node:tls';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { parseClientHello } from '../../../../server/network-approval/proxy/protocols/client-hello.js';
import type { RegisterOptions } from '../../../../server/network-approval/registration/registration.js';
import { policyOf } from '../../support/policy.js';
import { portsOf, register, startService } from '../../support/service.js';
import { open, startTcp, type Conversation } from '../../support/wire.js';
import { elapse, until } from '../../../fixtures/until.js';

/** What Node's TLS client sends first. */
async function helloFor(t: Test, servername: string | undefined): Promise<Buffer> {
  let heard = (_bytes: Buffer): void => {};
  const first = new Promise<Buffer>((resolve) => (heard = resolve));
  const server = await startTcp((socket) => socket.once('data', heard));
  const socket = tls.connect({
    port: server.port,
    host: '127.0.0.1',
    ...(servername === undefined ? {} : { servername }),
  });
  socket.on('error', () => {});
  const bytes = await first;
  socket.destroy();
  server.close();
  t.ok(bytes.length > 100, 'a real ClientHello');
  return bytes;
}

t.test('the server name of a real ClientHello', async (t) => {
  t.strictSame(parseClientHello(await helloFor(t, 'Front.ok.test')), { kind: 'hello', serverName: 'Front.ok.test' });
  t.strictSame(
    parseClientHello(await helloFor(t, undefined)),
    { kind: 'hello', serverName: null },
    'a client without one',
  );
});

t.test('an incomplete one is partial, for any cut and any division into records', async (t) => {
  const hello = await helloFor(t, 'ok.test');
  for (let length = 1; length < hello.length; length++) {
    if (parseClientHello(hello.subarray(0, length)).kind !== 'partial') t.fail(`cut at ${length}`);
  }
  const message = hello.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += 40) {
    const part = message.subarray(at, at + 40);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  t.strictSame(parseClientHello(Buffer.concat(records)), { kind: 'hello', serverName: 'ok.test' });
});

t.test('bytes that begin like TLS but are not a ClientHello are invalid, whatever follows', async (t) => {
  const hello = await helloFor(t, 'ok.test');
  const changed = (at: number, to: number): Buffer => {
    const copy = Buffer.from(hello);
    copy[at] = to;
    return copy;
  };
  t.equal(parseClientHello(Buffer.from('SSH-2.0-x\r\n')).kind, 'other', 'another protocol');
  t.equal(parseClientHello(changed(1, 0x10)).kind, 'other', 'no version that a server would go on with');
  t.equal(parseClientHello(changed(1, 2)).kind, 'hello', 'the version of a record is to be ignored (RFC 8446 §5.1)');
  const alert = Buffer.from([21, 3, 1, 0, 2, 1, 90]);
  t.equal(parseClientHello(Buffer.concat([alert, hello])).kind, 'broken', 'an alert that some servers pass over');
  const after = Buffer.concat([hello, Buffer.from([22, 2, 1, 0, 0])]);
  t.match(parseClientHello(after), { kind: 'hello', serverName: 'ok.test' }, 'what follows does not unsay it');
  const rows: [bytes: Buffer, why: string][] = [
    [changed(0, 23), 'application data'],
    [changed(5, 2), 'a ServerHello'],
    [Buffer.from([22, 3, 1, 0, 0]), 'an empty record'],
    [Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0]), 'an empty message'],
    [
      Buffer.concat([hello.subarray(0, 3), Buffer.from([0, 9]), hello.subarray(5, 14), Buffer.from([21, 3, 1])]),
      'a record of another kind in the middle',
    ],
  ];
  for (const [bytes, why] of rows) t.equal(parseClientHello(bytes).kind, 'broken', why);
});

t.test('no bytes make the parser throw', async (t) => {
  const hello = await helloFor(t, 'ok.test');
  const mangled = fc.array(fc.tuple(fc.nat(hello.length - 1), fc.nat(255)), { maxLength: 6 }).map((changes) => {
    const copy = Buffer.from(hello);
    for (const [at, to] of changes) copy[at] = to;
    return copy;
  });
  const any = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(mangled, any), (bytes) => parseClientHello(bytes).kind !== undefined),
    { numRuns: 2000 },
  );
});

async function setUp(t: Test, changes: Partial<RegisterOptions> = {}) {
  const received: Buffer[] = [];
  const { service, decisions } = startService(t);
  const upstream = await startTcp((socket) => {
    socket.on('data', (piece: Buffer) => {
      received.push(piece);
      socket.write('answered');
    });
  });
  t.teardown(() => upstream.close());
  const registration = await register(service, changes);
  const through = async (host: string): Promise<Conversation> => {
    const conversation = await open(portsOf(registration).http);
    conversation.send(`CONNECT ${host}:${upstream.port} HTTP/1.1\r\n\r\n`);
    await conversation.until(/200 OK\r\n\r\n/);
    return conversation;
  };
  return { received, decisions, registration, upstream, through };
}

t.test('case 30: TLS for another host inside an allowed tunnel is judged as that host', async (t) => {
  const policy = policyOf(
    { '**.ok.test': 'allow', '127.0.0.1': 'allow', 'evil.test': 'deny' },
    { allowLocalBinding: true },
  );
  const { received, through, decisions } = await setUp(t, { policy });
  const rows: [tunnel: string, name: string | undefined, passes: boolean, why: string][] = [
    ['ok.test', 'ok.test', true, 'the same'],
    ['ok.test', 'OK.test', true, 'the same but for case'],
    ['ok.test', 'cdn.ok.test', true, 'another that is allowed itself'],
    ['ok.test', undefined, true, 'none'],
    ['127.0.0.1', 'api.test', true, 'a tunnel to an address that is allowed by number'],
    ['127.0.0.1', 'evil.test', false, 'a denied name in a tunnel that is allowed by number'],
    ['ok.test', 'evil.test', false, 'fronting for a denied host'],
    ['ok.test', 'api.test', false, 'fronting for an unlisted host'],
  ];
  for (const [tunnel, name, passes, why] of rows) {
    const conversation = await through(tunnel);
    const hello = await helloFor(t, name);
    conversation.send(hello.subarray(0, 50));
    await new Promise((resolve) => setImmediate(resolve));
    const before = received.length;
    conversation.send(hello.subarray(50));
    if (passes) await conversation.until(/answered$/);
    else await t.rejects(conversation.until(/answered/), /closed before/, why);
    if (!passes) t.equal(received.length, before, 'not a byte went out');
    else t.ok(received.length > 0, why);
    conversation.socket.destroy();
  }
  t.match(decisions.list().at(-1), { host: 'api.test', verdict: 'deny', reason: 'not_allowed', method: 'CONNECT' });
});

t.test('case 30: another name inside cancels the command like any other request', async (t) => {
  const { through, registration } = await setUp(t, { onDenial: 'cancel' });
  const conversation = await through('ok.test');
  conversation.send(await helloFor(t, 'evil.test'));
  await new Promise<void>((resolve) => registration.signal.addEventListener('abort', () => resolve()));
  t.equal(conversation.received(), 'HTTP/1.1 200 OK\r\n\r\n');
  const denial = registration.finish({ treeGone: true });
  t.match(denial, { host: 'evil.test', protocol: 'https', rule: 'evil.test' });
});

t.test('case 30: bytes that are neither TLS nor HTTP pass unchanged, on any port', async (t) => {
  const { through } = await setUp(t);
  for (const bytes of ['SSH-2.0-x\r\n', 'ping', 'GET ', 'EHLO evil.test\r\n', '\0\x01', 'GET /\r\n']) {
    const conversation = await through('ok.test');
    conversation.send(bytes);
    await conversation.until(/answered$/);
    conversation.socket.destroy();
  }
});

t.test('case 30: plain HTTP for another host inside an allowed tunnel is judged as that host', async (t) => {
  const policy = policyOf({ '**.ok.test': 'allow', '127.0.0.1': 'allow' }, { allowLocalBinding: true });
  const { received, through, decisions } = await setUp(t, { policy });
  const head = (line: string, ...hosts: string[]): string =>
    `${line}\r\n${hosts.map((host) => `Host: ${host}\r\n`).join('')}\r\n`;
  const rows: [tunnel: string, bytes: string, passes: boolean, why: string][] = [
    ['ok.test', head('GET / HTTP/1.1', 'ok.test'), true, 'the same'],
    ['ok.test', head('GET / HTTP/1.1', 'OK.test.:8080'), true, 'the same in other letters'],
    ['ok.test', head('GET / HTTP/1.1', 'cdn.ok.test'), true, 'another that is allowed itself'],
    ['ok.test', head('GET / HTTP/1.0'), true, 'none'],
    ['127.0.0.1', head('GET / HTTP/1.1', 'evil.test'), true, 'a tunnel to an address that is allowed by number'],
    ['ok.test', head('GET / HTTP/1.1', 'evil.test'), false, 'fronting'],
    ['ok.test', head('brew /pot?x HTTP/1.1', 'evil.test'), false, 'any method'],
    ['ok.test', head('GET http://evil.test/ HTTP/1.1', 'ok.test'), false, 'in the target'],
    ['ok.test', head('CONNECT evil.test:443 HTTP/1.1', 'ok.test'), false, 'a tunnel through a proxy behind the tunnel'],
    ['ok.test', `\r\n\n${head('GET / HTTP/1.1', 'evil.test')}`, false, 'empty lines before it'],
    ['ok.test', 'GET / HTTP/1.1\nHost: evil.test\n\n', false, 'bare line feeds, which some servers take'],
    ['ok.test', 'GET / HTTP/1.1\r\nHost: ok.test\r\n x: y\r\n\r\n', false, 'a folded line'],
    ['ok.test', head('GET\t/\tHTTP/1.1', 'evil.test'), false, 'tabs'],
    ['ok.test', head('GET / HTTP/1.1', 'ok.test', 'evil.test'), false, 'two Hosts'],
    ['ok.test', head('GET / HTTP/1.1', 'ok.test@evil.test'), false, 'user information'],
    ['ok.test', head('GET / HTTP/1.1', 'evil.test\x01'), false, 'a control character'],
    ['ok.test', head('GET /\x01 HTTP/1.1', 'evil.test'), false, 'a control character in the target'],
    ['ok.test', head('GET /\vHTTP/1.1', 'evil.test'), false, 'white space that some servers take'],
    ['ok.test', head('GET / HTTP/01.1', 'evil.test'), false, 'a version that is none'],
    ['ok.test', 'GET / HTTP/1.1\rHost: evil.test\r\r', false, 'bare carriage returns'],
    ['ok.test', head(' GET / HTTP/1.1', 'evil.test'), false, 'a blank in front'],
    ['ok.test', head('\tGET / HTTP/1.1', 'evil.test'), false, 'a tab in front'],
    ['ok.test', head('\xa0GET / HTTP/1.1', 'evil.test'), false, 'a Latin-1 blank in front'],
    ['ok.test', head('GET\x85/\x1cHTTP/1.1', 'evil.test'), false, 'separators that Python splits at'],
    ['ok.test', head(' GET / HTTP/1.1', 'ok.test'), false, 'a blank in front, whatever the host'],
    ['ok.test', head(`${'M'.repeat(300)} / HTTP/1.1`, 'evil.test'), false, 'a method of 300 letters'],
    ['ok.test', 'GET http://evil.test/\r\n', false, 'a request of HTTP/0.9 that names a host'],
    ['ok.test', 'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n', false, 'a line of the PROXY protocol'],
    ['ok.test', '\r\n\r\n\0\r\nQUIT\n\x21\x11', false, 'version 2 of the PROXY protocol'],
    ['ok.test', '\r\n\x16\x03\x01\x02\x00', false, 'an empty line before a ClientHello'],
    ['ok.test', '\0\0\0\x16\0\x12\0\x04', true, 'a length before another protocol'],
    ['ok.test', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', true, 'HTTP/2 with prior knowledge: its names cannot be seen'],
  ];
  for (const [tunnel, bytes, passes, why] of rows) {
    received.length = 0;
    const conversation = await through(tunnel);
    const end = new Promise((resolve) => conversation.socket.once('close', resolve));
    for (const octet of bytes) {
      conversation.send(octet); // the head ends in a piece of its own
      if (octet === '\n') await elapse(1, 'the line goes out in a packet of its own');
    }
    const arrived = (): string => Buffer.concat(received).toString('latin1');
    if (!passes) await end;
    else await until(() => arrived().length >= bytes.length, why);
    const whole = arrived();
    t.equal(whole === bytes, passes, `${why}: ${JSON.stringify(whole)}`);
    // Version 2 of the PROXY protocol begins with empty lines, which alone are no head.
    if (!passes && whole.trim() !== '') t.notMatch(whole, /\n\r?\n$/, `${why}: no server acts before a head has ended`);
    conversation.socket.destroy();
  }
  t.ok(decisions.list().some(({ verdict, host }) => verdict === 'deny' && host === 'evil.test'));
});

t.test('text without a line break passes, however long it is', async (t) => {
  const { received, through } = await setUp(t);
  for (const text of ['all-of-one-word-', 'some words and more ', '/x '].map((words) => words.repeat(5000))) {
    received.length = 0;
    const conversation = await through('ok.test');
    conversation.send(text);
    await until(() => Buffer.concat(received).length >= text.length, 'all of it arrives');
    t.equal(Buffer.concat(received).toString(), text);
    conversation.socket.destroy();
  }
});

t.test('case 30: a head without an end is not passed on without limit', async (t) => {
  const { through } = await setUp(t);
  const conversation = await through('ok.test');
  const end = new Promise((resolve) => conversation.socket.once('close', resolve));
  conversation.send('GET / HTTP/1.1\r\n');
  for (let i = 0; i < 80; i++) conversation.send(`x: ${'y'.repeat(1000)}\r\n`);
  await end;
  const long = await through('ok.test');
  const longEnd = new Promise((resolve) => long.socket.once('close', resolve));
  long.send('GET /');
  for (let i = 0; i < 40; i++) long.send('y'.repeat(1000));
  await longEnd;
  t.pass('both are closed');
});

t.test('a server that sends first is read before the client sends anything', async (t) => {
  const { service } = startService(t);
  const greeter = await startTcp((socket) => {
    socket.write('220 hello\r\n');
    socket.once('data', () => socket.end('221 bye\r\n'));
  });
  t.teardown(() => greeter.close());
  const registration = await register(service);
  const conversation = await open(portsOf(registration).http);
  conversation.send(`CONNECT ok.test:${greeter.port} HTTP/1.1\r\n\r\n`);
  await conversation.until(/220 hello\r\n$/);
  conversation.send('QUIT\r\n');
  await conversation.until(/221 bye\r\n$/);
});

t.test('SOCKS tunnels are examined, too', async (t) => {
  const { registration, upstream, received } = await setUp(t);
  const socket = net.connect({ port: portsOf(registration).socks, host: '127.0.0.1' }).unref();
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const name = Buffer.from('ok.test');
  socket.write(Buffer.from([5, 1, 0, 5, 1, 0, 3, name.length, ...name, upstream.port >> 8, upstream.port & 255]));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.write(await helloFor(t, 'evil.test'));
  socket.resume();
  await closed;
  t.strictSame(received, []);
});
