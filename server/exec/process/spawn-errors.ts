import { constants } from 'node:os';
import { DescriptorsScarceError } from '../../system/programs/descriptors.js';

/**
 * A command could not be started. `reason` is what the protocol shows after `failed to spawn command: ` or
 * `failed to spawn process: ` (docs/protocol/exec.md §1.2); `errno` is the name of the system error, if it was one.
 */
export class SpawnError extends Error {
  readonly errno: string | null;
  constructor(reason: string, errno: string | null = null) {
    super(reason);
    this.name = 'SpawnError';
    this.errno = errno;
  }
}

/** The protocol's text for a system error, e.g. `No such file or directory (os error 2)`. */
export function systemErrorText(errno: string): string {
  const number = (constants.errno as Readonly<Record<string, number>>)[errno];
  return `${describe(errno)} (os error ${number ?? 'unknown'})`;
}

/** The words alone, as in `No such file or directory`. */
export const describe = (errno: string): string => DESCRIPTIONS[errno] ?? errno;

export const systemSpawnError = (errno: string): SpawnError => new SpawnError(systemErrorText(errno), errno);

/** A SpawnError for whatever `spawn`, `open` or `stat` threw or emitted. */
export function toSpawnError(error: unknown): SpawnError {
  if (error instanceof SpawnError) return error;
  if (error instanceof DescriptorsScarceError) return new SpawnError(error.message, error.code);
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (typeof code === 'string' && code in constants.errno) return systemSpawnError(code);
  return new SpawnError(error instanceof Error ? error.message : String(error));
}

/**
 * No file name, argument or environment entry can hold a NUL: the kernel would cut it there, and what runs would not be
 * what was asked for (docs/protocol/exec.md §1.2). Throws SpawnError.
 */
export function assertNoNul(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>): void {
  if (argv.some(hasNul) || hasNul(cwd)) throw new SpawnError('nul byte found in provided data');
  for (const name in env) {
    if (hasNul(name) || hasNul(env[name] ?? '')) throw new SpawnError('data provided contains a nul byte');
  }
}

const hasNul = (text: string): boolean => text.includes('\0');

/** strerror(3), for what execve(2), chdir(2), open(2) and fork(2) answer. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  EPERM: 'Operation not permitted',
  ENOENT: 'No such file or directory',
  EIO: 'Input/output error',
  E2BIG: 'Argument list too long',
  ENOEXEC: 'Exec format error',
  EAGAIN: 'Resource temporarily unavailable',
  ENOMEM: 'Cannot allocate memory',
  EACCES: 'Permission denied',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EINVAL: 'Invalid argument',
  ENFILE: 'Too many open files in system',
  EMFILE: 'Too many open files',
  ETXTBSY: 'Text file busy',
  ENOSPC: 'No space left on device',
  ENAMETOOLONG: 'File name too long',
  ELOOP: 'Too many levels of symbolic links',
};
