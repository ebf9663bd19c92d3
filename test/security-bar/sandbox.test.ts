/**
 * Security bar, cases 51 to 60, through a real daemon: `command/exec`, supervisor, sandbox. Each part of the sandbox
 * has its own tests in test/sandbox; these are the attacks of a command.
 */
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import t from 'tap';
import { PYTHON, needsPython } from '../fixtures/python.js';
import { startDaemon } from '../fixtures/daemon.js';
import { packageRoot } from '../../server/package/package-root.js';
import { elapse, until } from '../fixtures/until.js';
import { startChild } from '../fixtures/programs.js';

t.setTimeout(120_000);

const daemon = await startDaemon({
  env: { OPENAI_API_KEY: 'secret-of-the-daemon', AWS_SECRET_ACCESS_KEY: 'another-secret', HARMLESS: 'kept' },
});
const client = await daemon.connect();
t.teardown(() => daemon.stop());

const { home, work } = daemon;
const at = (...parts: string[]): string => path.join(work, ...parts);
function write(file: string, text = 'before\n'): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
}
const WRITE = {
  type: 'workspaceWrite',
  writableRoots: [] as string[],
  excludeTmpdirEnvVar: true,
  excludeSlashTmp: true,
};
const POLICIES = {
  'read-only': { type: 'readOnly' },
  'workspace-write': WRITE,
  'workspace-write with the network': { ...WRITE, networkAccess: true },
} as const;

const run = (command: readonly string[], sandboxPolicy: object = WRITE, params: object = {}) =>
  client.request(
    'command/exec',
    { command: [...command], cwd: work, sandboxPolicy: sandboxPolicy as never, timeoutMs: 90_000, ...params },
    { timeoutMs: 110_000 },
  );

/** Returns which of the shell lines succeed; every one runs in its own subshell. */
async function succeed(lines: readonly string[], sandboxPolicy: object = WRITE): Promise<string[]> {
  const script = lines.map((line, n) => `if ( ${line} ) >/dev/null 2>&1; then echo ${n}; fi`).join('\n');
  const { stdout, stderr, exitCode } = await run(['bash', '-c', `${script}\necho end`], sandboxPolicy);
  if (exitCode !== 0 || !stdout.endsWith('end\n')) throw new Error(`ended with ${exitCode}: ${stdout}${stderr}`);
  return stdout
    .split('\n')
    .slice(0, -2)
    .map((n) => lines[Number(n)] ?? n);
}

t.test(
  'case 51: hooks, agent configuration and config.toml cannot be written, not even in nested repositories',
  async (t) => {
    const guarded = [
      at('.git', 'hooks', 'pre-commit'),
      at('.git', 'config'),
      at('vendor', 'x', '.git', 'hooks', 'pre-commit'),
      at('.codex', 'config.toml'),
      at('.agents', 'skills', 'x.md'),
      path.join(home, 'config.toml'),
      path.join(os.homedir(), '.bashrc'),
      path.join(os.homedir(), '.gitconfig'),
      '/etc/profile',
    ];
    for (const file of guarded.slice(0, 5)) write(file);
    write(at('tree', '.git'), `gitdir: ${at('vendor', 'x', '.git')}\n`);
    const before = guarded.map((file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null));
    const attacks = guarded.flatMap((file) => [
      `echo evil >> ${file}`,
      `rm -f ${file} && ! test -e ${file} && test -d ${path.dirname(file)} && echo evil > ${file}`,
      `mkdir -p ${path.dirname(file)} && cp /bin/true ${file}`,
      `chmod 777 ${file} && test -w ${file} && echo evil > ${file}`,
    ]);
    attacks.push(
      `mv ${at('.git')} ${at('moved')}`,
      `mv ${at('vendor')} ${at('moved')}`,
      `mv ${at('vendor', 'x')} ${at('moved')}`,
      `rm -rf ${at('.git')} && ! test -e ${at('.git')}`,
      `ln -sfn /tmp ${at('.codex')} && test -L ${at('.codex')}`,
      `git -C ${work} config core.fsmonitor 'touch ${at('owned')}'`,
      `git -C ${at('vendor', 'x')} config core.hooksPath /tmp`,
      `echo "gitdir: /tmp/x" > ${at('.git')}`,
    );
    t.strictSame(await succeed(attacks), []);
    t.strictSame(
      guarded.map((file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null)),
      before,
    );
    t.strictSame(await succeed([`echo fine > ${at('ordinary')}`]), [`echo fine > ${at('ordinary')}`], 'the control');
    t.strictSame(await succeed([`echo fine > ${at('ordinary2')}`], POLICIES['read-only']), []);
  },
);

