import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import t, { type Test } from 'tap';
import { socketAddress } from '../../../server/rpc/transports/socket-address.js';
import { socketsFolder } from '../../../server/system/files/scratch.js';
import { dialInitialized, startDaemon, temporaryFolder, type Daemon } from '../support.js';
import { until } from '../../fixtures/until.js';
import { runToEnd } from '../../fixtures/programs.js';

const LIST = 'thread/loaded/list';

/** Starts a daemon on this path; resolves when somebody accepts there. */
async function listening(t: Test, file: string): Promise<Daemon> {
  const daemon = startDaemon(t, ['--listen', `unix://${file}`]);
  let over = false;
  void daemon.exited.then(() => (over = true));
  await until(() => {
    if (over) throw new Error(`the daemon ended: ${daemon.stderr()}`);
    return accepts(file);
  }, 'the daemon listens');
  return daemon;
}

function accepts(file: string): Promise<boolean> {
  const address = socketAddress(file);
  return new Promise((resolve) => {
    const end = (value: boolean) => () => {
      socket.destroy();
      address.close();
      resolve(value);
    };
    const socket = net.connect(address.path, end(true));
    socket.on('error', end(false));
  });
}

/** Sends bytes and reads until the server closes. */
function exchange(file: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = net.connect(file, () => socket.write(bytes, 'latin1'));
    socket.on('data', (data) => (answer += data));
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
  });
}

const kinds = (folder: string): string[] => fs.readdirSync(folder).sort();

t.test('WebSocket over the socket, on any path, private to its user, removed after the end', async (t) => {
  const folder = path.join(temporaryFolder(t), 'a', 'b');
  const file = path.join(folder, 'x.sock');
  const daemon = await listening(t, file);
  t.equal(fs.statSync(file).mode & 0o777, 0o600);
  t.equal(fs.statSync(folder).mode & 0o777, 0o700);
  t.equal(fs.statSync(path.dirname(folder)).mode & 0o777, 0o700);
  for (const where of ['/', '/rpc', '/readyz', '/any?q=1']) {
    const client = await dialInitialized(t, `ws+unix://${file}:${where}`, { headers: { origin: 'http://x' } });
    t.match(await client.request(1, LIST), { result: { data: [] } }, where);
  }
  const headers =
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
  const upgraded = exchange(file, `GET /rpc HTTP/1.1\r\nHost: x\r\n${headers}\r\n\x88\x80\0\0\0\0`);
  t.match(await upgraded, /x-codex-websocket-max-unfragmented-message-bytes: 16777216\r\n/);
  t.equal(await exchange(file, `{"id":1,"method":"${LIST}","params":{}}\n`), '', 'JSON lines get no byte');
  t.equal(await exchange(file, 'GET /other HTTP/1.1\r\nHost: x\r\n\r\n'), '', 'nor does plain HTTP');
  t.equal(await exchange(file, 'GET /%72eadyz HTTP/1.1\r\nHost: x\r\n\r\n'), '', 'a page has one spelling');
  const page = `GET /readyz HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nConnection: close\r\n\r\n`;
  t.match(await exchange(file, page), /^HTTP\/1\.1 200 OK\r\n/, 'but for the pages of health and metrics');
  t.match(await exchange(file, page.replace('GET', 'POST')), /^HTTP\/1\.1 405 .*\r\nallow: GET,HEAD\r\n/i);
  t.same(kinds(folder), ['x.sock'], 'and nothing else lies there');
  daemon.process.kill('SIGTERM');
  t.equal(await daemon.exited, 0);
  t.same(kinds(folder), []);
  t.equal(daemon.stdout() + daemon.stderr(), '');
});

t.test('an existing folder keeps its mode; a relative path starts at the working directory', async (t) => {
  const folder = temporaryFolder(t);
  fs.chmodSync(folder, 0o755);
  const file = path.relative(process.cwd(), path.join(folder, 'x.sock'));
  await listening(t, file);
  t.equal(fs.statSync(folder).mode & 0o777, 0o755);
});

t.test('a running server keeps its socket; the second one names it and ends with 1', async (t) => {
  const file = path.join(temporaryFolder(t), 'x.sock');
  await listening(t, file);
  const second = startDaemon(t, ['--listen', `unix://${file}`]);
  t.equal(await second.exited, 1);
  t.equal(second.stderr(), `Error: app-server control socket is already in use at ${file}\n`);
  t.match(await (await dialInitialized(t, `ws+unix://${file}:/`)).request(1, LIST), { result: {} });
  t.same(kinds(path.dirname(file)), ['x.sock']);
});

