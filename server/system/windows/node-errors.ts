/** Errors of Windows' calls as Node throws those of its own: callers tell them apart by the same names. */
import { constants } from 'node:os';

/** The names of Node for numbers of Windows (winerror.h). */
const NAMES: Readonly<Record<number, string>> = {
  2: 'ENOENT',
  3: 'ENOENT',
  5: 'EPERM',
  19: 'EROFS',
  32: 'EBUSY',
  112: 'ENOSPC',
  206: 'ENAMETOOLONG',
};
const NUMBERS: Readonly<Record<string, number>> = constants.errno;

/** `syscall`: Node's word for the call. Null: Windows' number says more than a name. */
export function nodeError(syscall: 'open' | 'mkdir' | 'connect', place: string, number: number): Error | null {
  const code = NAMES[number];
  if (code === undefined) return null;
  const where = syscall === 'connect' ? { address: place } : { path: place };
  const errno = -(NUMBERS[code] ?? number);
  return Object.assign(new Error(`${code}: ${syscall} '${place}'`), { code, errno, syscall, ...where });
}
