import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { temporaryFolder } from '../../rpc/support.js';
import { until } from '../../fixtures/until.js';
import { startChild } from '../../fixtures/programs.js';

const CLI = fileURLToPath(new URL('../../../server/cli/main.js', import.meta.url));

/** Runs the command line; its standard input stays open until `end`. */
function codexd(t: Test, home: string, ...args: string[]) {
  const child = startChild(process.execPath, [CLI, ...args], { env: { CODEX_HOME: home } });
  t.teardown(() => child.kill('SIGKILL'));
  const out: Buffer[] = [];
  let err = '';
  child.stdout.on('data', (data: Buffer) => out.push(data));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  return {
    child,
    stdout: () => Buffer.concat(out),
    stderr: () => err,
    exited: new Promise<number | null>((resolve) => child.on('close', resolve)),
  };
}

/** A server on a unix socket that sends back what it gets, and ends when the other side does. */
async function echo(t: Test, file: string): Promise<net.Server> {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket));
  await new Promise<void>((resolve) => server.listen(file, resolve));
  t.teardown(() => server.close());
  return server;
}

t.test('proxy copies bytes both ways unchanged, and exits with 0 when the server closes its side', async (t) => {
  const home = temporaryFolder(t);
  await echo(t, path.join(home, 'app-server-control', 'app-server-control.sock'));
  const proxy = codexd(t, home, 'app-server', 'proxy');
  const bytes = Buffer.alloc(8 * 1024 * 1024, Buffer.from([0, 10, 13, 255, 128, 7]));
  proxy.child.stdin.end(bytes);
  t.equal(await proxy.exited, 0);
  t.ok(proxy.stdout().equals(bytes), `${proxy.stdout().length} bytes`);
  t.equal(proxy.stderr(), '');
});

t.test('proxy exits with 0 when the server ends, before or after the end of its input', async (t) => {
  const file = path.join(temporaryFolder(t), 'x.sock');
  const server = await echo(t, file);
  const connected = new Promise<net.Socket>((resolve) => server.once('connection', resolve));
  const proxy = codexd(t, temporaryFolder(t), 'app-server', 'proxy', '--sock', file);
  (await connected).destroy();
  t.equal(await proxy.exited, 0);
});

t.test('proxy reports the address without a listener, and the reason', async (t) => {
  const folder = temporaryFolder(t);
  const missing = path.join(folder, 'x.sock');
  const rows: [why: string, args: string[], where: string, reason: string][] = [
    ['no file', ['--sock', missing], missing, 'No such file or directory (os error 2)'],
    [
      'a relative path',
      ['--sock', path.relative(process.cwd(), missing)],
      missing,
      'No such file or directory (os error 2)',
    ],
    ['not a socket', ['--sock', folder], folder, 'Connection refused (os error 111)'],
    [
      'no default socket',
      [],
      `${folder}/app-server-control/app-server-control.sock`,
      'No such file or directory (os error 2)',
    ],
  ];
  for (const [why, args, where, reason] of rows) {
    const proxy = codexd(t, folder, 'app-server', 'proxy', ...args);
    t.equal(await proxy.exited, 1, why);
    t.equal(proxy.stderr(), `Error: failed to connect to socket at ${where}\n\nCaused by:\n    ${reason}\n`);
  }
});

t.test('daemon reports a running server, leaves it running, and starts no server', async (t) => {
  const home = temporaryFolder(t);
  const socketPath = path.join(home, 'app-server-control', 'app-server-control.sock');
  const run = async (...args: string[]) => {
    const daemon = codexd(t, home, 'app-server', 'daemon', ...args);
    return { code: await daemon.exited, out: daemon.stdout().toString(), err: daemon.stderr() };
  };
  t.match(await run('version'), { code: 1, err: `Error: failed to connect to ${socketPath}\n` });
  const stopped = await run('stop');
  t.equal(stopped.code, 0);
  t.same(JSON.parse(stopped.out), {
    status: 'notRunning',
    managedCodexPath: path.join(home, 'packages/app-server-daemon/current/bin/codex'),
    managedCodexVersion: null,
    socketPath,
    cliVersion: '0.171.0',
  });
  t.match(await run('start'), { code: 1, err: /^Error: .*`app-server daemon start` is not supported/ });
  const fixture = fileURLToPath(new URL('../../fixtures/rpc-daemon.js', import.meta.url));
  const server = startChild(process.execPath, [fixture, '--listen', 'unix://'], {
    env: { CODEX_HOME: home },
    stdio: 'ignore',
  });
  t.teardown(() => server.kill('SIGKILL'));
  await until(() => fs.existsSync(socketPath), 'the server listens');
  const version = await run('version');
  t.match(JSON.parse(version.out), {
    status: 'running',
    socketPath,
    cliVersion: '0.171.0',
    appServerVersion: '0.169.0',
  });
  t.match(await run('stop'), {
    code: 1,
    err: 'Error: app server is running but is not managed by codex app-server daemon\n',
  });
  t.equal(server.exitCode, null, 'it still runs');
});

t.test('clients can parse the version; usage errors exit with 2, other errors with 1', async (t) => {
  const home = temporaryFolder(t);
  const version = codexd(t, home, '--version');
  t.equal(await version.exited, 0);
  t.match(version.stdout().toString(), /^codex-cli 0\.171\.0 \(codexd \d+\.\d+\.\d+\)\n$/);
  const help = codexd(t, home, 'app-server', '--help');
  t.equal(await help.exited, 0);
  const bare = codexd(t, home);
  t.equal(await bare.exited, 2);
  const wrong = codexd(t, home, 'app-server', '--listen', 'foo');
  t.equal(await wrong.exited, 2);
  t.match(wrong.stderr(), /^error: invalid value 'foo'/);
  const off = codexd(t, home, 'app-server', '--listen', 'off', '--ws-issuer', 'x');
  t.equal(await off.exited, 1);
  t.match(off.stderr(), /^Error: websocket auth flags require/);
});
