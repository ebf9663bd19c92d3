/**
 * Translates a plan into arguments of bubblewrap.
 *
 * Threat: bubblewrap leaves three ways out unless it receives further arguments. Its init process (pid 1 in the
 * sandbox) runs without the seccomp filter under the same user, so a process that writes to /proc/1/mem runs code
 * there. For root, the files of a new /proc that control the kernel (/proc/sys, sysrq-trigger, irq, bus) are writable,
 * because only the user id protects them. The root folder of a bare sandbox is a writable tmpfs.
 * Rule: an empty folder covers /proc/1. For root, further covers protect the files that control the kernel
 * (root-proc.ts). The bare root folder is remounted read-only. Every other namespace is unshared, and all capabilities
 * are dropped. User and group are the daemon's, whatever a lane maps them to. From outside, the command receives only
 * its environment and descriptors 0 to 2. The cgroup namespace is not unshared: with the host's cgroup mount it would
 * be inconsistent, and the JVM, which reads its limits there, fails. That mount is read-only, and its names give no
 * access.
 * Scope: bubblewrap 0.5 and later.
 * Non-scope: what the kernel lets any process of this user do to other hosts' resources through files it may write.
 */
import type { PlannedMount, SandboxPlan } from '../policy/policy.js';
import type { Replaced } from './replaced-files.js';
import type { ProcCover } from './root-proc.js';

export interface Masks {
  readonly hiddenFolder: string;
  readonly hiddenFile: string;
}

export interface BubblewrapOptions {
  readonly plan: SandboxPlan;
  readonly masks: Masks;
  readonly env: Readonly<Record<string, string>>;
  /** false in a lane (the caller has entered its network namespace) and with the host's network. */
  readonly unshareNetwork: boolean;
  /** false with a terminal: the command keeps the session that owns the terminal. */
  readonly newSession: boolean;
  /** For a command of root. null: /proc is read-only as a whole. */
  readonly procCovers: readonly ProcCover[] | null;
  /** Files to show in the place of others. */
  readonly replaced: readonly Replaced[];
  readonly uid: number;
  readonly gid: number;
}

/** The arguments for the launch file. The command's own argv follows on the command line. */
export const bubblewrapArguments = (options: BubblewrapOptions): readonly string[] => [
  ...sandboxArguments(options),
  ...commandArguments(options),
];

/** The part that makes the sandbox, the same for every folder and environment of a command. */
export function sandboxArguments(options: Omit<BubblewrapOptions, 'env'>): readonly string[] {
  const { plan, masks, uid, gid } = options;
  return [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-ipc',
    '--unshare-uts',
    ...(options.unshareNetwork ? ['--unshare-net'] : []),
    ...['--uid', String(uid), '--gid', String(gid)],
    ...['--cap-drop', 'ALL'],
    '--die-with-parent',
    ...(options.newSession ? ['--new-session'] : []),
    ...BASE[plan.base],
    ...['--proc', '/proc', '--perms', '0555', '--tmpfs', '/proc/1'],
    ...(options.procCovers ?? []).flatMap(coverArguments),
    ...plan.mounts.flatMap((mount) => mountArguments(mount, masks)),
    ...(options.procCovers === null ? ['--remount-ro', '/proc'] : []),
    ...options.replaced.flatMap(({ by, place }) => ['--ro-bind', by, place]),
    // Last, because bubblewrap creates folders in a private folder for the mounts below it.
    ...plan.mounts.flatMap((mount) =>
      mount.kind === 'privateFolder' && !mount.listable ? ['--remount-ro', mount.path] : [],
    ),
    ...(plan.base === 'bare' ? ['--remount-ro', '/'] : []),
  ];
}

const commandArguments = ({ plan, env }: Pick<BubblewrapOptions, 'plan' | 'env'>): readonly string[] => [
  ...['--chdir', plan.workingFolder],
  '--clearenv',
  ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
];

/** bubblewrap's MAX_ARGS is 9000 words in total; the command's own words do not count as options. */
export const MAX_ARGUMENTS = 8900;

const BASE: Readonly<Record<SandboxPlan['base'], readonly string[]>> = {
  readable: ['--ro-bind', '/', '/', '--dev', '/dev'],
  writable: ['--bind', '/', '/', '--dev', '/dev'],
  bare: ['--dev', '/dev'],
  unrestricted: ['--dev-bind', '/', '/'],
};

const coverArguments = (cover: ProcCover): readonly string[] =>
  cover.as === 'readable' ? ['--ro-bind', cover.path, cover.path] : ['--perms', '0555', '--tmpfs', cover.path];

function mountArguments(mount: PlannedMount, masks: Masks): readonly string[] {
  const { path } = mount;
  switch (mount.kind) {
    case 'readable':
      return ['--ro-bind', path, path];
    case 'writable':
      return ['--bind', path, path];
    case 'device':
      return ['--dev-bind', path, path];
    case 'hidden':
      return ['--ro-bind', mount.of === 'folder' ? masks.hiddenFolder : masks.hiddenFile, path];
    case 'empty':
      // Not a read-only bind: for it, bubblewrap reads the whole mount table, at nine times the cost. A command may
      // chmod its own copy and write there; it is memory that ends with the sandbox.
      return ['--perms', '0555', '--tmpfs', path];
    case 'privateFolder':
      return ['--perms', mount.listable ? '0555' : '0111', '--tmpfs', path];
    case 'link':
      return ['--symlink', mount.target, path];
    case 'folder':
      return ['--perms', '0555', '--dir', path];
  }
}
