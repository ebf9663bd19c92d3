/**
 * Restricts the system calls of a sandboxed command.
 *
 * Threat: mounts and namespaces confine paths and routes, but not everything that the kernel offers. A unix socket on a
 * readable path reaches docker, D-Bus or our own control socket. A new user namespace returns every capability inside
 * it. ptrace and similar calls take over neighbours. io_uring makes calls that no filter sees. TIOCSTI types into the
 * terminal's next reader. File handles and keyrings bypass the file system's view.
 * Rule: the calls named below fail (the first matching row decides); everything else is allowed. A call of a foreign
 * ABI kills the process, since its numbers mean other calls. x32 numbers get the answer of a kernel without x32.
 * Scope: the command and all its descendants; the filter cannot be removed. Arguments are compared as the kernel reads
 * them: an `int` by its low half, a pointer by both halves.
 * Non-scope: bubblewrap's own init process, which runs unfiltered and is hidden from the command (bubblewrap.ts).
 *
 * Three filters, by the command's network access:
 * - `offline`: unix sockets can be created but cannot connect to anything. Connected pairs work and can send
 *   descriptors: a message on a socket that is connected, or cannot be connected, cannot name a receiver
 *   (unix_stream_sendmsg, unix_seqpacket_sendmsg). Datagram sockets, whose messages can name one, do not exist.
 * - `lane`: internet sockets only (the lane's network namespace decides what they reach), and connected pairs.
 * - `direct`: the host's network, ordinary families.
 */
import { constants } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { Field, Opcode, Verdict, assemble, expect, expectNot, give, load, type Instruction } from './bpf.js';
import {
  AUDIT_ARCHITECTURE,
  X32_FIRST_NUMBER,
  systemCallNumber,
  type FilterArchitecture,
  type SystemCall,
} from './syscalls.js';

export type FilterMode = 'offline' | 'lane' | 'direct';

/** A condition on one argument of a call, by index. `…64` tests read both halves. */
export type ArgumentTest = { readonly argument: number } & (
  | { readonly oneOf: readonly number[] }
  | { readonly noneOf: readonly number[] }
  | { readonly anyBit: number }
  | { readonly zero64: true }
  | { readonly nonzero64: true }
);

export interface Refusal {
  readonly calls: readonly SystemCall[];
  readonly errno: 'EPERM' | 'ENOSYS' | 'ENOTSOCK';
  /** Refused only when every test holds. */
  readonly when?: readonly ArgumentTest[];
  readonly why: string;
}

/** The program for `bwrap --seccomp`. */
export const seccompProgram = (architecture: FilterArchitecture, mode: FilterMode): Buffer =>
  assemble(compile(architecture, refusals(mode)));

/** The rows of a mode, in the order of evaluation. */
export const refusals = (mode: FilterMode): readonly Refusal[] => [...ALWAYS, ...SOCKETS[mode]];

/** CLONE_NEW* of linux/sched.h: NS, CGROUP, UTS, IPC, USER, PID, NET. */
const NEW_NAMESPACES = 0x7e020000;
/** CLONE_NEWTIME: only unshare(2) and clone3(2) know it. In clone(2) the bit belongs to the exit signal. */
const NEW_TIME_NAMESPACE = 0x80;
/** asm-generic/ioctls.h; the same on x86-64 and arm64. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
/**
 * linux/personality.h: PER_LINUX, PER_LINUX32, UNAME26, both, ADDR_NO_RANDOMIZE (setarch -R, sanitizers), "just tell".
 */
const HARMLESS_PERSONALITIES = [0, 0x8, 0x20000, 0x20008, 0x40000, 0xffffffff];

/** linux/stat.h. */
const S_ISUID_OR_S_ISGID = 0o6000;
/** asm-generic/fcntl.h: O_CREAT, and __O_TMPFILE without O_DIRECTORY. Without them, the mode has no meaning. */
const MAKES_A_FILE = 0o100 | 0o20000000;
const RUNS_AS_ANOTHER =
  'a program with such a bit outlives the sandbox, and whoever starts it has the rights of this user or group';

