import t from 'tap';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConnectError, connectStdio, connectUnixSocket, connectWebSocket } from '../../../clients/typescript/index.js';
import { failure } from './failure.js';
import { IDENTITY, scriptedServer } from './scripted-server.js';

const dir = mkdtempSync(path.join(tmpdir(), 'codexd-client-'));
t.teardown(() => rmSync(dir, { recursive: true }));

t.test('a failed first connection rejects at once with the address and the reason', async (t) => {
  const refusing = await scriptedServer();
  refusing.refuseWith = 401;
  t.teardown(() => refusing.close());
  const rows: [what: string, connect: () => Promise<unknown>, error: RegExp][] = [
    ['nobody listens', () => connectWebSocket('ws://127.0.0.1:1'), /ws:\/\/127\.0\.0\.1:1: connect ECONNREFUSED/],
    ['HTTP instead of an upgrade', () => connectWebSocket(refusing.url), /answered HTTP 401: not today/],
    ['no socket', () => connectUnixSocket(path.join(dir, 'none.sock')), /none\.sock: connect ENOENT/],
    ['no program', () => connectStdio({ command: path.join(dir, 'none') }), /none cannot be started: .*ENOENT/],
    [
      'a program that ends',
      () => node('console.error("bad flag"); process.exit(2)'),
      /ended \(exit code 2\): bad flag/,
    ],
    ['a program that speaks something else', () => node('console.log("hello")'), /not JSON: "hello"/],
  ];
  for (const [what, connect, message] of rows) {
    const error = await connect().catch((e: unknown) => e);
    t.ok(error instanceof ConnectError, what);
    t.match(error, { message }, what);
  }
});

t.test('a listener that never answers the upgrade or initialize fails at the connect timeout', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => {}));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  t.match(await failure(connectWebSocket(`ws://127.0.0.1:${port}`, { connectTimeoutMs: 50 })), { kind: 'connect' });
  await t.rejects(node('process.stdin.resume()', { connectTimeoutMs: 50 }), /no answer to initialize within 50 ms/);
});

t.test('a unix socket path above the system’s limit works as a link to a short path', async (t) => {
  const short = path.join(dir, 's.sock');
  const server = await scriptedServer(undefined, short);
  t.teardown(() => server.close());
  const long = path.join(dir, `${'long'.repeat(40)}.sock`);
  symlinkSync(short, long);
  const client = await connectUnixSocket(long, { reconnect: false });
  t.strictSame(client.server, IDENTITY);
  await client.close();
});

/** A stdio server made of one line of JavaScript. */
const node = (source: string, options = {}) =>
  connectStdio({ command: process.execPath, args: ['-e', source], ...options });
