import fs from 'node:fs';
import t from 'tap';
import {
  filterArchitecture,
  systemCallNumber,
  X32_FIRST_NUMBER,
  type SystemCall,
} from '../../../server/sandbox/linux/syscalls.js';
import { execute, makePlace, skipReason, type RunOptions } from '../support.js';

/** Security bar, cases 54 to 56: the real kernel, through perl's syscall(). */
const skip =
  (await skipReason()) ||
  (fs.existsSync('/usr/bin/perl') ? false : 'NOT TESTED: there is no perl to make system calls with');
const architecture = filterArchitecture() ?? 'x64';

type Call = readonly [SystemCall | number, ...args: (number | string)[]];

/** Makes each call in one perl process and prints `ok` or the number of the error. */
function perl(calls: readonly Call[]): readonly string[] {
  const lines = calls.map(([call, ...args]) => {
    const number = typeof call === 'number' ? call : systemCallNumber(call, architecture);
    return `c(${[number, ...args].map((arg) => (typeof arg === 'number' ? arg : `"${arg}"`)).join(', ')});`;
  });
  return [
    'perl',
    '-e',
    `sub c { my ($n, @a) = @_; $! = 0; my $r = syscall($n, @a); print $r < 0 ? $! + 0 : "ok", "\\n" } ${lines.join(' ')}`,
  ];
}

async function answers(place: ReturnType<typeof makePlace>, calls: readonly Call[], options: RunOptions) {
  const { stdout, stderr } = await place.run(perl(calls), options);
  t.equal(stderr, '');
  return stdout.trim().split('\n');
}

const EPERM = '1';
const EBADF = '9';
const ENOSYS = '38';
const ENOTSOCK = '88';

const FAMILIES: readonly [name: string, family: number, type: number, offline: string, direct: string][] = [
  ['internet stream', 2, 1, EPERM, 'ok'],
  ['internet datagram', 2, 2, EPERM, 'ok'],
  ['internet 6 stream', 10, 1, EPERM, 'ok'],
  ['unix stream', 1, 1, 'ok', 'ok'],
  ['unix datagram', 1, 2, EPERM, 'ok'],
  ['netlink', 16, 3, EPERM, 'ok'],
  ['packet', 17, 3, EPERM, EPERM],
  ['vsock', 40, 1, EPERM, EPERM],
  ['crypto', 38, 5, EPERM, EPERM],
  ['bluetooth', 31, 3, EPERM, EPERM],
];

t.test('case 55: socket families in a real sandbox', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const calls = FAMILIES.map(([, family, type]): Call => ['socket', family, type, 0]);
  const offline = await answers(place, calls, { network: 'offline' });
  const direct = await answers(place, calls, { network: 'direct' });
  FAMILIES.forEach(([name, , , wantOffline, wantDirect], i) => {
    t.equal(offline[i], wantOffline, `${name}, offline`);
    t.equal(direct[i], wantDirect, `${name}, host network`);
  });
});

const REFUSED: readonly [why: string, call: Call, want: string][] = [
  ['53 ptrace of init', ['ptrace', 16, 1, 0, 0], EPERM],
  ['53 reading init', ['process_vm_readv', 1, 0, 0, 0, 0, 0], EPERM],
  ['55 io_uring', ['io_uring_setup', 8, 0], EPERM],
  ['55 userfaultfd', ['userfaultfd', 0], EPERM],
  ['55 keyrings', ['keyctl', 0, -3, 0], EPERM],
  ['55 bpf', ['bpf', 0, 0, 0], EPERM],
  ['55 perf events', ['perf_event_open', 0, 0, 0, 0, 0], EPERM],
  ['56 a new user namespace', ['unshare', 0x10000000], EPERM],
  ['56 a child in a new user namespace', ['clone', 0x10000011, 0, 0, 0, 0], EPERM],
  ['56 clone3, whose flags cannot be seen', ['clone3', 0, 0], ENOSYS],
  ['53 entering a namespace', ['setns', -1, 0], EPERM],
  ['53 another process’s descriptor', ['pidfd_getfd', -1, 0, 0], EPERM],
  ['52 a mount', ['mount', 'none', '/mnt', 'tmpfs', 0, 0], EPERM],
  ['52 a file handle', ['open_by_handle_at', -1, 0, 0], EPERM],
  ['TIOCSTI', ['ioctl', 0, 0x5412, 'x'], EPERM],
  ['TIOCSTI with a high half', ['ioctl', 0, 0x1_0000_5412, 'x'], EPERM],
  ['54 connecting a unix socket', ['connect', -1, 0, 0], EPERM],
  ['bash asking whether stdin is a network connection', ['getpeername', 0, 0, 0], ENOTSOCK],
  ['send(2) as such is allowed', ['sendto', -1, 'x', 1, 0, 0, 0], EBADF],
];

t.test('cases 53 to 56: calls that leave the sandbox are refused by the real kernel', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const got = await answers(
    place,
    REFUSED.map(([, call]) => call),
    {},
  );
  REFUSED.forEach(([why, , want], i) => t.equal(got[i], want, why));
});

t.test(
  'case 55: the x32 form of a call is refused',
  { skip: skip || (architecture !== 'x64' && 'x86-64 only') },
  async (t) => {
    const place = makePlace((f) => t.teardown(f));
    const [socket] = await answers(place, [[X32_FIRST_NUMBER + 41, 2, 1, 0]], {});
    t.equal(socket, ENOSYS);
  },
);

t.test('without the sandbox the same perl gets its sockets: the test can fail', { skip }, async (t) => {
  const [file = '', ...args] = perl([
    ['socket', 2, 1, 0],
    ['socket', 1, 1, 0],
  ]);
  const { stdout } = await execute([file, ...args], { PATH: '/usr/bin:/bin' }, '/');
  t.equal(stdout, 'ok\nok\n');
});

t.test(
  'bash -c does not read ~/.bashrc, whatever its stdin is',
  { skip: skip || !fs.existsSync('/bin/bash') },
  async (t) => {
    const place = makePlace((f) => t.teardown(f));
    place.write(`${place.root}/.bashrc`, 'echo sourced\n');
    t.equal((await place.run(['bash', '-c', 'echo ran'])).stdout, 'ran\n', 'stdin is /dev/null');
    t.equal(
      (await place.run(['bash', '-c', 'cat; echo ran'], { input: 'typed\n' })).stdout,
      'typed\nran\n',
      "stdin is a pipe of Node's",
    );
  },
);

t.test('a connected pair works offline with read, write and send', { skip }, async (t) => {
  const place = makePlace((f) => t.teardown(f));
  const script = `use Socket; socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or die; syswrite(A, "one ") or die $!; defined(send(A, "two", 0)) or die $!; sysread(B, $x, 7); print $x`;
  t.match(await place.run(['perl', '-MSocket', '-e', script]), { code: 0, stdout: 'one two' });
});
