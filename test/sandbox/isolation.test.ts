import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import {
  DANGER_FULL_ACCESS,
  execute,
  makePlace,
  processesWith,
  profile,
  READ_ONLY,
  skipReason,
  tries,
  workspace,
} from './support.js';
import { until } from '../fixtures/until.js';

/** Security bar, cases 53, 54, 56, 57, 59 and 60: other processes, sockets, privileges, and what survives. */
const skip = await skipReason();

t.test('case 53: a command sees only its own processes, and cannot access bubblewrap’s', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const { stdout } = await place.run(
    'for p in /proc/[0-9]*; do echo "${p#/proc/} $(tr "\\0" " " < $p/cmdline 2>/dev/null)"; done',
  );
  t.notMatch(stdout, /node/, 'the daemon is not among them');
  const daemon = process.pid;
  const lines = [
    'cat /proc/1/environ',
    ': <> /proc/1/mem',
    'ls /proc/1/root/',
    'ls /proc/1/fd/',
    'cat /proc/1/task/1/status',
    `ls /proc/${daemon}`,
    `kill -0 ${daemon}`,
    `cat /proc/self/root/proc/${daemon}/environ`,
  ];
  for (const one of [READ_ONLY, profile({ ':root': 'write' }), profile({ ':minimal': 'read' })]) {
    t.same(
      Object.values(await tries(place, lines, { profile: one })),
      lines.map(() => 'refused'),
    );
  }
});

t.test('case 53: settings of the kernel cannot be written, not even as root', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  // Each writes the content that is already there.
  const lines = [
    'v=$(cat /proc/sys/kernel/core_pattern) && echo "$v" > /proc/sys/kernel/core_pattern',
    'v=$(cat /proc/sys/vm/swappiness) && echo "$v" > /proc/sys/vm/swappiness',
    'v=$(cat /proc/irq/default_smp_affinity) && echo "$v" > /proc/irq/default_smp_affinity',
    ': >> /proc/sysrq-trigger',
    'v=$(cat /sys/module/kernel/parameters/panic) && echo "$v" > /sys/module/kernel/parameters/panic',
  ];
  for (const one of [READ_ONLY, profile({ ':root': 'write' }), profile({ ':minimal': 'read' })]) {
    t.same(
      Object.values(await tries(place, lines, { profile: one })),
      lines.map(() => 'refused'),
    );
  }
  const fullAccess = lines.slice(0, 4);
  t.same(
    Object.values(await tries(place, fullAccess, { profile: DANGER_FULL_ACCESS, network: 'offline' })),
    fullAccess.map(() => 'refused'),
    'with all files and a sandbox for the network alone',
  );
});

t.test('case 54: a unix socket cannot be reached offline, and the control socket never', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const listen = async (file: string): Promise<void> => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const server = net.createServer((socket) => socket.end('reached'));
    await new Promise<void>((resolve) => server.listen(file, resolve));
    t.teardown(() => server.close());
  };
  const ordinary = path.join(place.outside, 's');
  const control = path.join(place.home, 'app-server-control', 's');
  await listen(ordinary);
  await listen(control);
  const reach = (file: string): readonly string[] => [
    'perl',
    '-MSocket',
    '-e',
    `socket(S, AF_UNIX, SOCK_STREAM, 0) and connect(S, sockaddr_un("${file}")) and print scalar <S>`,
  ];
  t.equal((await place.run(reach(ordinary), { network: 'offline' })).stdout, '');
  t.equal((await place.run(reach(ordinary), { network: 'direct' })).stdout, 'reached', 'the test can fail');
  t.equal((await place.run(reach(control), { network: 'direct' })).stdout, '');
});

