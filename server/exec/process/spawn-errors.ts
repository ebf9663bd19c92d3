import { messageOf } from '../../errors/message-of.js';
import { isNodeError, osCode } from '../../errors/os-code.js';
import { libraryText } from '../../system/node/os-errors.js';
import { isCode, CodexdError } from '../../errors/codexd-error.js';
import { constants } from 'node:os';

/**
 * A command could not be started. `reason` is the protocol's text after `failed to spawn command: ` or `failed to spawn
 * process: ` (docs/protocol/exec.md §1.2). `errno` is the name of the system error, if there was one.
 */
export class SpawnError extends CodexdError {
  readonly errno: string | null;
  constructor(reason: string, errno: string | null = null) {
    super('exec.spawn', reason);
    this.name = 'SpawnError';
    this.errno = errno;
  }
}

export const systemSpawnError = (errno: string, place?: string): SpawnError =>
  new SpawnError(libraryText(errno, place), errno);

/** Converts an error from `spawn`, `open` or `stat` into a SpawnError. */
export function toSpawnError(error: unknown): SpawnError {
  if (error instanceof SpawnError) return error;
  if (isCode(error, 'machine.program') || isCode(error, 'machine.job') || isCode(error, 'machine.native-module'))
    return new SpawnError(error.message);
  if (isCode(error, 'machine.descriptors')) return new SpawnError(error.message, 'EMFILE');
  const code = osCode(error);
  if (code !== undefined && code in constants.errno)
    return systemSpawnError(code, isNodeError(error) ? error.path : undefined);
  return new SpawnError(messageOf(error));
}

/**
 * Refuses a NUL in file names, arguments and environment entries. The kernel would cut the text at the NUL and run a
 * command that nobody requested (docs/protocol/exec.md §1.2). Throws SpawnError.
 */
export function assertNoNul(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>): void {
  if (argv.some(hasNul) || hasNul(cwd)) throw new SpawnError('nul byte found in provided data');
  for (const name in env) {
    if (hasNul(name) || hasNul(env[name] ?? '')) throw new SpawnError('data provided contains a nul byte');
  }
}

const hasNul = (text: string): boolean => text.includes('\0');