t.test('case 51: missing protected files cannot be created', async (t) => {
  const fresh = at('fresh');
  fs.mkdirSync(fresh);
  const attacks = ['.git/hooks/x', '.codex/config.toml', '.agents/x', '.aws/credentials'].map(
    (name) => `mkdir -p $(dirname ${fresh}/${name}) && echo evil > ${fresh}/${name}`,
  );
  await run(['bash', '-c', attacks.join('\n')], { ...WRITE, writableRoots: [fresh] }, { cwd: fresh });
  t.strictSame(fs.readdirSync(fresh), []);
});

t.test('case 52: links, hard links, /proc and renamed parents do not open a read-only file', async (t) => {
  const outside = path.join(path.dirname(work), 'outside');
  write(path.join(outside, 'file'));
  const attacks = [
    `ln -s ${outside} ${at('link')} && echo evil > ${at('link')}/file`,
    `ln -s ${outside}/file ${at('flink')} && echo evil > ${at('flink')}`,
    `ln ${outside}/file ${at('hard')} && echo evil > ${at('hard')}`,
    `ln ${at('.git', 'config')} ${at('hard2')} && echo evil > ${at('hard2')}`,
    `echo evil > /proc/self/root${outside}/file`,
    `echo evil > /proc/self/cwd/../outside/file`,
    `echo evil > /proc/1/root${outside}/file`,
    `cd ${work} && echo evil > ../outside/file`,
    `cp -a ${at('.git')} ${at('copy')} && mv ${at('copy')}/config ${at('.git', 'config')}`,
    `mv ${work} ${work}.moved`,
    `mount --bind /tmp ${outside}`,
    `${PYTHON} -c 'import os; os.rename("${at('vendor')}", "${at('v2')}")'`,
  ];
  t.strictSame(await succeed(attacks), []);
  t.equal(fs.readFileSync(path.join(outside, 'file'), 'utf8'), 'before\n');
  t.equal(fs.readFileSync(at('.git', 'config'), 'utf8'), 'before\n');
});

t.test('case 52: a link that changes while the command runs has no effect on it', async (t) => {
  const outside = path.join(path.dirname(work), 'turned');
  fs.mkdirSync(outside);
  const running = run([
    'bash',
    '-c',
    `for i in $(seq 200); do echo evil > ${at('door')}/file; sleep 0.005; done 2>/dev/null`,
  ]);
  for (let n = 0; n < 100; n++) {
    fs.rmSync(at('door'), { force: true });
    fs.symlinkSync(n % 2 ? outside : home, at('door'));
    await elapse(5, 'the door changes while the command tries it');
  }
  await running;
  t.strictSame([fs.readdirSync(outside), fs.existsSync(path.join(home, 'file'))], [[], false]);
});

t.test(
  'case 53: the daemon’s memory, descriptors and environment cannot be read, and nothing can be traced',
  async (t) => {
    const pid = daemon.process.pid;
    const attacks = [
      ...['mem', 'environ', 'maps', 'fd/1', 'root/etc/passwd', 'cwd', 'ns/net'].map(
        (name) => `cat /proc/${pid}/${name}`,
      ),
      ...['environ', 'root/etc/passwd', 'mem'].map((name) => `head -c 1 /proc/1/${name}`),
      `kill -0 ${pid}`,
      `kill -9 ${pid}`,
      `grep -rl secret-of-the-daemon /proc/[0-9]*/environ`,
      'sleep 5 & strace -p $! -o /dev/null -e none & sleep 0.5; kill -0 $!',
      'strace -o /dev/null true',
      'cat /proc/kcore /proc/kmsg',
      'echo c > /proc/sysrq-trigger',
      'v=$(cat /proc/sys/kernel/core_pattern); echo "$v" > /proc/sys/kernel/core_pattern',
    ];
    for (const [name, policy] of Object.entries(POLICIES)) t.strictSame(await succeed(attacks, policy), [], name);
  },
);

t.test('case 54: no unix socket is reached, neither an ordinary one nor the daemon’s own', async (t) => {
  const control = path.join(home, 'app-server-control', 'app-server-control.sock');
  const sockets = [at('docker.sock'), path.join(path.dirname(work), 'other.sock'), control];
  let reached = 0;
  for (const socket of sockets) {
    fs.mkdirSync(path.dirname(socket), { recursive: true });
    const server = net.createServer((connection) => {
      reached++;
      connection.end('reached');
    });
    await new Promise<void>((done) => server.listen(socket, done));
    t.teardown(() => server.close());
  }
  const dial = (socket: string): string =>
    `${PYTHON} -c 'import socket; s=socket.socket(socket.AF_UNIX); s.connect("${socket}"); assert s.recv(9)'`;
  const attacks = [
    ...sockets.map(dial),
    dial('\\0abstract'),
    ...sockets.map((socket) => `curl -sf --max-time 2 --unix-socket ${socket} http://x/`),
  ];
  for (const name of ['read-only', 'workspace-write'] as const)
    t.strictSame(await succeed(attacks, POLICIES[name]), [], name);
  t.equal(reached, 0);
  const direct = await succeed([dial(sockets[0] ?? ''), dial(control)], POLICIES['workspace-write with the network']);
  t.strictSame(
    direct,
    [dial(sockets[0] ?? '')],
    'the control: with the host’s network an ordinary one is, the daemon’s is not',
  );
});