const ALWAYS: readonly Refusal[] = [
  ...(
    [
      ['chmod', 1],
      ['fchmod', 1],
      ['fchmodat', 2],
      ['fchmodat2', 2],
      ['creat', 1],
      ['mknod', 1],
      ['mknodat', 2],
    ] as const
  ).map(([call, argument]): Refusal => ({
    calls: [call],
    errno: 'EPERM',
    when: [{ argument, anyBit: S_ISUID_OR_S_ISGID }],
    why: RUNS_AS_ANOTHER,
  })),
  ...(
    [
      ['open', 1],
      ['openat', 2],
    ] as const
  ).map(([call, flags]): Refusal => ({
    calls: [call],
    errno: 'EPERM',
    when: [
      { argument: flags, anyBit: MAKES_A_FILE },
      { argument: flags + 1, anyBit: S_ISUID_OR_S_ISGID },
    ],
    why: RUNS_AS_ANOTHER,
  })),
  { calls: ['openat2'], errno: 'ENOSYS', why: 'its mode lies in memory, out of sight; programs fall back to openat' },
  {
    calls: ['ptrace', 'process_vm_readv', 'process_vm_writev', 'process_madvise', 'pidfd_getfd', 'kcmp'],
    errno: 'EPERM',
    why: 'they reach into other processes of the sandbox, which may be less confined',
  },
  {
    calls: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'],
    errno: 'EPERM',
    why: 'its operations (connect, openat …) pass no filter',
  },
  {
    calls: ['unshare'],
    errno: 'EPERM',
    when: [{ argument: 0, anyBit: NEW_NAMESPACES | NEW_TIME_NAMESPACE }],
    why: 'a user namespace gives capabilities over everything in it',
  },
  { calls: ['clone'], errno: 'EPERM', when: [{ argument: 0, anyBit: NEW_NAMESPACES }], why: 'as unshare' },
  {
    calls: ['clone3'],
    errno: 'ENOSYS',
    why: 'its flags lie in memory, out of sight; the C libraries fall back to clone',
  },
  { calls: ['setns'], errno: 'EPERM', why: 'it enters namespaces that others made' },
  {
    calls: [
      'mount',
      'umount2',
      'pivot_root',
      'chroot',
      'open_tree',
      'open_tree_attr',
      'move_mount',
      'mount_setattr',
      'fsopen',
      'fsconfig',
      'fsmount',
      'fspick',
    ],
    errno: 'EPERM',
    why: 'the view of the file system is the sandbox',
  },
  { calls: ['open_by_handle_at'], errno: 'EPERM', why: 'a file handle opens files outside of every mount' },
  {
    calls: ['ioctl'],
    errno: 'EPERM',
    when: [{ argument: 1, oneOf: [TIOCSTI, TIOCLINUX] }],
    why: 'they put bytes into the terminal that its next reader takes for typed',
  },
  {
    calls: ['keyctl', 'add_key', 'request_key'],
    errno: 'EPERM',
    why: 'keyrings belong to the user, not to a namespace',
  },
  { calls: ['bpf', 'perf_event_open', 'userfaultfd'], errno: 'EPERM', why: 'attack surface of the kernel' },
  {
    calls: ['personality'],
    errno: 'EPERM',
    when: [{ argument: 0, noneOf: HARMLESS_PERSONALITIES }],
    why: 'READ_IMPLIES_EXEC and its like weaken what runs afterwards',
  },
  {
    calls: [
      'acct',
      'clock_settime',
      'create_module',
      'delete_module',
      'fanotify_init',
      'finit_module',
      'get_kernel_syms',
      'init_module',
      'ioperm',
      'iopl',
      'kexec_file_load',
      'kexec_load',
      'lookup_dcookie',
      'migrate_pages',
      'move_pages',
      'nfsservctl',
      'query_module',
      'quotactl',
      'quotactl_fd',
      'reboot',
      'setdomainname',
      'sethostname',
      'settimeofday',
      'swapoff',
      'swapon',
      'syslog',
      'uselib',
      'vhangup',
    ],
    errno: 'EPERM',
    why: 'they administer the machine',
  },
];

