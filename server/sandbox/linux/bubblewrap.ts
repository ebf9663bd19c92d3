/**
 * A plan as arguments of bubblewrap.
 *
 * Threat: bubblewrap leaves three doors ajar that it is not asked to close. Its init process (pid 1 in the sandbox)
 * runs without the seccomp filter under the same user, and whoever writes to /proc/1/mem runs code there. As root, the
 * files of a new /proc that steer the kernel (/proc/sys, sysrq-trigger, irq, bus) can be written, because nothing but
 * the user id protects them. And the root folder of a bare sandbox is a writable tmpfs.
 * The cgroup namespace is not unshared: with the host's mount of cgroups it would be half of one, and the JVM, which
 * reads its limits there, fails; that mount is read-only, and a name in it opens nothing.
 * Rule: /proc/1 is covered by an empty folder, and for root what steers the kernel (root-proc.ts); the bare root folder
 * is remounted read-only. Every other namespace is unshared, all capabilities are dropped, user and group are the
 * daemon's own whatever a lane maps them to, and what the command gets from outside is its environment and descriptors
 * 0 to 2.
 * Scope: bubblewrap 0.5 and later. Non-scope: what the kernel lets any process of this user do to other hosts'
 * resources through files it may write.
 */
import type { PlannedMount, SandboxPlan } from '../policy/policy.js';
import type { ProcCover } from './root-proc.js';

export interface Masks {
  readonly hiddenFolder: string;
  readonly hiddenFile: string;
}

export interface BubblewrapOptions {
  readonly plan: SandboxPlan;
  readonly masks: Masks;
  readonly env: Readonly<Record<string, string>>;
  /** false in a lane, whose network namespace the caller has entered, and with the host's network. */
  readonly unshareNetwork: boolean;
  /** false with a terminal: the command then keeps the session that has it. */
  readonly newSession: boolean;
  /** For a command of root; null: /proc is read-only as a whole. */
  readonly procCovers: readonly ProcCover[] | null;
  readonly uid: number;
  readonly gid: number;
}

/** The words of the launch file; the command's own follow on the command line. */
export function bubblewrapArguments(options: BubblewrapOptions): readonly string[] {
  const { plan, masks, env, uid, gid } = options;
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
    // Last, because the mounts below a curtain are mounted on folders that bubblewrap makes in it.
    ...plan.mounts.flatMap((mount) =>
      mount.kind === 'curtain' && !mount.listable ? ['--remount-ro', mount.path] : [],
    ),
    ...(plan.base === 'bare' ? ['--remount-ro', '/'] : []),
    ...['--chdir', plan.workingFolder],
    '--clearenv',
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
  ];
}

/** bubblewrap's MAX_ARGS is 9000 words in total; the command's own are not counted among the options. */
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
      // Not a read-only bind, for which bubblewrap reads the whole table of mounts: that is nine times the cost. A
      // command may chmod its own copy and write there; it is memory that ends with the sandbox.
      return ['--perms', '0555', '--tmpfs', path];
    case 'curtain':
      return ['--perms', mount.listable ? '0555' : '0111', '--tmpfs', path];
    case 'link':
      return ['--symlink', mount.target, path];
    case 'folder':
      return ['--perms', '0555', '--dir', path];
  }
}