t.test('case 55: io_uring, userfaultfd, keyrings, bpf and odd socket families are refused', needsPython, async (t) => {
  const calls: Readonly<Record<string, readonly number[]>> = {
    ioUringSetup: [425, 8, 0],
    userfaultfd: [323, 1],
    addKey: [248],
    keyctl: [250, 0, -3, 1],
    bpf: [321, 0, 0, 0],
    perf: [298, 0, 0, -1, -1, 0],
    ptrace: [101, 0],
    pidfdGetfd: [438, 0, 0, 0],
    'unshare of users': [272, 0x10000000],
    'unshare of networks': [272, 0x40000000],
    openTree: [428, -100, 0, 1],
    fsopen: [430, 0, 0],
  };
  const families = ['VSOCK', 'NETLINK', 'PACKET', 'ALG', 'BLUETOOTH', 'CAN', 'INET', 'INET6'];
  // One process for all of them, because the start of a process takes most of the time.
  const script = `
import ctypes, json, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
for name, words in json.loads(sys.argv[1]).items():
  if libc.syscall(*[ctypes.c_long(word) for word in words]) >= 0: print(name)
for family in json.loads(sys.argv[2]):
  try: socket.socket(getattr(socket, 'AF_' + family), socket.SOCK_SEQPACKET if family == 'ALG' else socket.SOCK_DGRAM); print(family)
  except (OSError, AttributeError): pass
socket.socketpair()
print('end')`;
  const numbers = process.arch === 'x64' ? calls : {};
  const { stdout, stderr } = await run(
    [PYTHON, '-c', script, JSON.stringify(numbers), JSON.stringify(families)],
    POLICIES['read-only'],
  );
  t.equal(stdout, 'end\n', stderr);
});

t.test('case 56: setuid programs and new user namespaces give no privileges', async (t) => {
  const attacks = [
    'unshare -Ur true',
    'unshare -n true',
    'unshare -m true',
    'bwrap --bind / / --unshare-user true',
    'mount -t tmpfs none /mnt',
    'chroot / true',
    'mknod n b 8 0',
    'nsenter -t 1 -m true',
    'su nobody -s /bin/true -c true',
    'capsh --print | grep -q "Current: =ep"',
    'setpriv --reuid 1 true',
  ];
  for (const [name, policy] of Object.entries(POLICIES)) t.strictSame(await succeed(attacks, policy), [], name);
  const { stdout } = await run(['grep', '-E', 'CapEff|CapBnd|NoNewPrivs|Seccomp:', '/proc/self/status']);
  t.match(stdout, /CapEff:\t0+\nCapBnd:\t0+\nNoNewPrivs:\t1\nSeccomp:\t2\n/);
});

t.test('case 57: a flood of processes and output ends with its command, and the daemon still answers', async (t) => {
  const flood = 'for i in $(seq 300); do (while :; do sleep 60; done) & done; yes | head -c 200000000 & wait';
  const begun = Date.now();
  const result = await run(['bash', '-c', flood], WRITE, { timeoutMs: 3000 });
  t.ok(result.exitCode !== 0 && Date.now() - begun < 25_000, `ended with ${result.exitCode}`);
  const hungry = await run([
    PYTHON,
    '-c',
    'import resource; resource.setrlimit(resource.RLIMIT_AS, (1<<28, 1<<28)); b = bytearray(1 << 30)',
  ]);
  t.not(hungry.exitCode, 0);
  t.match(await run(['echo', 'alive']), { exitCode: 0, stdout: 'alive\n' });
});