/** linux/socket.h. */
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
/** linux/net.h: SOCK_STREAM and SOCK_SEQPACKET, each bare, with SOCK_NONBLOCK, with SOCK_CLOEXEC and with both. */
const CONNECTED_TYPES = [1, 5].flatMap((type) => [0, 0o4000, 0o2000000, 0o2004000].map((flags) => type | flags));

const PAIRS_OF_THE_UNIX_FAMILY: Refusal = {
  calls: ['socketpair'],
  errno: 'EPERM',
  when: [{ argument: 0, noneOf: [AF_UNIX] }],
  why: 'other families (TIPC) make pairs that can be connected elsewhere',
};
const CONNECTED_PAIRS: Refusal = {
  calls: ['socketpair'],
  errno: 'EPERM',
  when: [{ argument: 1, noneOf: CONNECTED_TYPES }],
  why: 'a datagram socket (SOCK_RAW is one too) can send to any unix socket by path, paired or not',
};

const SOCKETS: Readonly<Record<FilterMode, readonly Refusal[]>> = {
  offline: [
    { calls: ['socket'], errno: 'EPERM', when: [{ argument: 0, noneOf: [AF_UNIX] }], why: 'no network' },
    { calls: ['socket'], errno: 'EPERM', when: [{ argument: 1, noneOf: CONNECTED_TYPES }], why: CONNECTED_PAIRS.why },
    PAIRS_OF_THE_UNIX_FAMILY,
    CONNECTED_PAIRS,
    {
      calls: ['connect', 'bind', 'listen', 'accept', 'accept4'],
      errno: 'EPERM',
      why: 'a unix socket must lead nowhere: docker, D-Bus, X11, our own control socket',
    },
    { calls: ['sendto'], errno: 'EPERM', when: [{ argument: 4, nonzero64: true }], why: 'it names a receiver' },
    {
      calls: ['sendto'],
      errno: 'EPERM',
      when: [{ argument: 2, zero64: true }],
      why: 'send(2) on a connected pair is allowed (event loops wake themselves with it), and that has bytes to send',
    },
    {
      calls: ['getpeername'],
      errno: 'ENOTSOCK',
      why: 'bash asks it whether stdin is a network connection, and takes EPERM or an answer for yes: it would read ~/.bashrc',
    },
  ],
  lane: [
    {
      calls: ['socket'],
      errno: 'EPERM',
      when: [{ argument: 0, noneOf: [AF_INET, AF_INET6] }],
      why: 'the lane carries internet traffic; a unix socket goes past it',
    },
    PAIRS_OF_THE_UNIX_FAMILY,
    CONNECTED_PAIRS,
  ],
  direct: [
    {
      calls: ['socket'],
      errno: 'EPERM',
      when: [{ argument: 0, noneOf: [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] }],
      why: 'AF_VSOCK talks to the hypervisor; AF_ALG, AF_PACKET and the rest are attack surface, not network',
    },
    PAIRS_OF_THE_UNIX_FAMILY,
  ],
};

/**
 * A binary search over the numbers. The kernel runs a new filter for every existing system call, to determine which are
 * always allowed. A linear list of comparisons would cost each command 0.2 ms for that alone.
 */
function compile(architecture: FilterArchitecture, rows: readonly Refusal[]): readonly Instruction[] {
  const check = [
    load(Field.architecture),
    expectNot(Opcode.jumpIfEqual, AUDIT_ARCHITECTURE[architecture], 1),
    give(Verdict.killProcess),
    load(Field.number),
  ];
  return [...check, ...search(ranges(architecture, rows))];
}

