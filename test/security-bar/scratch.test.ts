/**
 * Security bar, cases 76 to 80: no file of the daemon has a name where commands can see it, and no sandboxed command
 * reaches a daemon of its user. Real commands in the real sandbox of a real daemon.
 */
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { connectStdio } from '../../clients/typescript/index.js';
import { startDaemon } from '../fixtures/daemon.js';
import { packageRoot } from '../../server/package/package-root.js';
import { socketsFolder } from '../../server/system/files/scratch.js';
import { needsPython, PYTHON } from './support/name-watch.js';
import { elapse, until } from '../fixtures/until.js';
import { startChild } from '../fixtures/programs.js';

t.setTimeout(300_000);

const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-scratch-'));
t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
const tmpdir = path.join(root, 'tmp');
fs.mkdirSync(tmpdir);
const daemon = await startDaemon({ root, env: { TMPDIR: tmpdir } });
t.teardown(() => daemon.stop());
const client = await daemon.connect();
const { home, work } = daemon;

const READ = { type: 'readOnly' };
const WRITE = {
  type: 'workspaceWrite',
  writableRoots: [tmpdir],
  excludeTmpdirEnvVar: false,
  excludeSlashTmp: false,
};
const DIRECT = { ...WRITE, networkAccess: true };
const OPEN = { type: 'dangerFullAccess' };

const run = (command: readonly string[], sandboxPolicy: object, params: object = {}) =>
  client.request(
    'command/exec',
    { command: [...command], cwd: work, sandboxPolicy: sandboxPolicy as never, timeoutMs: 60_000, ...params },
    { timeoutMs: 120_000 },
  );

/** Commands of every kind at once; each must return its own output. */
async function commandsOfAllKinds(count: number): Promise<void> {
  const kinds = [READ, WRITE, DIRECT, OPEN];
  for (let from = 0; from < count; from += 20) {
    const batch = Array.from({ length: 20 }, async (_, n) => {
      const id = `c${from + n}`;
      const { stdout } = await run(['sh', '-c', `echo ${id}; echo err > /dev/stderr`], kinds[n % kinds.length] ?? READ);
      if (stdout !== `${id}\n`) throw new Error(`${id} printed ${JSON.stringify(stdout)}`);
    });
    await Promise.all(batch);
  }
}

/** Opens every FIFO that it can find by name, writes into it, and reads from it. */
const SPY = `
import os, stat, sys, time
held, end = {}, time.time() + float(sys.argv[1])
print('looking', flush=True)
while time.time() < end:
    for top in sys.argv[2:]:
        for folder, folders, files in os.walk(top):
            for name in files + folders:
                file = os.path.join(folder, name)
                try:
                    found = os.lstat(file)
                    if stat.S_ISFIFO(found.st_mode) or 'codexd-pipes' in name:
                        held[file] = os.open(file, os.O_RDWR | os.O_NONBLOCK)
                        os.write(held[file], b'forged\\n')
                except OSError:
                    pass
print('held', len(held), flush=True)
`;

t.test('case 76: a spy finds no pipe of others while many run', { skip: needsPython }, async (t) => {
  for (const policy of [READ, WRITE]) {
    const spy = run([PYTHON ?? '', '-c', SPY, '8', tmpdir, work, home, '/dev/shm'], policy);
    await commandsOfAllKinds(60);
    t.equal((await spy).stdout, 'looking\nheld 0\n');
  }
});

t.test('case 77: pipes have no name, and only the command holds its ends', async (t) => {
  for (const policy of [READ, WRITE, OPEN]) {
    const { stdout } = await run(['sh', '-c', 'readlink /proc/self/fd/1 | cat; ls -l /proc/$$/fd/2'], policy);
    t.match(stdout, /pipe:\[\d+\]\n.*pipe:\[\d+\]\n$/);
  }
});

