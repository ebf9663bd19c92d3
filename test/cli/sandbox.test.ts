import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { spawn as spawnPty } from '@lydell/node-pty';
import t, { type Test } from 'tap';
import { packageRoot } from '../../server/package/package-root.js';
import { proxiedConfig } from '../fixtures/daemon.js';
import { until } from '../fixtures/until.js';
import { startChild } from '../fixtures/programs.js';

const PROGRAM = path.join(packageRoot(), 'bin', 'codexd.cjs');

interface Place {
  readonly home: string;
  readonly work: string;
  readonly env: Record<string, string>;
}

function place(t: Test, config = ''): Place {
  const root = fs.realpathSync(fs.mkdtempSync('/var/tmp/codexd-sandbox-'));
  t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
  const [home, work] = [path.join(root, 'home'), path.join(root, 'work')];
  for (const folder of [home, work]) fs.mkdirSync(folder);
  fs.writeFileSync(path.join(home, 'config.toml'), config);
  // A bash that is nobody's child reads ~/.bashrc if its input is a socket, as Node's pipes are.
  return { home, work, env: { ...(process.env as Record<string, string>), SHLVL: '1', CODEX_HOME: home } };
}

interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

function start(t: Test, { work, env }: Place, args: readonly string[], input: string | null = '') {
  const child = startChild(process.execPath, [PROGRAM, 'sandbox', ...args], { cwd: work, env, extendEnv: false });
  t.teardown(() => child.kill('SIGKILL'));
  const out: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => out.push(data));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  if (input !== null) child.stdin.end(input);
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(out), stderr })),
  );
  return { child, ended, stdout: () => Buffer.concat(out).toString() };
}

const run = async (t: Test, where: Place, args: readonly string[], input = '') => {
  const { code, stdout, stderr } = await start(t, where, args, input).ended;
  return { code, stdout: stdout.toString(), stderr };
};

const out = (stdout: string) => ({ code: 0, stdout, stderr: '' });

t.setTimeout(180_000);

t.test('the command gets its arguments and streams unchanged, and codexd passes its exit code on', async (t) => {
  const where = place(t);
  const rows: [
    why: string,
    args: string[],
    input: string,
    expected: { code: number; stdout: string; stderr: string },
  ][] = [
    ['no option is read behind the program', ['echo', '-n', '-c', '--help'], '', out('-c --help')],
    ['nor behind the dashes', ['--', 'printf', '%s|', '-P', '--', 'x'], '', out('-P|--|x|')],
    ['standard input', ['cat'], 'in\n', out('in\n')],
    ['standard error', ['sh', '-c', 'echo oops >&2'], '', { code: 0, stdout: '', stderr: 'oops\n' }],
    ['its exit code', ['sh', '-c', 'exit 7'], '', { code: 7, stdout: '', stderr: '' }],
    ['death by a signal', ['sh', '-c', 'kill -TERM $$'], '', { code: 143, stdout: '', stderr: '' }],
    [
      'no such program',
      ['no-such-program'],
      '',
      { code: 127, stdout: '', stderr: 'codexd: cannot run no-such-program: No such file or directory\n' },
    ],
  ];
  for (const [why, args, input, expected] of rows) t.strictSame(await run(t, where, args, input), expected, why);
});

t.test('bulk output through a pipe is byte-exact', async (t) => {
  const file = path.join(place(t).work, 'bulk');
  const bytes = Buffer.alloc(8 * 1024 * 1024, Buffer.from([0, 10, 13, 255, 128, 7, 1]));
  fs.writeFileSync(file, bytes);
  const { code, stdout } = await start(t, place(t), ['cat', file]).ended;
  t.equal(code, 0);
  const hash = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  t.equal(hash(stdout), hash(bytes));
});

t.test(
  'a reader that closes the pipe ends the command as without codexd, and messages of codexd end nothing',
  async (t) => {
    const where = place(t);
    const piped = startChild(
      'bash',
      ['-c', `node ${PROGRAM} sandbox yes | head -1; echo "\${PIPESTATUS[0]}"`],
      options(where),
    );
    t.equal(await text(piped), 'y\n141\n', 'SIGPIPE');
    const deaf = startChild(
      'bash',
      ['-c', `node ${PROGRAM} sandbox --log-denials sh -c 'exit 4' 2>&-; echo $?`],
      options(where),
    );
    t.equal(await text(deaf), '4\n', 'no standard error');
  },
);
const options = ({ work, env }: Place) =>
  ({ cwd: work, env, extendEnv: false, stdio: ['ignore', 'pipe', 'inherit'] }) as const;

async function text(child: { readonly stdout: NodeJS.ReadableStream | null }): Promise<string> {
  let all = '';
  for await (const piece of child.stdout ?? []) all += String(piece);
  return all;
}