t.test('the next start replaces the socket of a killed server', async (t) => {
  const file = path.join(temporaryFolder(t), 'x.sock');
  const first = await listening(t, file);
  first.process.kill('SIGKILL');
  await first.exited;
  t.ok(fs.existsSync(file));
  fs.writeFileSync(path.join(path.dirname(file), 'other.txt'), '');
  const second = await listening(t, file);
  t.match(await (await dialInitialized(t, `ws+unix://${file}:/`)).request(1, LIST), { result: {} });
  t.same(kinds(path.dirname(file)), ['other.txt', 'x.sock']);
  second.process.kill('SIGTERM');
  await second.exited;
  t.same(kinds(path.dirname(file)), ['other.txt']);
});

t.test('a file, a folder, or a symlink to one is unchanged, and the start fails', async (t) => {
  const folder = temporaryFolder(t);
  const make: Readonly<Record<string, (file: string) => void>> = {
    file: (file) => fs.writeFileSync(file, 'precious'),
    folder: (file) => fs.mkdirSync(file),
    link: (file) => fs.symlinkSync(path.join(folder, 'file'), file),
  };
  for (const [name, create] of Object.entries(make)) {
    const file = path.join(folder, name);
    create(file);
    const daemon = startDaemon(t, ['--listen', `unix://${file}`]);
    t.equal(await daemon.exited, 1);
    t.equal(daemon.stderr(), `Error: app-server control socket path exists and is not a socket: ${file}\n`);
  }
  t.equal(fs.readFileSync(path.join(folder, 'file'), 'utf8'), 'precious');
  t.same(kinds(folder), ['file', 'folder', 'link']);
});

t.test(
  'a folder that is another user’s symlink is refused',
  { skip: process.getuid!() !== 0 && 'needs root' },
  async (t) => {
    const folder = temporaryFolder(t);
    const link = path.join(folder, 'link');
    fs.symlinkSync(folder, link);
    fs.lchownSync(link, 12345, 12345);
    const daemon = startDaemon(t, ['--listen', `unix://${link}/x.sock`]);
    t.equal(await daemon.exited, 1);
    t.match(daemon.stderr(), /is a symlink of another user/);
    fs.lchownSync(link, 0, 0);
    await listening(t, path.join(link, 'x.sock'));
  },
);

t.test('many simultaneous starts with an old socket: exactly one wins', async (t) => {
  const file = path.join(temporaryFolder(t), 'x.sock');
  const dead = await listening(t, file);
  dead.process.kill('SIGKILL');
  await dead.exited;
  const starts = Array.from({ length: 6 }, () => startDaemon(t, ['--listen', `unix://${file}`]));
  const ended: number[] = [];
  await new Promise<void>((resolve) => {
    for (const { exited } of starts) {
      void exited.then((code) => {
        ended.push(code as number);
        if (ended.length === starts.length - 1) resolve();
      });
    }
  });
  t.same(ended, [1, 1, 1, 1, 1]);
  t.match(await (await dialInitialized(t, `ws+unix://${file}:/`)).request(1, LIST), { result: {} });
  t.same(kinds(path.dirname(file)), ['x.sock']);
});

t.test('with any name, a daemon listens in the folder that every sandbox masks', async (t) => {
  const short = socketsFolder();
  for (const folder of [temporaryFolder(t), path.join(temporaryFolder(t), 'x'.repeat(120))]) {
    const file = path.join(folder, 'x.sock');
    const first = await listening(t, file);
    const real = fs.realpathSync(file);
    t.equal(path.dirname(real), short);
    t.equal(fs.statSync(real).mode & 0o777, 0o600);
    t.equal(fs.statSync(short).mode & 0o777, 0o700);
    t.match(await (await dialInitialized(t, `ws+unix://${real}:/`)).request(1, LIST), { result: { data: [] } });
    const rival = startDaemon(t, ['--listen', `unix://${file}`]);
    t.equal(await rival.exited, 1);
    t.match(rival.stderr(), /already in use/);
    first.process.kill('SIGKILL');
    await first.exited;
    const second = await listening(t, file);
    t.notOk(fs.existsSync(real), 'the socket of the killed server is gone');
    second.process.kill('SIGTERM');
    t.equal(await second.exited, 0);
    t.same(kinds(folder), []);
  }
});

t.test('a socket of another program without a listener is replaced', async (t) => {
  const file = path.join(temporaryFolder(t), 'x.sock');
  const script = `require('net').createServer().listen(${JSON.stringify(file)}, () => process.kill(process.pid, 'SIGKILL'))`;
  runToEnd(process.execPath, ['-e', script]);
  t.ok(fs.lstatSync(file).isSocket());
  await listening(t, file);
  t.ok(fs.lstatSync(file).isSymbolicLink());
});
