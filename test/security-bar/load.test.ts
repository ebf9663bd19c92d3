/** Security bar, case 35, and behaviour under load: bytes arrive as they were sent, and limits are answered. */
import crypto from 'node:crypto';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { proxiedConfig, startDaemon } from '../fixtures/daemon.js';
import { pattern, sha256 } from './support/pattern.js';
import { until } from '../fixtures/until.js';

t.setTimeout(300_000);

const MIB = 1024 * 1024;
const BYTES = 64 * MIB;
/** Concurrent connections of one command (server/network-approval/approval-service.ts). */
const MAX_CONNECTIONS = 256;
const LOAD = path.join(path.dirname(fileURLToPath(import.meta.url)), 'support', 'load.js');

const daemon = await startDaemon({
  config: `${proxiedConfig({ '127.0.0.1': 'allow', localhost: 'allow' })}\n[codexd.command_exec]\non_network_denial = "refuse"\n`,
});
const client = await daemon.connect();
t.teardown(() => daemon.stop());

async function load(...args: readonly (string | number)[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await client.request(
    'command/exec',
    { command: [process.execPath, LOAD, ...args.map(String)], timeoutMs: 120_000 },
    { timeoutMs: 130_000 },
  );
  if (exitCode !== 0) throw new Error(`${args.join(' ')} ended with ${exitCode}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}

async function listen(server: net.Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', 511, done));
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** Sends its data as fast as the other side accepts it. */
function pour(
  to: net.Socket | http.ServerResponse,
  pieces: Generator<Buffer>,
  done: () => void = () => void to.end(),
): void {
  // By hand: a `for` loop ends the generator when it leaves.
  const step = (): void => {
    for (let next = pieces.next(); !next.done; next = pieces.next()) if (to.destroyed || !to.write(next.value)) return;
    to.off('drain', step);
    done();
  };
  to.on('error', () => {}).on('drain', step);
  step();
}

interface Arrived {
  readonly way: string;
  readonly bytes: number;
  readonly digest: string;
  /** Whether the sender's end arrived. */
  readonly ended: boolean;
}
const arrived: Arrived[] = [];

function digestOf(way: string, stream: net.Socket | http.IncomingMessage): void {
  const hash = crypto.createHash('sha256');
  let ended = false;
  let bytes = 0;
  stream.on('data', (piece: Buffer) => {
    bytes += piece.length;
    hash.update(piece);
  });
  stream.on('end', () => (ended = true));
  stream.on('error', () => {});
  stream.on('close', () => arrived.push({ way, bytes, digest: hash.digest('hex'), ended }));
}

/** Both directions at once. Our end follows when both are complete: the client waits for it. */
const raw = await listen(
  net.createServer({ allowHalfOpen: true }, (socket) => {
    digestOf('tunnel', socket);
    const come = new Promise((resolve) => socket.once('end', resolve));
    pour(socket, pattern('down', BYTES), () => void come.then(() => socket.end()));
  }),
);
/** The request's body first: an earlier answer would end it. */
const web = await listen(
  http.createServer((request, response) => {
    digestOf(request.url ?? '', request);
    if (request.url === '/length') response.setHeader('Content-Length', BYTES);
    request.on('end', () => pour(response, pattern('down', BYTES)));
  }),
);
const echo = await listen(
  net.createServer({ allowHalfOpen: true }, (socket) => void socket.on('error', () => {}).pipe(socket)),
);

t.test(
  'case 35: 64 MiB are sent and received byte-exact through CONNECT, SOCKS5 and HTTP, simultaneously and under other load',
  async (t) => {
    const up = sha256(pattern('up', BYTES));
    const down = sha256(pattern('down', BYTES));
    const ways = [
      ['connect', raw],
      ['socks', raw],
      ['length', web],
      ['chunked', web],
    ] as const;
    const noise = Array.from({ length: 3 }, () => load('tunnels', 'connect', `127.0.0.1:${echo}`, 60));
    const moved = await Promise.all(ways.map(([way, port]) => load('transfer', way, `127.0.0.1:${port}`, BYTES)));
    for (const [index, [way]] of ways.entries())
      t.match(moved[index], { sent: up, received: down, bytes: BYTES }, `${way}: what comes down`);
    await until(() => arrived.length >= ways.length, 'all uploads end');
    t.strictSame(
      arrived.sort((a, b) => a.way.localeCompare(b.way)),
      ['/chunked', '/length', 'tunnel', 'tunnel'].map((way) => ({ way, bytes: BYTES, digest: up, ended: true })),
      'what goes up, to its end',
    );
    t.ok(
      (await Promise.all(noise)).every(({ open }) => open === 60),
      'and the load beside it',
    );
  },
);

t.test('case 35: a half-closed tunnel passes the later answer', async (t) => {
  const late = await listen(
    net.createServer({ allowHalfOpen: true }, (socket) => {
      const pieces: Buffer[] = [];
      socket.on('data', (piece: Buffer) => pieces.push(piece));
      socket.on('end', () => setTimeout(() => socket.end(Buffer.concat([Buffer.from('after: '), ...pieces])), 200));
    }),
  );
  for (const way of ['connect', 'socks']) {
    const result = await load('transfer', way, `127.0.0.1:${late}`, 10);
    t.equal(result['received'], sha256([Buffer.from('after: '), ...pattern('up', 10)]), way);
  }
});

t.test(
  'case 35: a client that disconnects releases the upstream at once: by close, by reset, by its death',
  async (t) => {
    const open = new Set<net.Socket>();
    let stood = 0;
    const endless = await listen(
      net.createServer((socket) => {
        stood++;
        open.add(socket);
        socket.on('close', () => open.delete(socket));
        socket.on('error', () => {});
        pour(socket, pattern('endless', 1024 * MIB));
      }),
    );
    const ends = {
      close: 's.destroy()',
      reset: 's.resetAndDestroy()',
      'its death': 'process.kill(process.pid, "SIGKILL")',
    };
    for (const [n, [name, end]] of Object.entries(ends).entries()) {
      const script = `
      const s = require("net").connect({ host: "127.0.0.1", port: Number(new URL(process.env.HTTP_PROXY).port) });
      s.write("CONNECT 127.0.0.1:${endless} HTTP/1.1\\r\\n\\r\\n");
      let seen = 0;
      s.on("data", (d) => { seen += d.length; if (seen > 3e6) { s.pause(); process.stdout.write("x"); ${end}; setTimeout(() => {}, 1500); } });`;
      const running = client.request('command/exec', { command: [process.execPath, '-e', script], timeoutMs: 20_000 });
      // It may have appeared and disappeared between two looks.
      await until(() => stood > n, `${name}: it stood`);
      t.equal(stood, n + 1, `${name}: once`);
      await until(() => open.size === 0, `${name}: it is free before the command ends`, 1200);
      await running;
    }
  },
);

t.test('a thousand simultaneous tunnels of twenty commands work', async (t) => {
  const commands = Array.from({ length: 20 }, (_, n) =>
    load('tunnels', n % 2 ? 'connect' : 'socks', `127.0.0.1:${echo}`, 50),
  );
  t.strictSame(
    await Promise.all(commands),
    commands.map(() => ({ open: 50, answers: {} })),
  );
});

t.test(
  "requests above a command's limit are answered: 503 by HTTP, reply 1 by SOCKS, without an effect on others",
  async (t) => {
    const over = 40;
    const [byConnect, bySocks, beside] = await Promise.all([
      load('tunnels', 'connect', `127.0.0.1:${echo}`, MAX_CONNECTIONS + over),
      load('tunnels', 'socks', `127.0.0.1:${echo}`, MAX_CONNECTIONS + over),
      load('tunnels', 'connect', `127.0.0.1:${echo}`, 20),
    ]);
    t.strictSame(byConnect, { open: MAX_CONNECTIONS, answers: { '503': over } });
    t.strictSame(bySocks, { open: MAX_CONNECTIONS, answers: { 'reply 1': over } });
    t.strictSame(beside, { open: 20, answers: {} });
  },
);
