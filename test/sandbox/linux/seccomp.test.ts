import { constants } from 'node:os';
import t from 'tap';
import { Verdict } from '../../../server/sandbox/linux/bpf.js';
import { refusals, seccompProgram, type FilterMode } from '../../../server/sandbox/linux/seccomp.js';
import {
  AUDIT_ARCHITECTURE,
  SYSTEM_CALLS,
  systemCallNumber,
  type FilterArchitecture,
  type SystemCall,
} from '../../../server/sandbox/linux/syscalls.js';
import { interpret } from './bpf-interpreter.js';

const ARCHITECTURES: readonly FilterArchitecture[] = ['x64', 'arm64'];
const MODES: readonly FilterMode[] = ['offline', 'lane', 'direct'];

/** `allow`, `kill` or the name of an error. */
function verdict(
  architecture: FilterArchitecture,
  mode: FilterMode,
  name: SystemCall,
  args: readonly (number | bigint)[],
) {
  const number = systemCallNumber(name, architecture);
  if (number === null) return 'no such call';
  return read(seccompProgram(architecture, mode), number, AUDIT_ARCHITECTURE[architecture], args);
}

function read(program: Buffer, number: number, architecture: number, args: readonly (number | bigint)[] = []): string {
  const result = interpret(program, { number, architecture, args: args.map(BigInt) });
  if (result === Verdict.allow) return 'allow';
  if (result === Verdict.killProcess) return 'kill';
  for (const [name, errno] of Object.entries(constants.errno)) if (result === Verdict.fail(errno)) return name;
  return `unknown verdict ${result}`;
}

const UNIX = 1;
const INET = 2;
const INET6 = 10;
const STREAM = 1;
const DGRAM = 2;
const RAW = 3;
const SEQPACKET = 5;
const CLOEXEC = 0o2000000;
const HIGH_HALF = 0xdead_0000_0000_0000n;

const ROWS: readonly [
  why: string,
  mode: FilterMode,
  call: SystemCall,
  args: readonly (number | bigint)[],
  want: string,
][] = [
  ['offline has no internet sockets', 'offline', 'socket', [INET, STREAM, 0], 'EPERM'],
  ['… of neither version', 'offline', 'socket', [INET6, DGRAM, 0], 'EPERM'],
  [
    'the kernel reads the family as an int: the high half must not hide it',
    'offline',
    'socket',
    [HIGH_HALF | 2n],
    'EPERM',
  ],
  ['a unix socket can be made offline', 'offline', 'socket', [UNIX, STREAM, 0], 'allow'],
  ['… whatever is in the high half', 'offline', 'socket', [HIGH_HALF | 1n, STREAM, 0], 'allow'],
  ['… but not connected: docker.sock, D-Bus, X11', 'offline', 'connect', [3, 0, 0], 'EPERM'],
  ['… nor bound', 'offline', 'bind', [3, 0, 0], 'EPERM'],
  ['a datagram socket can name a receiver in memory, out of sight', 'offline', 'socket', [UNIX, DGRAM, 0], 'EPERM'],
  ['… whatever its flags', 'offline', 'socket', [UNIX, DGRAM | CLOEXEC, 0], 'EPERM'],
  ['… and the kernel takes SOCK_RAW for it', 'offline', 'socket', [UNIX, RAW, 0], 'EPERM'],
  ['… nor in a pair', 'offline', 'socketpair', [UNIX, DGRAM, 0, 0], 'EPERM'],
  ['… nor with a type hidden in the high half', 'offline', 'socketpair', [UNIX, HIGH_HALF | 2n, 0, 0], 'EPERM'],
  [
    'send(2) on a pair: asyncio and others wake themselves with it',
    'offline',
    'sendto',
    [3, 0x7fff, 1, 0, 0, 0],
    'allow',
  ],
  ['sendto with a receiver', 'offline', 'sendto', [3, 0x7fff, 1, 0, 0x7fff, 16], 'EPERM'],
  [
    'a receiver whose address has an empty low half',
    'offline',
    'sendto',
    [3, 0x7fff, 1, 0, 0x7f_0000_0000n, 16],
    'EPERM',
  ],
  ['nothing to send', 'offline', 'sendto', [3, 0x7fff, 0, 0, 0, 0], 'EPERM'],
  ['4 GiB to send: its low half is zero', 'offline', 'sendto', [3, 0x7fff, 0x1_0000_0000n, 0, 0, 0], 'allow'],
  ['bash takes any other answer for a network connection', 'offline', 'getpeername', [0, 0, 0], 'ENOTSOCK'],
  ['pairs of the unix family', 'offline', 'socketpair', [UNIX, STREAM, 0, 0], 'allow'],
  ['AF_TIPC makes pairs that lead elsewhere', 'offline', 'socketpair', [30, SEQPACKET, 0, 0], 'EPERM'],

  ['a lane has internet sockets', 'lane', 'socket', [INET, STREAM, 0], 'allow'],
  ['… of both versions', 'lane', 'socket', [INET6, STREAM | CLOEXEC, 0], 'allow'],
  ['a unix socket would go past the lane', 'lane', 'socket', [UNIX, STREAM, 0], 'EPERM'],
  ['AF_NETLINK', 'lane', 'socket', [16, RAW, 0], 'EPERM'],
  ['AF_VSOCK reaches the hypervisor', 'lane', 'socket', [40, STREAM, 0], 'EPERM'],
  ['connect is what a lane is for', 'lane', 'connect', [3, 0, 0], 'allow'],
  ['a stream pair is connected for good', 'lane', 'socketpair', [UNIX, STREAM | CLOEXEC, 0, 0], 'allow'],
  ['so is a sequenced one', 'lane', 'socketpair', [UNIX, SEQPACKET, 0, 0], 'allow'],
  ['a datagram pair can send to any path', 'lane', 'socketpair', [UNIX, DGRAM, 0, 0], 'EPERM'],
  ['… with flags too', 'lane', 'socketpair', [UNIX, DGRAM | CLOEXEC, 0, 0], 'EPERM'],
  ['… and the kernel takes SOCK_RAW for SOCK_DGRAM there', 'lane', 'socketpair', [UNIX, RAW, 0, 0], 'EPERM'],
  ['the type is an int', 'lane', 'socketpair', [UNIX, HIGH_HALF | 2n, 0, 0], 'EPERM'],

  ['with the host network unix sockets work', 'direct', 'socket', [UNIX, STREAM, 0], 'allow'],
  ['getifaddrs asks netlink', 'direct', 'socket', [16, RAW, 0], 'allow'],
  ['AF_VSOCK is no network', 'direct', 'socket', [40, STREAM, 0], 'EPERM'],
  ['AF_ALG is attack surface', 'direct', 'socket', [38, SEQPACKET, 0], 'EPERM'],
  ['AF_PACKET', 'direct', 'socket', [17, RAW, 0], 'EPERM'],
];