/** A second daemon of this user, with its own home, temporary folder and socket. */
async function otherDaemon(name: string, listen: string): Promise<{ file: string; process: ChildProcess }> {
  const base = path.join(root, name);
  const codexHome = path.join(base, 'home');
  fs.mkdirSync(codexHome, { recursive: true });
  const child = startChild(
    process.execPath,
    [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'app-server', '--listen', `unix://${listen}`],
    { env: { CODEX_HOME: codexHome, TMPDIR: base }, stdio: 'ignore' },
  );
  const file = listen || path.join(codexHome, 'app-server-control', 'app-server-control.sock');
  await until(() => {
    if (child.exitCode !== null) throw new Error('the daemon ended');
    return fs.existsSync(file);
  }, 'the daemon listens');
  return { file, process: child };
}

t.test('case 78: the sockets of other daemons of this user cannot be reached', { skip: needsPython }, async (t) => {
  const others = [
    await otherDaemon('named', path.join(work, 'other.sock')),
    await otherDaemon('default', ''),
    await otherDaemon('long', path.join(root, 'l'.repeat(110), 'x.sock')),
  ];
  t.teardown(() => others.forEach((other) => other.process.kill()));
  const targets = others.flatMap(({ file }) => [file, fs.realpathSync(file)]);
  const script = `
import os, socket, sys
for file in sys.argv[1:]:
    try:
        s = socket.socket(socket.AF_UNIX)
        folder = os.open(os.path.dirname(file), os.O_PATH)
        s.connect('/proc/self/fd/%d/%s' % (folder, os.path.basename(file)))
        print('connected', file)
    except OSError: pass
print('end')
`;
  const attack = [PYTHON ?? '', '-c', script, ...targets];
  t.equal((await run(attack, DIRECT)).stdout, 'end\n');
  t.equal((await run(attack, OPEN)).stdout.split('\n').length, targets.length + 2, 'the control: without a sandbox');
  // One that starts while the command runs.
  const late = run(
    [
      'sh',
      '-c',
      `n=0; while [ ! -L ${work}/late.sock ] && [ $n -lt 200 ]; do n=$((n+1)); sleep 0.1; done; "$@"`,
      'x',
      ...attack,
      path.join(work, 'late.sock'),
    ],
    DIRECT,
  );
  await elapse(300, 'the attack runs before the daemon starts');
  others.push(await otherDaemon('late', path.join(work, 'late.sock')));
  t.equal((await late).stdout, 'end\n');
  t.equal((await run(['ls', '-A', socketsFolder()], DIRECT)).stdout, '', 'the folder itself is not there, or closed');
});

/** Upgrades to a WebSocket on a loopback port. argv: port, how. Prints the status line. */
const UPGRADE = `
import os, socket, sys, time
port, how = int(sys.argv[1]), sys.argv[2]
request = b'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n'
if how == 'mapped':
    s = socket.socket(socket.AF_INET6)
    s.connect(('::ffff:127.0.0.1', port))
else:
    s = socket.socket()
    s.connect(('127.0.0.1', port))
if how == 'undumpable':
    import ctypes
    ctypes.CDLL(None).prctl(4, 0)
s.sendall(request)
if how == 'in flight':
    a, b = socket.socketpair()
    socket.send_fds(a, [b'x'], [s.fileno()])
    s.close()
    time.sleep(2)
    _, (fd,), _, _ = socket.recv_fds(b, 1, 1)
    s = socket.socket(fileno=fd)
if how == 'fork hop':
    for _ in range(300):
        if os.fork(): os._exit(0) if _ else time.sleep(3) or os._exit(0)
print((s.recv(100).split(b'\\r\\n')[0] or b'closed').decode(), flush=True)
`;

