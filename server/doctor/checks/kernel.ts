/**
 * Reports what the kernel and this process's surroundings allow for sandboxes. The sandbox check gives the verdict;
 * this check explains it.
 */
import fs from 'node:fs';
import { machine } from '../../sandbox/linux/probe.js';
import { ok, skipped, warn, type Finding } from '../findings/finding.js';
import type { Check } from '../findings/run-checks.js';

export const kernelCheck: Check = {
  id: 'kernel',
  title: 'Kernel and container',
  limitMs: 5000,
  run() {
    if (process.platform !== 'linux') {
      return [
        skipped('kernel.linux', 'not looked at', `this is ${process.platform}: the sandbox check says all there is`),
      ];
    }
    return [namespaces(), appArmor(), container(), seccomp(), sharedMemory()];
  },
};

const sysctl = (name: string): string | undefined => readText(`/proc/sys/${name}`)?.trim();

function namespaces(): Finding {
  const id = 'kernel.user-namespaces';
  const most = sysctl('user/max_user_namespaces');
  const unprivileged = sysctl('kernel/unprivileged_userns_clone');
  const detail = [
    most === undefined ? null : `user.max_user_namespaces = ${most}`,
    unprivileged === undefined ? null : `kernel.unprivileged_userns_clone = ${unprivileged}`,
  ]
    .filter((line) => line !== null)
    .join(', ');
  if (!fs.existsSync('/proc/self/ns/user')) {
    return warn(id, 'this kernel has no user namespaces', 'use a kernel with CONFIG_USER_NS', detail);
  }
  if (most === '0') {
    return warn(id, 'user namespaces are switched off', 'sudo sysctl user.max_user_namespaces=15000', detail);
  }
  if (unprivileged === '0' && process.getuid?.() !== 0) {
    return warn(id, 'only root may make user namespaces', 'sudo sysctl kernel.unprivileged_userns_clone=1', detail);
  }
  return ok(id, 'user namespaces are allowed', detail);
}

function appArmor(): Finding {
  const id = 'kernel.apparmor';
  const restricted = sysctl('kernel/apparmor_restrict_unprivileged_userns');
  if (restricted === undefined) return ok(id, 'AppArmor does not restrict user namespaces here');
  const detail = `kernel.apparmor_restrict_unprivileged_userns = ${restricted}`;
  if (restricted !== '1' || process.getuid?.() === 0)
    return ok(id, 'AppArmor lets this user make user namespaces', detail);
  return ok(
    id,
    'AppArmor wants a profile for programs that make user namespaces; the sandbox says whether bwrap has one',
    detail,
  );
}

function container(): Finding {
  const id = 'kernel.container';
  const { container: isContainer, wsl1 } = machine();
  if (wsl1) {
    return warn(
      id,
      'this is WSL 1, which has no namespaces',
      'convert the distribution to WSL 2: wsl --set-version NAME 2',
    );
  }
  if (!isContainer)
    return ok(id, process.pid === 1 ? 'no container was recognised; this is process 1' : 'no container was recognised');
  return ok(
    id,
    'this is a container',
    'where it does not let the sandbox be made, `externalSandbox` lets the container be it (docs/security.md)',
  );
}

function seccomp(): Finding {
  const line = /^Seccomp:\s*(\d)/m.exec(readText('/proc/self/status') ?? '')?.[1];
  if (line === undefined) {
    return warn('kernel.seccomp', 'this kernel has no system call filters', 'use a kernel with CONFIG_SECCOMP_FILTER');
  }
  return ok(
    'kernel.seccomp',
    line === '2' ? 'system call filters work; one is around this process already' : 'system call filters work',
  );
}

/** Where /dev/shm exists, it holds the daemon's sockets and bubblewrap's arguments. */
function sharedMemory(): Finding {
  const id = 'kernel.shared-memory';
  try {
    fs.accessSync('/dev/shm', fs.constants.W_OK | fs.constants.X_OK);
    const { bavail, bsize } = fs.statfsSync('/dev/shm');
    const free = bavail * bsize;
    if (free >= LITTLE_MEMORY) return ok(id, `/dev/shm can be written (${Math.floor(free / MIB)} MiB free)`);
    return warn(
      id,
      '/dev/shm is full',
      'remove what fills it (ls -la /dev/shm), or make it larger',
      `${free} bytes are free`,
    );
  } catch {
    return warn(
      id,
      '/dev/shm cannot be written by this user',
      'mount a tmpfs there with mode 1777 (Docker has one; --shm-size sets its size); until then /tmp is used',
    );
  }
}
const MIB = 1024 * 1024;
const LITTLE_MEMORY = MIB;

function readText(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