t.test('a folder with a name that is not UTF-8 is reported as such', async (t) => {
  const where = place(t);
  const odd = Buffer.concat([Buffer.from(`${where.work}/`), Buffer.from([0x66, 0xe9])]);
  fs.mkdirSync(odd);
  const inside = startChild(
    'bash',
    ['-c', `cd ${where.work}/f*; node ${PROGRAM} sandbox true 2>&1; echo $?`],
    options(where),
  );
  t.match(await text(inside), /^Error: .*no UTF-8 text cannot be worked in.*\n1\n$/);
});

t.test('the policy comes from the profile, the folder and the configuration', async (t) => {
  const where = place(t);
  const other = path.join(where.home, '..', 'other');
  fs.mkdirSync(other);
  const write = ['sh', '-c', 'touch made && echo yes'];
  const rows: [why: string, args: string[], stdout: string][] = [
    ['by default nothing may be written', write, ''],
    ['-P', ['-P', ':workspace', ...write], 'yes\n'],
    ['--permission-profile=', ['--permission-profile=:read-only', ...write], ''],
    ['-c', ['-c', 'sandbox_mode="workspace-write"', ...write], 'yes\n'],
    [
      'another folder',
      ['-P', ':workspace', '-C', '../other', 'sh', '-c', 'touch made && pwd'],
      `${fs.realpathSync(other)}\n`,
    ],
    [
      'not the one we are in',
      ['-P', ':workspace', '-C', '../other', 'sh', '-c', `touch ${where.work}/x && echo yes`],
      '',
    ],
    ['the flag of the reference', ['-P', ':workspace', '--include-managed-config', ...write], 'yes\n'],
    ['the network is off', ['sh', '-c', 'echo $CODEX_SANDBOX_NETWORK_DISABLED'], '1\n'],
    ['no policy at all', ['-P', ':danger-full-access', 'sh', '-c', `touch ${other}/free && echo yes`], 'yes\n'],
  ];
  for (const [why, args, stdout] of rows) t.equal((await run(t, where, args)).stdout, stdout, why);
});

t.test('a command does not run when its policy cannot be enforced', async (t) => {
  const marker = ['sh', '-c', 'echo ran'];
  const invalid = place(t, 'sandbox_mode = "wat"\n');
  const fine = place(t);
  const pattern = place(t, proxiedConfig({ '**': 'allow' }));
  const rows: [why: string, where: Place, args: string[], code: number, message: RegExp][] = [
    [
      'an unusable configuration',
      invalid,
      marker,
      1,
      /^Error: the configuration cannot be used: .*unknown variant `wat`/s,
    ],
    ['an unknown profile', fine, ['-P', 'nope', ...marker], 1, /^Error: default_permissions requires/],
    ['a pattern that means nothing', pattern, marker, 1, /^Error: .*unsupported repeated wildcard: \*\*/],
    ['a wrong -c', fine, ['-c', 'nonsense', ...marker], 1, /^Error: .*missing '='/],
    ['no such folder', fine, ['-C', '/no/such', ...marker], 1, /^Error: \/no\/such is not a folder\n$/],
    ['nothing to run', fine, [], 1, /^Error: sandbox command must not be empty\n$/],
    ['an option that there is not', fine, ['--nope', ...marker], 2, /^error: unexpected argument '--nope' found\n/],
    ['Windows only', fine, ['uninstall'], 1, /only supported on Windows/],
    [
      'no bubblewrap',
      { ...fine, env: { ...fine.env, CODEXD_BWRAP: '/no/such/bwrap' } },
      ['/bin/sh', '-c', 'echo ran'],
      1,
      /^Error: failed to sandbox command: commands cannot be sandboxed here: CODEXD_BWRAP=.* unset it\n$/,
    ],
  ];
  for (const [why, where, args, code, message] of rows) {
    const ended = await run(t, where, args);
    t.equal(ended.code, code, why);
    t.equal(ended.stdout, '', why);
    t.match(ended.stderr, message, why);
  }
});

/** Asks the lane's proxy with nothing but bash. */
const ASK = `ask() {
  exec 3<>/dev/tcp/127.0.0.1/\${HTTP_PROXY##*:}
  printf 'GET http://%s/ HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$1" "$1" >&3
  IFS= read -r status <&3; echo "\${status%$'\\r'}"
}
`;

