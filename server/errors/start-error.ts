import { constants } from 'node:os';
import { trueErrorCode } from '../system/node/os-errors.js';

/**
 * The daemon cannot start as asked. The command line prints `Error: MESSAGE` (and what lies beneath) and exits with 1.
 */
export class StartError extends Error {
  readonly details: readonly string[];
  constructor(message: string, details: readonly string[] = []) {
    super(message);
    this.name = 'StartError';
    this.details = details;
  }
}

/** The operating system's words for a failed call, as clients of the reference know them: `TEXT (os error N)`. */
export function osErrorText(error: unknown): string {
  const { message = String(error) } = error as NodeJS.ErrnoException;
  const code = trueErrorCode(error as NodeJS.ErrnoException);
  const number = (constants.errno as Readonly<Record<string, number>>)[code];
  const text = OS_ERRORS[code];
  return text && number !== undefined ? `${text} (os error ${number})` : message;
}

const OS_ERRORS: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EADDRINUSE: 'Address in use',
  EADDRNOTAVAIL: 'Address not available',
  ECONNREFUSED: 'Connection refused',
  EEXIST: 'File exists',
  EISDIR: 'Is a directory',
  ELOOP: 'Symbolic link loop',
  ENAMETOOLONG: 'Filename too long',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENOTSOCK: 'Not a socket',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
};