t.test('offline the host’s loopback cannot be reached; with the host’s network it can', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const server = net.createServer((socket) => socket.end('reached'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as net.AddressInfo;
  const reach = [
    'perl',
    '-MSocket',
    '-e',
    `socket(S, AF_INET, SOCK_STREAM, 0) and connect(S, sockaddr_in(${port}, inet_aton("127.0.0.1"))) and print scalar <S>`,
  ];
  t.equal((await place.run(reach, { network: 'offline' })).stdout, '');
  t.equal(
    (await place.run(reach, { network: 'offline', profile: DANGER_FULL_ACCESS })).stdout,
    '',
    'with all files as well',
  );
  t.equal((await place.run(reach, { network: 'direct' })).stdout, 'reached');
});

t.test('case 56: no capabilities, no new privileges, user and group as outside', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const { stdout } = await place.run(
    'cat /proc/self/status; id -u; id -g; readlink /proc/self/ns/user /proc/self/ns/pid /proc/self/ns/ipc /proc/self/ns/uts /proc/self/ns/net /proc/self/ns/mnt',
  );
  t.match(stdout, /NoNewPrivs:\t1\n/);
  t.match(stdout, /Seccomp:\t2\n/);
  for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) t.match(stdout, new RegExp(`Cap${set}:\\t0+\\n`));
  t.match(stdout, `\n${process.getuid?.()}\n${process.getgid?.()}\n`);
  for (const name of ['user', 'pid', 'ipc', 'uts', 'net', 'mnt']) {
    t.notMatch(stdout, fs.readlinkSync(`/proc/self/ns/${name}`), `its own ${name} namespace`);
  }
  t.match(stdout, /SigIgn:\t0+\n/, 'no signal is ignored, SIGPIPE neither');
  t.match(stdout, /SigBlk:\t0+\n/);
  const options = { profile: workspace() };
  const lines = [
    'unshare -Ur true',
    'unshare -n true',
    'mount -t tmpfs none .',
    'umount /proc',
    'mknod n c 1 3',
    'chroot /',
    'chown 1234 .',
  ];
  t.same(
    Object.values(await tries(place, lines, options)),
    lines.map(() => 'refused'),
  );
});

t.test('case 56: a setuid program gains nothing', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  fs.copyFileSync('/usr/bin/id', `${place.work}/id`);
  fs.chmodSync(`${place.work}/id`, 0o4755);
  const { stdout } = await place.run('grep -c nosuid /proc/self/mountinfo > /dev/null && ./id -u', {
    profile: workspace(),
  });
  t.equal(stdout, `${process.getuid?.()}\n`);
  const { stdout: mounts } = await place.run(['cat', '/proc/self/mountinfo'], { profile: workspace() });
  const workMount = mounts.split('\n').find((line) => line.split(' ')[4] === place.work);
  t.match(workMount, /nosuid/);
});

t.test('descriptors other than 0 to 2 do not reach a command', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const secret = fs.openSync(place.write(`${place.outside}/secret`, 'text'), 'r');
  t.teardown(() => fs.closeSync(secret));
  const wrapped = await place.wrap('ls -l /proc/self/fd', { passesDescriptors: false });
  t.teardown(() => wrapped.release());
  // Any shell closes 3; only a shell that knows descriptors above 9 closes 60. Both represent descriptors that a
  // library leaks.
  const stdio = ['ignore', 'pipe', 'inherit', secret, ...Array<'ignore'>(56).fill('ignore'), secret] as const;
  const child = spawn(wrapped.file, wrapped.args, { env: { ...wrapped.env }, cwd: place.work, stdio: [...stdio] });
  let listing = '';
  child.stdout?.on('data', (data: Buffer) => (listing += data.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  t.match(listing, / 2 -> /);
  t.notMatch(listing, 'secret');
  t.notMatch(listing, / 60 -> /);
});

t.test('descriptors for bubblewrap end there, and in the daemon after the start', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const open = (): number => fs.readdirSync('/proc/self/fd').length;
  await place.run('true');
  const before = open();
  // The tests may have inherited descriptors. Passing no others is the caller's responsibility.
  const outside = await execute(['ls', '/proc/self/fd'], {}, '/');
  const { stdout } = await place.run('ls /proc/self/fd');
  t.equal(stdout, outside.stdout);
  t.equal(open(), before);
  const wrapped = await place.wrap('true');
  wrapped.release();
  wrapped.release();
  t.equal(open(), before, 'also when it has not');
});

t.test('the shell and the direct start make the same sandbox', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const look =
    'id; pwd; env | sort; ls -A / /proc; cut -d" " -f4-6 /proc/self/mountinfo; grep -E "Cap|Sec|NoNew|Sig" /proc/self/status';
  const ways = await Promise.all([true, false].map((passesDescriptors) => place.run(look, { passesDescriptors })));
  t.equal(ways[0]?.code, 0);
  t.same(ways[0]?.stdout.replace(/^\d+$/gm, 'PID'), ways[1]?.stdout.replace(/^\d+$/gm, 'PID'));
});

