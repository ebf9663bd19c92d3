/**
 * Every call to macOS that Node does not have, typed, through koffi: no other file declares one. The declarations are
 * those of the public headers (libproc.h, sys/sysctl.h) and, for sandbox_check, of WebKit's SandboxSPI.h.
 *
 * Loaded with import() by the seams of server/system, on macOS only (test/architecture/darwin.test.ts). No test has run
 * it on a Mac.
 */
import { packageRoot } from '../../package/package-root.js';
import { loadNativeModule, SYSTEM_CALLS } from '../node/native-module.js';

export interface Libsystem {
  /** proc_listpids: fills `into` with pids of 32 bits. The number of bytes, or ≤ 0. */
  listPids(type: number, info: number, into: Buffer): number;
  /** proc_pidinfo. The number of bytes, or ≤ 0: gone, or not this user's. */
  pidInfo(pid: number, flavor: number, argument: number, into: Buffer): number;
  /** proc_pidfdinfo, the same for one descriptor. */
  descriptorInfo(pid: number, descriptor: number, flavor: number, into: Buffer): number;
  /** flock(2) with LOCK_EX | LOCK_NB: 0, or the number of the error. */
  lock(descriptor: number): number;
  /** getsid(2); -1: no such process. */
  sessionOf(pid: number): number;
  /**
   * sandbox_check with a filter by the name of a service, without a report in the system's log. 0: the process may look
   * it up, 1: it may not, -1: it cannot be asked.
   */
  mayLookUp(pid: number, service: string): number;
}

interface Koffi {
  /** The number of the last call's error, which koffi keeps for each thread. */
  errno(): number;
  load(library: string): { func(prototype: string): (...args: unknown[]) => unknown };
}

let loaded: Libsystem | undefined;

/** Throws `machine.native-module` if koffi's package for this Mac is missing or changed. */
export function libsystem(): Libsystem {
  loaded ??= bind(loadNativeModule(packageRoot(), SYSTEM_CALLS) as Koffi);
  return loaded;
}

/** SANDBOX_FILTER_GLOBAL_NAME | SANDBOX_CHECK_NO_REPORT (SandboxSPI.h). */
const GLOBAL_NAME_QUIETLY = 2 | 0x40000000;

/** LOCK_EX | LOCK_NB (sys/fcntl.h). */
const EXCLUSIVE_AT_ONCE = 2 | 4;

function bind(koffi: Koffi): Libsystem {
  const library = koffi.load('/usr/lib/libSystem.B.dylib');
  const call = (prototype: string) => library.func(prototype) as (...args: unknown[]) => number;
  const listPids = call('int proc_listpids(uint32_t type, uint32_t info, _Out_ void *buffer, int bytes)');
  const pidInfo = call('int proc_pidinfo(int pid, int flavor, uint64_t arg, _Out_ void *buffer, int bytes)');
  const descriptorInfo = call('int proc_pidfdinfo(int pid, int fd, int flavor, _Out_ void *buffer, int bytes)');
  const lock = call('int flock(int fd, int operation)');
  const session = call('int getsid(int pid)');
  const check = call('int sandbox_check(int pid, const char *operation, int type, ...)');
  return {
    listPids: (type, info, into) => listPids(type, info, into, into.length),
    pidInfo: (pid, flavor, argument, into) => pidInfo(pid, flavor, argument, into, into.length),
    descriptorInfo: (pid, descriptor, flavor, into) => descriptorInfo(pid, descriptor, flavor, into, into.length),
    lock: (descriptor) => (lock(descriptor, EXCLUSIVE_AT_ONCE) === 0 ? 0 : koffi.errno()),
    sessionOf: (pid) => session(pid),
    mayLookUp: (pid, service) => check(pid, 'mach-lookup', GLOBAL_NAME_QUIETLY, 'str', service),
  };
}