t.test('case 58: without a usable bubblewrap nothing sandboxed runs, and the reason is named', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'codexd-no-bwrap-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true, force: true }));
  const rows: readonly [string, string | null, RegExp][] = [
    ['one that is not there', null, /CODEXD_BWRAP/],
    [
      'one that cannot make namespaces',
      '#!/bin/sh\n[ "$1" = --version ] && echo "bubblewrap 0.8.0" && exit 0\necho "bwrap: No permissions to create new namespace" >&2; exit 1\n',
      /namespace/i,
    ],
    [
      'one that is too old',
      '#!/bin/sh\n[ "$1" = --version ] && echo "bubblewrap 0.1.0" && exit 0\necho "bwrap: Unknown option --unshare-user" >&2; exit 1\n',
      /bubblewrap|bwrap/i,
    ],
    [
      'one that only pretends',
      '#!/bin/sh\n[ "$1" = --version ] && echo "bubblewrap 0.8.0" && exit 0\nwhile [ $# -gt 0 ] && [ "$1" != -- ]; do shift; done; shift; exec "$@"\n',
      /bubblewrap|bwrap|sandbox/i,
    ],
  ];
  for (const [why, script, reason] of rows) {
    const bwrap = path.join(folder, 'bwrap');
    fs.rmSync(bwrap, { force: true });
    if (script !== null) fs.writeFileSync(bwrap, script, { mode: 0o755 });
    const crippled = await startDaemon({ env: { CODEXD_BWRAP: bwrap } });
    const ran = path.join(crippled.work, 'ran');
    const answer = await (
      await crippled.connect()
    )
      .request('command/exec', { command: ['touch', ran], sandboxPolicy: WRITE as never })
      .then(
        (result) => JSON.stringify(result),
        (error: Error) => error.message,
      );
    t.match(answer, reason, `${why}: ${answer}`);
    t.notOk(fs.existsSync(ran), `${why}: it did not run`);
    await crippled.stop();
  }
});

t.test(
  'case 59: the daemon’s credentials are in no command’s environment, other variables follow the policy',
  async (t) => {
    for (const [name, policy] of Object.entries(POLICIES)) {
      const { stdout } = await run(['env'], policy);
      t.notMatch(stdout, /secret-of-the-daemon|OPENAI_API_KEY/, name);
      t.match(stdout, /^HARMLESS=kept$/m, 'the control');
    }
    const { stdout } = await run(['sh', '-c', 'cat /proc/*/environ 2>/dev/null | tr "\\0" "\\n"']);
    t.notMatch(stdout, /secret-of-the-daemon/);
    write(
      path.join(home, 'config.toml'),
      '[shell_environment_policy]\nignore_default_excludes = false\nexclude = ["HARM*"]\n',
    );
    const { stdout: stripped } = await run(['env']);
    t.notMatch(stripped, /another-secret|AWS_SECRET|HARMLESS/);
    t.match(stripped, /^PATH=/m, 'the control');
    write(path.join(home, 'config.toml'), '');
    write(path.join(home, 'auth.json'), '{"OPENAI_API_KEY":"secret-of-the-daemon"}');
    const { stdout: files } = await run(['sh', '-c', `ls -a ${home}; cat ${home}/auth.json`]);
    t.notMatch(files, /auth\.json|secret/);
  },
);

t.test('case 60: kill -9 of the daemon leaves no sandboxed process', async (t) => {
  const doomed = await startDaemon();
  const dying = await doomed.connect();
  const mark = `60${process.pid}${Date.now() % 1e6}`;
  const command = [
    'bash',
    '-c',
    `setsid nohup sleep ${mark} >/dev/null 2>&1 & (sleep ${mark} &) ; trap "" TERM HUP INT; sleep ${mark}`,
  ];
  const answers = [POLICIES['read-only'], WRITE].map((sandboxPolicy) =>
    dying.request('command/exec', { command, sandboxPolicy: sandboxPolicy as never }).catch(() => 'gone'),
  );
  const alive = (): number => processesWith(`sleep\0${mark}`);
  await until(() => alive() >= 6, 'they run');
  t.equal(alive(), 6);
  const exit = once(doomed.process, 'exit');
  doomed.process.kill('SIGKILL');
  await exit;
  await until(() => alive() === 0, 'and nothing is left');
  t.equal(alive(), 0);
  await Promise.all(answers);
  await doomed.stop();
});

t.test('case 60: over stdio, too, the daemon’s own end ends its commands', async (t) => {
  const mark = `61${process.pid}${Date.now() % 1e6}`;
  const child = startChild(process.execPath, [path.join(packageRoot(), 'bin', 'codexd.cjs'), 'app-server'], {
    cwd: work,
    env: { CODEX_HOME: home },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const send = (message: object): boolean => child.stdin.write(`${JSON.stringify(message)}\n`);
  send({ id: 0, method: 'initialize', params: { clientInfo: { name: 'test', version: '0' } } });
  send({ id: 1, method: 'command/exec', params: { command: ['sleep', mark], sandboxPolicy: WRITE } });
  const alive = (): number => processesWith(`sleep\0${mark}`);
  await until(() => alive() > 0, 'it runs');
  child.kill('SIGKILL');
  await until(() => alive() === 0, 'and nothing is left');
  t.equal(alive(), 0);
});

/** Processes with a command line that begins with this text. */
function processesWith(start: string): number {
  return fs.readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && fs.readFileSync(`/proc/${name}/cmdline`, 'latin1').startsWith(start);
    } catch {
      return false; // it has ended meanwhile
    }
  }).length;
}