t.test('case 59: a command gets the requested environment and no variables of the daemon', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const env = {
    PATH: '/usr/bin:/bin',
    'with-dash.and:colon': 'kept',
    EMPTY: '',
    LINES: 'a\nb',
    TEXT: 'ü "quoted" $HOME `id`',
    BASH_ENV: '/nonexistent',
    'BASH_FUNC_x%%': '() { echo no; }',
  };
  const { stdout } = await place.run(['env', '-0'], { env });
  const got = Object.fromEntries(
    stdout
      .split('\0')
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  t.same(got, { ...env, PWD: place.work });
});

t.test('case 59: variables for shells and loaders act only inside', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const escaped = path.join(place.outside, 'escaped');
  const { stderr, stdout } = await place.run(['/bin/echo', 'ran'], {
    env: {
      PATH: '/usr/bin:/bin',
      SHELLOPTS: 'xtrace',
      PS4: `$(touch ${escaped})`,
      ENV: `${place.work}/rc`,
      LD_PRELOAD: `${place.work}/preload.so`,
    },
  });
  t.equal(stdout, 'ran\n');
  t.notOk(fs.existsSync(escaped));
  // The loader complains once for every program that starts with the variable set: for echo alone.
  t.equal(stderr.split('preload.so').length - 1, 1, stderr);
});

t.test('case 59: no launch file with the environment stays', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const folder = path.join(place.home, 'tmp/codexd-sandbox');
  const direct = await place.wrap('true');
  t.same(fs.readdirSync(`${folder}/launch`), [], 'passed on as a descriptor it has no name at all');
  direct.release();
  const wrapped = await place.wrap('true', { passesDescriptors: false });
  const [file] = fs.readdirSync(`${folder}/launch`);
  t.ok(file);
  t.equal(fs.statSync(`${folder}/launch/${file}`).mode & 0o777, 0o600);
  t.equal(fs.statSync(folder).mode & 0o777, 0o700);
  wrapped.release();
  wrapped.release();
  t.same(fs.readdirSync(`${folder}/launch`), []);
});

t.test('a NUL cannot add options to bubblewrap', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  await t.rejects(place.run('true', { env: { X: 'a\0--bind\0/\0/' } }), { message: 'nul byte found in provided data' });
});

t.test('exit codes and signals are unchanged', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  for (const code of [0, 1, 101, 126, 255]) t.equal((await place.run(`exit ${code}`)).code, code);
  t.equal((await place.run('kill -TERM $$')).code, 143);
  t.equal((await place.run('kill -KILL $$')).code, 137);
  t.match(await place.run(['no-such-program']), { stderr: /no-such-program: No such file or directory/ });
});

t.test('case 57: many processes, also detached ones, end with the sandbox', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const mark = `97${Math.floor(Math.random() * 1e6)}`;
  const wrapped = await place.wrap(`for i in $(seq 200); do sleep ${mark} & done; setsid sleep ${mark} & wait`, {
    passesDescriptors: false,
  });
  const child = spawn(wrapped.file, wrapped.args, { env: { ...wrapped.env }, stdio: 'ignore' });
  await until(() => processesWith(mark).length > 200, 'they run');
  child.kill('SIGKILL');
  await until(() => processesWith(mark).length === 0, 'one kill ends them all');
  wrapped.release();
});

const daemonFixture = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixtures/doomed-daemon.js');

t.test('case 60: kill -9 of the daemon leaves no process and no placeholder', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const mark = randomUUID();
  t.teardown(() => processesWith(mark).forEach((pid) => process.kill(pid, 'SIGKILL')));
  const daemon = spawn(process.execPath, [daemonFixture, place.home, place.work, mark], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => daemon.stdout.once('data', resolve));
  t.ok(processesWith(mark).length > 1, 'the command runs');
  t.same(
    fs.readdirSync(place.work).sort(),
    ['.agents', '.aws', '.codex', '.git', 'started'],
    'and has its placeholders',
  );
  daemon.kill('SIGKILL');
  await until(() => processesWith(mark).length === 0, 'the command is gone');
  await until(() => fs.readdirSync(place.work).length === 1, 'so are they');
});