/** `code`, which ends in a verdict, answers the calls from `first` up to the next range. */
interface Range {
  readonly first: number;
  readonly code: readonly Instruction[];
}

const ALLOWED: readonly Instruction[] = [give(Verdict.allow)];

function ranges(architecture: FilterArchitecture, rows: readonly Refusal[]): readonly Range[] {
  const answers = new Map<number, readonly Instruction[]>();
  // From the last row to the first, because the first row must be evaluated first.
  for (const row of [...rows].reverse()) {
    const verdict = give(Verdict.fail(constants.errno[row.errno]));
    for (const name of row.calls) {
      const number = systemCallNumber(name, architecture);
      if (number === null) continue;
      answers.set(number, [
        ...conditions(row.when ?? []),
        verdict,
        ...(row.when ? (answers.get(number) ?? ALLOWED) : []),
      ]);
    }
  }
  const found: Range[] = [{ first: 0, code: ALLOWED }];
  const add = (first: number, code: readonly Instruction[]): void => {
    const last = found.at(-1);
    if (last?.first === first) found.pop();
    const before = found.at(-1);
    if (!before || !isDeepStrictEqual(before.code, code)) found.push({ first, code });
  };
  for (const number of [...answers.keys()].sort((a, b) => a - b)) {
    add(number, answers.get(number) ?? ALLOWED);
    add(number + 1, ALLOWED);
  }
  if (architecture === 'x64') add(X32_FIRST_NUMBER, [give(Verdict.fail(constants.errno.ENOSYS))]);
  return found;
}

function search(among: readonly Range[]): readonly Instruction[] {
  const middle = among.length >> 1;
  const [first, pivot] = [among[0], among[middle]];
  if (!first || !pivot) throw new RangeError('there is nothing to search');
  if (middle === 0) return first.code;
  const below = search(among.slice(0, middle));
  // The lower half follows; numbers from the pivot on jump over it.
  return [expectNot(Opcode.jumpIfGreaterOrEqual, pivot.first, below.length), ...below, ...search(among.slice(middle))];
}

/**
 * Code that continues if every test is true, and otherwise jumps directly after the next verdict. Built from the end,
 * so that each piece knows the number of instructions to jump over.
 */
function conditions(tests: readonly ArgumentTest[]): readonly Instruction[] {
  let code: readonly Instruction[] = [];
  for (const test of [...tests].reverse()) code = [...condition(test, code.length + 1), ...code];
  return code;
}

/** `rest`: the number of instructions up to the end of the verdict. */
function condition(test: ArgumentTest, rest: number): readonly Instruction[] {
  const low = load(Field.argumentLow(test.argument));
  const high = load(Field.argumentHigh(test.argument));
  if ('anyBit' in test) return [low, expect(Opcode.jumpIfAnyBit, test.anyBit, rest)];
  if ('noneOf' in test) {
    const count = test.noneOf.length;
    return [low, ...test.noneOf.map((value, i) => expectNot(Opcode.jumpIfEqual, value, count - 1 - i + rest))];
  }
  if ('oneOf' in test) {
    const count = test.oneOf.length;
    // Each match except the last jumps over the remaining comparisons into the verdict; a mismatch of the last one
    // leaves.
    return [
      low,
      ...test.oneOf.map((value, i) => {
        const left = count - 1 - i;
        return left ? { code: Opcode.jumpIfEqual, jt: left, jf: 0, k: value } : expect(Opcode.jumpIfEqual, value, rest);
      }),
    ];
  }
  if ('zero64' in test) {
    return [low, expect(Opcode.jumpIfEqual, 0, rest + 2), high, expect(Opcode.jumpIfEqual, 0, rest)];
  }
  // Tests for "not zero": when the low half is not zero, it jumps over the test of the high half.
  return [low, { code: Opcode.jumpIfEqual, jt: 0, jf: 2, k: 0 }, high, expectNot(Opcode.jumpIfEqual, 0, rest)];
}