t.test('a socket call gets the verdict of its mode', (t) => {
  for (const architecture of ARCHITECTURES)
    for (const [why, mode, call, args, want] of ROWS)
      t.equal(verdict(architecture, mode, call, args), want, `${architecture} ${mode} ${call}(${args.join()}): ${why}`);
  t.end();
});

const ALWAYS: readonly [why: string, call: SystemCall, args: readonly (number | bigint)[], want: string][] = [
  ['86 leaves a setuid program', 'chmod', [0x7fff, 0o4755], 'EPERM'],
  ['86 … or a setgid one', 'fchmod', [3, 0o2755], 'EPERM'],
  ['86 … relative to a folder', 'fchmodat', [3, 0x7fff, 0o4755], 'EPERM'],
  ['86 … with flags', 'fchmodat2', [3, 0x7fff, 0o4755, 0x1000], 'EPERM'],
  ['86 … makes it so', 'open', [0x7fff, 0o101, 0o4755], 'EPERM'],
  ['86 … in a folder', 'openat', [3, 0x7fff, 0o101, 0o6755], 'EPERM'],
  ['86 … without a name', 'openat', [3, 0x7fff, 0o20200001, 0o4755], 'EPERM'],
  ['86 … as a node', 'mknodat', [3, 0x7fff, 0o104755, 0], 'EPERM'],
  ['86 a mode in memory', 'openat2', [3, 0x7fff, 0x7fff, 24], 'ENOSYS'],
  ['86 an ordinary mode', 'fchmodat', [3, 0x7fff, 0o1777], 'allow'],
  ['86 an ordinary file', 'openat', [3, 0x7fff, 0o101, 0o644], 'allow'],
  ['86 a file that is only opened has no mode', 'openat', [3, 0x7fff, 0, 0o6755], 'allow'],
  ['reads and writes a neighbour', 'ptrace', [16, 1], 'EPERM'],
  ['reads a neighbour', 'process_vm_readv', [1], 'EPERM'],
  ['takes a neighbour’s descriptors', 'pidfd_getfd', [3, 0, 0], 'EPERM'],
  ['connects without connect(2)', 'io_uring_setup', [8, 0], 'EPERM'],
  ['a new user namespace', 'unshare', [0x10000000], 'EPERM'],
  ['… hidden among harmless flags', 'unshare', [0x10000000 | 0x200], 'EPERM'],
  ['a new time namespace', 'unshare', [0x80], 'EPERM'],
  ['a descriptor table of one’s own is harmless', 'unshare', [0x400], 'allow'],
  ['fork is clone with an exit signal', 'clone', [0x01200011], 'allow'],
  ['a thread', 'clone', [0x3d0f00], 'allow'],
  ['SIGRTMAX-like exit signals share a bit with CLONE_NEWTIME, which clone(2) does not know', 'clone', [0x80], 'allow'],
  ['a process in a new user namespace', 'clone', [0x10000011], 'EPERM'],
  ['a process in a new network namespace', 'clone', [0x40000011], 'EPERM'],
  ['its flags cannot be seen; C libraries fall back', 'clone3', [0x7fff, 88], 'ENOSYS'],
  ['enters other namespaces', 'setns', [3, 0], 'EPERM'],
  ['mounts', 'mount', [], 'EPERM'],
  ['mounts, the new way', 'open_tree_attr', [], 'EPERM'],
  ['opens files outside of every mount', 'open_by_handle_at', [], 'EPERM'],
  ['types into the terminal', 'ioctl', [0, 0x5412, 0], 'EPERM'],
  ['… with a high half that the kernel drops (CVE-2019-10063)', 'ioctl', [0, 0x1_0000_5412n, 0], 'EPERM'],
  ['pastes into a console', 'ioctl', [0, 0x541c, 0], 'EPERM'],
  ['asks for the window size', 'ioctl', [0, 0x5413, 0], 'allow'],
  ['asks for its personality', 'personality', [0xffffffff], 'allow'],
  ['setarch -R', 'personality', [0x40000], 'allow'],
  ['READ_IMPLIES_EXEC', 'personality', [0x400000], 'EPERM'],
  ['the user’s keyring', 'keyctl', [0, -3, 0], 'EPERM'],
  ['programs in the kernel', 'bpf', [], 'EPERM'],
  ['races in the kernel', 'userfaultfd', [], 'EPERM'],
  ['watches the kernel', 'perf_event_open', [], 'EPERM'],
  ['another kernel', 'kexec_load', [], 'EPERM'],
];