t.test('requests go through the proxy, and denied requests are refused and listed at the end', async (t) => {
  const upstream = http.createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  t.teardown(() => upstream.close());
  const { port } = upstream.address() as AddressInfo;
  const where = place(t, proxiedConfig({ '127.0.0.1': 'allow', '*.denied.test': 'deny' }));
  const script = `${ASK} ask 127.0.0.1:${port}; ask a.denied.test; ask unlisted.test:8080; ask unlisted.test:8080; exit 5`;
  const refused = { code: 5, stdout: 'HTTP/1.1 200 OK\n' + 'HTTP/1.1 403 Forbidden\n'.repeat(3) };
  t.strictSame(await run(t, where, ['bash', '-c', script]), { ...refused, stderr: '' }, 'silent unless asked');
  t.strictSame(await run(t, where, ['--log-denials', '-P', 'test', 'bash', '-c', script]), {
    ...refused,
    stderr: `codexd: denied network requests:
  a.denied.test:80 (http GET): denied, Domain denied by the sandbox policy. [rule "*.denied.test"]
  unlisted.test:8080 (http GET): not_allowed, Domain not in allowlist. (2 times)
`,
  });
  t.match(await run(t, where, ['--log-denials', '-P', ':read-only', 'false']), {
    code: 1,
    stderr:
      /^codexd: this command had no network \(profile :read-only gives none\).*\n {2}codexd sandbox --log-denials -c /,
  });
  t.match(await run(t, where, ['--log-denials', 'true']), {
    code: 0,
    stderr: 'codexd: no network request was denied\n',
  });

  const cancelled = await run(t, where, [
    '--on-denial',
    'cancel',
    'bash',
    '-c',
    `${ASK} ask unlisted.test; echo went on; sleep 60`,
  ]);
  t.match(cancelled, { code: 137, stdout: '', stderr: /^codexd: Network access to "unlisted.test" was blocked: / });
});

t.test('an allow rule for a unix socket opens nothing and causes a warning', async (t) => {
  const file = path.join(fs.mkdtempSync('/var/tmp/codexd-unix-'), 'service.sock');
  t.teardown(() => fs.rmSync(path.dirname(file), { recursive: true, force: true }));
  const server = net.createServer((socket) => socket.end('hello'));
  await new Promise<void>((resolve) => server.listen(file, resolve));
  t.teardown(() => server.close());
  const rule = `[permissions.test.network.unix_sockets]\n"${file}" = "allow"\n`;
  const where = place(t, `${proxiedConfig()}${rule}`);
  const connect = `require('net').connect(process.argv[1]).on('data', (d) => console.log(String(d))).on('error', (e) => console.log(e.code))`;
  // Without what the test runner puts into every Node: in a sandbox it cannot write where it wants to.
  const args = ['env', '-u', 'NODE_OPTIONS', process.execPath, '-e', connect, file];
  const closed = await run(t, where, args);
  t.equal(closed.stdout, 'EPERM\n');
  t.match(closed.stderr, `warning: The rule \`"${file}" = "allow"\` for unix sockets`);
  t.match(closed.stderr, 'has no effect: ');
  const direct = await run(t, where, ['-c', 'features.network_proxy=false', ...args]);
  t.strictSame(direct, { code: 0, stdout: 'hello\n', stderr: '' }, 'the way out works');
});

t.test('on a terminal the command is interactive and receives ^C and the size', async (t) => {
  const where = place(t);
  const terminal = (args: readonly string[]) => {
    const pty = spawnPty(process.execPath, [PROGRAM, 'sandbox', ...args], {
      cwd: where.work,
      env: where.env,
      cols: 80,
      rows: 24,
    });
    t.teardown(() => pty.kill('SIGKILL'));
    let screen = '';
    pty.onData((data) => (screen += data));
    const ended = new Promise<number>((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
    const shows = (text: string) =>
      until(
        () => screen.includes(text),
        () => screen,
      );
    return { pty, ended, shows, screen: () => screen };
  };
  for (const [why, profile] of [
    ['in the sandbox', ':workspace'],
    ['without one', ':danger-full-access'],
  ] as const) {
    const script = `
      trap 'echo caught; exit 9' INT
      trap 'echo size $(stty size)' WINCH
      test -t 0 && test -t 1 && echo 'on a terminal'; : < /dev/tty && echo 'its own'; stty size; echo ready
      while :; do sleep 0.05; done`;
    const { pty, ended, shows } = terminal(['-P', profile, 'sh', '-c', script]);
    await shows('ready');
    await shows('on a terminal');
    await shows('its own');
    await shows('24 80');
    pty.resize(101, 33);
    await shows('size 33 101');
    pty.write('\x03');
    await shows('caught');
    t.equal(await ended, 9, why);
  }
  const { pty, ended, shows } = terminal(['-P', ':workspace', 'bash', '--norc', '-i']);
  pty.write('echo $((40 + 2)); read x; echo "got $x"; exit 3\nhello\n');
  await shows('42');
  await shows('got hello');
  t.equal(await ended, 3, 'a shell to type into');

  const plain = terminal(['sh', '-c', 'echo ready; exec sleep 60']);
  await plain.shows('ready');
  plain.pty.write('\x03');
  t.equal(await plain.ended, 130, 'who has no trap dies of ^C');
});

t.test('a signal to codexd ends the command and all its processes', async (t) => {
  const where = place(t);
  for (const profile of [':workspace', ':danger-full-access']) {
    const mark = `${60 + Math.random()}`;
    const { child, ended, stdout } = start(
      t,
      where,
      ['-P', profile, 'sh', '-c', `(setsid sleep ${mark} >&- 2>&- &); echo ready; sleep ${mark}`],
      null,
    );
    await until(() => stdout().includes('ready'), stdout);
    // Messages that come before the programs exist.
    await until(() => sleeping(mark) > 0, stdout);
    child.kill('SIGTERM');
    t.equal((await ended).code, 143, profile);
    t.equal(sleeping(mark), 0, `nothing of it is left: ${profile}`);
  }
});

/** Processes with this word among theirs. */
function sleeping(word: string): number {
  return fs
    .readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return (
          fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep\0') &&
          fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(word)
        );
      } catch {
        return false; // it has just ended
      }
    }).length;
}

