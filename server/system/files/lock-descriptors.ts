/**
 * Locks on open files that belong to this process and that other programs see: flock(2), and LockFileEx on Windows.
 * On Windows and macOS the process locks them by calls of its own (koffi).
 *
 * Node has no flock, so a child locks a descriptor that it inherits from this process. The lock belongs to the open
 * file, which this process owns, so the lock stays when the child has exited. No other child inherits that file,
 * because Node opens files with O_CLOEXEC.
 */
import { startProgram } from '../programs/start-program.js';
import { systemProgram, systemProgramIfAny, type TrustedProgram } from '../programs/system-program.js';

/** Finds a program for locking; null: the system has no program of that name. */
export type FindProgram = (name: 'flock' | 'perl') => TrustedProgram | null;

/** How long to wait for another process that holds the first lock, in seconds. Normally it takes a millisecond. */
export const GUARD_TIMEOUT_S = 10;

/** The results of `lockDescriptors` besides 0; any other number is the exit code of the child, or Windows' error. */
export const LOCK_RESULTS = {
  /** The first lock was not free in time. */
  guardBusy: 75,
  /** Another process holds the second lock. */
  busy: 76,
  /** There is no program for locking. */
  noProgram: 127,
} as const;

/**
 * Waits for the lock of the first descriptor, then tries to lock the second, if there is one, without waiting. 0: both
 * are locked, until they are closed.
 */
export async function lockDescriptors(
  descriptors: readonly number[],
  find: FindProgram = systemProgramIfAny,
): Promise<number> {
  if (process.platform === 'win32' || process.platform === 'darwin') return lockByCalls(descriptors);
  const locker = find('flock');
  if (locker !== null) return run(systemProgram('sh'), shellWords(locker, descriptors.length), descriptors);
  const perl = find('perl');
  return perl === null ? LOCK_RESULTS.noProgram : run(perl, perlWords(descriptors.length), descriptors);
}

async function lockByCalls(descriptors: readonly number[]): Promise<number> {
  const { lockFile } = await (process.platform === 'win32'
    ? import('../windows/lock-files.js')
    : import('../darwin/lock-files.js'));
  for (const [i, descriptor] of descriptors.entries()) {
    const locked = await lockFile(descriptor, i === 0 ? GUARD_TIMEOUT_S * 1000 : 0);
    if (locked === false) return i === 0 ? LOCK_RESULTS.guardBusy : LOCK_RESULTS.busy;
    if (locked !== true) return locked;
  }
  return 0;
}

/** flock(1) of util-linux, which every Linux has. In the child the descriptors are 3 and 4. */
const shellWords = (locker: string, count: number): string[] => [
  '-c',
  `"$1" -w ${GUARD_TIMEOUT_S} 3 || exit ${LOCK_RESULTS.guardBusy}` +
    (count > 1 ? `; "$1" -n 4 || exit ${LOCK_RESULTS.busy}` : ''),
  'codexd-writer-lock',
  locker,
];

/** For systems without flock(1) (BSD). */
const perlWords = (count: number): string[] => [
  '-e',
  `alarm ${GUARD_TIMEOUT_S}; open(G, ">>&=", 3) && flock(G, 2) or exit ${LOCK_RESULTS.guardBusy};` +
    (count > 1 ? `open(F, ">>&=", 4) && flock(F, 6) or exit ${LOCK_RESULTS.busy};` : ''),
];

function run(program: TrustedProgram, args: string[], descriptors: readonly number[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = startProgram(program, args, { stdio: ['ignore', 'ignore', 'ignore', ...descriptors] });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? LOCK_RESULTS.guardBusy));
  });
}