t.test('a call that leaves the sandbox, or helps to, is refused in every mode', (t) => {
  for (const architecture of ARCHITECTURES)
    for (const mode of MODES)
      for (const [why, call, args, expected] of ALWAYS) {
        const want = systemCallNumber(call, architecture) === null ? 'no such call' : expected;
        t.equal(
          verdict(architecture, mode, call, args),
          want,
          `${architecture} ${mode} ${call}(${args.join()}): ${why}`,
        );
      }
  t.end();
});

t.test('calls of a foreign ABI do not pass with another meaning', (t) => {
  const I386 = 0x40000003;
  const ARM = 0x40000028;
  for (const mode of MODES) {
    t.equal(
      read(seccompProgram('x64', mode), 102, I386),
      'kill',
      `${mode}: socketcall of i386 has the number of getuid`,
    );
    t.equal(read(seccompProgram('arm64', mode), 281, ARM), 'kill', `${mode}: socket of 32-bit ARM`);
    const x32Socket = 0x40000000 + 41;
    t.equal(
      read(seccompProgram('x64', mode), x32Socket, AUDIT_ARCHITECTURE.x64, [INET]),
      'ENOSYS',
      `${mode}: x32 socket`,
    );
    t.equal(read(seccompProgram('x64', mode), 0xffffffff, AUDIT_ARCHITECTURE.x64), 'ENOSYS', `${mode}: number -1`);
  }
  t.end();
});

t.test('ordinary calls pass, and a check of one call’s arguments does not affect the next row', (t) => {
  // sendmsg, sendmmsg (descriptors travel with them), read, write, execve, exit_group, futex, newfstatat, getrandom,
  // recvmsg, recvfrom, shutdown, getsockopt
  const ordinary = {
    x64: [46, 307, 0, 1, 59, 231, 202, 262, 318, 47, 45, 48, 55],
    arm64: [211, 269, 63, 64, 221, 94, 98, 79, 278, 212, 207, 210, 209],
  };
  for (const architecture of ARCHITECTURES)
    for (const mode of MODES)
      for (const number of ordinary[architecture]) {
        const args = [-1, -1, -1, -1, -1, -1];
        t.equal(read(seccompProgram(architecture, mode), number, AUDIT_ARCHITECTURE[architecture], args), 'allow');
      }
  t.end();
});

t.test('every call in a filter exists on at least one architecture, with one number', (t) => {
  for (const architecture of ARCHITECTURES) {
    const numbers = SYSTEM_CALLS.flatMap((name) => systemCallNumber(name, architecture) ?? []);
    t.equal(new Set(numbers).size, numbers.length, `${architecture}: no number stands twice`);
  }
  const used = new Set(MODES.flatMap((mode) => refusals(mode).flatMap(({ calls }) => calls)));
  t.same([...used].sort(), [...SYSTEM_CALLS].sort(), 'no name of the table is unused');
  t.end();
});