t.test('--transparent-tcp: programs that know no proxy reach what is allowed, and nothing else', async (t) => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.end('from the host\n');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const network = (more: string) =>
    `default_permissions = "p"\n[permissions.p]\nextends = ":workspace"\n[permissions.p.network]\nenabled = true\nallow_local_binding = true\n${more}\n[permissions.p.network.domains]\n"localhost" = "allow"\n[features.network_proxy]\nenabled = true\n`;
  // The name without a look at /etc/hosts, where it is this loopback interface.
  const look = `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(PeerHost => "127.0.0.53", PeerPort => 53, Proto => "udp") or die $!; $s->send(pack("n6", 7, 256, 1, 0, 0, 0) . "\\x09localhost\\0\\0\\x01\\0\\x01"); $s->recv($d, 600); print join ".", unpack "C4", substr $d, -4'`;
  const line = `cat < /dev/tcp/$(${look})/${port}; cat < /dev/tcp/192.0.2.9/22`;
  const where = place(t, network(''));
  const { code, stdout, stderr } = await run(t, where, ['--transparent-tcp', '--log-denials', 'bash', '-c', line]);
  t.equal(stdout, 'from the host\n');
  t.match(stderr, /192\.0\.2\.9/);
  t.match(stderr, /reset by peer/);
  t.equal(code, 1);
  const configured = await run(t, place(t, network('transparent_tcp = true')), ['cat', '/etc/resolv.conf']);
  t.equal(configured.stdout, 'nameserver 127.0.0.53\n');
  t.match(await run(t, place(t), ['--transparent-tcp', 'true']), {
    code: 1,
    stderr: /--transparent-tcp requires a managed network proxy/,
  });
  const contradiction = place(t, network('enable_socks5 = false'));
  t.match(await run(t, contradiction, ['--transparent-tcp', 'true']), {
    stderr: /transparent_tcp requires an enabled managed SOCKS5 proxy/,
  });
});

t.test('--transparent-tcp: a name of the host’s hosts file is judged as a name', async (t) => {
  const rules = { 'db.codexd.test': 'deny', '192.0.2.77': 'allow' };
  const where = place(t, transparentConfig(rules));
  const hosts = path.join(where.work, 'hosts');
  fs.writeFileSync(hosts, '127.0.0.1 localhost\n192.0.2.55 db.codexd.test\n192.0.2.77 raw.codexd.test\n');
  // A mount namespace of its own, where this is the host's file.
  const enter = ['-rm', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"', hosts];
  const line = `getent ahostsv4 localhost raw.codexd.test db.codexd.test; cat < /dev/tcp/db.codexd.test/22`;
  const words = [...enter, process.execPath, PROGRAM, 'sandbox', '--log-denials', 'bash', '-c', line];
  const child = startChild('unshare', words, { cwd: where.work, env: where.env, extendEnv: false });
  t.teardown(() => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end();
  await once(child, 'close');
  t.match(stdout, /^127\.0\.0\.1 .*localhost\n/m, stderr);
  t.match(stdout, /^192\.0\.2\.77 .*raw\.codexd\.test\n/m, 'the rules allow the address itself');
  t.match(stdout, /^198\.18\.0\.1 .*db\.codexd\.test\n/m);
  t.match(stderr, /db\.codexd\.test:22/);
  t.notMatch(stderr, /192\.0\.2\.55/);
});

/** A profile whose commands are in lanes for `transparent_tcp`. */
const transparentConfig = (domains: Readonly<Record<string, string>>): string =>
  `default_permissions = "p"\n[permissions.p]\nextends = ":workspace"\n[permissions.p.network]\nenabled = true\nallow_local_binding = true\ntransparent_tcp = true\n[permissions.p.network.domains]\n${Object.entries(
    domains,
  )
    .map(([pattern, verdict]) => `"${pattern}" = "${verdict}"\n`)
    .join('')}[features.network_proxy]\nenabled = true\n`;