t.test('case 79: a command with the host’s network does not count as the person', { skip: needsPython }, async (t) => {
  const { port } = new URL(daemon.url);
  const upgrade = async (how: string, policy: object): Promise<string> =>
    (await run([PYTHON ?? '', '-c', UPGRADE, port, how], policy)).stdout;
  for (const how of ['plain', 'mapped', 'undumpable', 'in flight']) {
    t.match(await upgrade(how, DIRECT), /^HTTP\/1\.1 403 /, how);
    t.match(await upgrade(how, OPEN), /^HTTP\/1\.1 101 /, `${how}, without a sandbox`);
  }
  t.notMatch(await upgrade('fork hop', DIRECT), /101/);
  const busy = run(['sleep', '5'], DIRECT);
  const second = await daemon.connect();
  t.ok(await second.request('thread/loaded/list', {}), 'a client connects while such a command runs');
  await second.close();
  await busy;
});

t.test('case 79: requests before the connection is closed are not executed', { skip: needsPython }, async (t) => {
  const { port } = new URL(daemon.url);
  const touched = path.join(root, 'touched');
  const script = `
import base64, json, os, socket, struct, sys
s = socket.socket()
s.connect(('127.0.0.1', int(sys.argv[1])))
def frame(message):
    data = json.dumps(message).encode()
    return b'\\x81' + (bytes([0x80 | len(data)]) if len(data) < 126 else b'\\xfe' + struct.pack('>H', len(data))) + b'\\0\\0\\0\\0' + data
s.sendall(b'GET / HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n'
  + frame({'id': 1, 'method': 'initialize', 'params': {'clientInfo': {'name': 'x', 'version': '1'}}})
  + frame({'id': 2, 'method': 'command/exec', 'params': {'command': ['touch', sys.argv[2]], 'sandboxPolicy': {'type': 'dangerFullAccess'}}}))
os._exit(0)
`;
  for (let n = 0; n < 10; n++) await run([PYTHON ?? '', '-c', script, port, touched], DIRECT);
  await elapse(500, 'a request that the daemon took would run now');
  t.notOk(fs.existsSync(touched));
});

let pid = '';

t.test('case 80: at the limit of open files commands are refused with the reason, and nothing leaks', async (t) => {
  const codexHome = path.join(root, 'limited');
  fs.mkdirSync(codexHome);
  const bin = path.join(packageRoot(), 'bin', 'codexd.cjs');
  const limited = await connectStdio({
    command: '/bin/sh',
    args: ['-c', 'ulimit -n 80; echo $$ >&2; exec "$@"', 'sh', process.execPath, bin, 'app-server'],
    env: { ...process.env, CODEX_HOME: codexHome, TMPDIR: tmpdir },
    onStderr: (text) => (pid ||= /^\d+$/m.exec(text)?.[0] ?? ''),
    clientInfo: { name: 'test', title: null, version: '0' },
    capabilities: { experimentalApi: true },
  });
  t.teardown(() => limited.close());
  const command = (n: number): Promise<unknown> =>
    limited.request(
      'command/exec',
      { command: ['sh', '-c', `echo ${n}; sleep 0.2`], cwd: work, sandboxPolicy: READ as never },
      { timeoutMs: 60_000 },
    );
  await command(0);
  const counts: number[] = [];
  const refusals: string[] = [];
  for (let burst = 0; burst < 6; burst++) {
    const ends = await Promise.allSettled(Array.from({ length: 30 }, (_, n) => command(n)));
    for (const end of ends) if (end.status === 'rejected') refusals.push(String(end.reason));
    t.ok(ends.some((end) => end.status === 'fulfilled'));
    await elapse(300, 'descriptors of ended commands are closed');
    counts.push(fs.readdirSync(`/proc/${pid}/fd`).length);
  }
  t.ok(refusals.length > 0);
  t.same(
    refusals.filter((text) => !/too many open files: \d+ of 80 are in use, held by: .+ \(.+ \d+/.test(text)),
    [],
  );
  t.ok(Math.max(...counts.slice(1)) <= (counts[0] ?? 0) + 7, `nothing leaks: ${counts.join(', ')}`);
  t.same(
    fs.readdirSync(tmpdir).filter((name) => /codexd/.test(name)),
    [],
  );
  await command(1);
});
