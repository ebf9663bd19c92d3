/**
 * The names and the meanings of the operating system's errors: one table.
 *
 * Rule: a transient error, or an error of the machine and not of codexd (a full disk, too many processes), is described
 * as such, without advice about the installation. Such advice would weaken the host and not help.
 */
import fs from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { osErrorIn } from '../../errors/describe.js';
import { messageOf } from '../../errors/message-of.js';
import { isNodeError, osCode } from '../../errors/os-code.js';

interface OsError {
  /** strerror(3). */
  readonly library?: string;
  /** In errors of the daemon's start and of `fs/*`, as clients of the reference know them (musl's strerror). */
  readonly start?: string;
  /** For a person. */
  readonly person?: string;
  /** Whether the error is transient: nothing is wrong with the installation. */
  readonly passes?: true;
  /** The error of Windows that Node gives this name: its number (winerror.h), and FormatMessage's text in English. */
  readonly windows?: readonly [number, string];
}

const CLOSED = 'this user may not use it';

const OS_ERRORS: Readonly<Record<string, OsError>> = {
  E2BIG: { library: 'Argument list too long', windows: [206, 'The filename or extension is too long.'] },
  EACCES: {
    library: 'Permission denied',
    start: 'Permission denied',
    person: CLOSED,
    windows: [5, 'Access is denied.'],
  },
  EADDRINUSE: {
    start: 'Address in use',
    windows: [10048, 'Only one usage of each socket address (protocol/network address/port) is normally permitted.'],
  },
  EADDRNOTAVAIL: {
    start: 'Address not available',
    windows: [10049, 'The requested address is not valid in its context.'],
  },
  EAGAIN: {
    start: 'Resource temporarily unavailable',
    library: 'Resource temporarily unavailable',
    person: 'the machine has no more processes or memory to give',
    passes: true,
  },
  ECONNREFUSED: {
    start: 'Connection refused',
    windows: [10061, 'No connection could be made because the target machine actively refused it.'],
  },
  EDQUOT: { start: 'Quota exceeded', person: "this user's share of the disk is used up", passes: true },
  EEXIST: { start: 'File exists', windows: [183, 'Cannot create a file when that file already exists.'] },
  EINVAL: { start: 'Invalid argument', library: 'Invalid argument', windows: [87, 'The parameter is incorrect.'] },
  EIO: {
    start: 'I/O error',
    library: 'Input/output error',
    person: 'the disk reports an input/output error',
    passes: true,
    windows: [1117, 'The request could not be performed because of an I/O device error.'],
  },
  EISDIR: { library: 'Is a directory', start: 'Is a directory', windows: [5, 'Access is denied.'] },
  ELOOP: {
    library: 'Too many levels of symbolic links',
    start: 'Symbolic link loop',
    windows: [1921, 'The name of the file cannot be resolved by the system.'],
  },
  EMFILE: {
    start: 'No file descriptors available',
    library: 'Too many open files',
    person: 'this process has too many open files',
    passes: true,
    windows: [4, 'The system cannot open the file.'],
  },
  ENAMETOOLONG: {
    library: 'File name too long',
    start: 'Filename too long',
    windows: [206, 'The filename or extension is too long.'],
  },
  ENFILE: {
    start: 'Too many open files in system',
    library: 'Too many open files in system',
    person: 'this machine has too many open files',
    passes: true,
  },
  ENOENT: {
    library: 'No such file or directory',
    start: 'No such file or directory',
    windows: [2, 'The system cannot find the file specified.'],
  },
  ENOEXEC: { library: 'Exec format error', windows: [193, '%1 is not a valid Win32 application.'] },
  ENOMEM: {
    start: 'Out of memory',
    library: 'Cannot allocate memory',
    person: 'the memory is used up',
    passes: true,
    windows: [8, 'Not enough memory resources are available to process this command.'],
  },
  ENOSPC: {
    library: 'No space left on device',
    start: 'No space left on device',
    person: 'no space is left on the disk',
    passes: true,
    windows: [112, 'There is not enough space on the disk.'],
  },
  ENOTDIR: { library: 'Not a directory', start: 'Not a directory', windows: [267, 'The directory name is invalid.'] },
  ENOTSOCK: {
    start: 'Not a socket',
    windows: [10038, 'An operation was attempted on something that is not a socket.'],
  },
  EPERM: {
    library: 'Operation not permitted',
    start: 'Operation not permitted',
    person: CLOSED,
    windows: [5, 'Access is denied.'],
  },
  EROFS: {
    library: 'Read-only file system',
    start: 'Read-only file system',
    person: 'the file system is read-only',
    passes: true,
    windows: [19, 'The media is write protected.'],
  },
  ETXTBSY: { start: 'Text file busy', library: 'Text file busy' },
  EBUSY: {
    start: 'Resource busy',
    windows: [32, 'The process cannot access the file because it is being used by another process.'],
  },
  ENXIO: { start: 'No such device or address' },
  EXDEV: { start: 'Cross-device link' },
  EFBIG: { start: 'File too large' },
  EMLINK: { start: 'Too many links' },
  ENODEV: { start: 'No such device' },
  ENOTSUP: { start: 'Not supported' },
  ESTALE: { start: 'Stale file handle' },
  ENOTEMPTY: { start: 'Directory not empty', windows: [145, 'The directory is not empty.'] },
};

/** Windows has its own numbers; libuv's, which Node has there, are known to nobody else. */
const ON_WINDOWS = process.platform === 'win32';

const NUMBERS: Readonly<Record<string, number>> = constants.errno;
const numberOf = (code: string, place?: string): number | undefined => {
  if (ON_WINDOWS) return windowsRow(code, place)?.[0];
  return Object.hasOwn(NUMBERS, code) ? NUMBERS[code] : undefined;
};

const rowOf = (code: string): OsError => (Object.hasOwn(OS_ERRORS, code) ? OS_ERRORS[code]! : {});

/** ERROR_PATH_NOT_FOUND: a folder on the way is missing or a file. Node has one name for it and for a missing file. */
const PATH_NOT_FOUND = [3, 'The system cannot find the path specified.'] as const;

const isFolder = (place: string): boolean => {
  try {
    return fs.statSync(place).isDirectory();
  } catch {
    return false;
  }
};

/**
 * The path in which a failed call found nothing: of a copy that of the target, if there is a source. A folder is listed
 * by looking for names in it, so the folder is itself on the way.
 */
function missingIn({ path: place, syscall, ...error }: NodeJS.ErrnoException): string | undefined {
  if (place === undefined) return undefined;
  if (syscall === 'scandir' || syscall === 'opendir') return path.join(place, '*');
  return 'dest' in error && typeof error.dest === 'string' && fs.existsSync(place) ? error.dest : place;
}

function windowsRow(code: string, place: string | undefined): OsError['windows'] {
  const wayMissing = code === 'ENOENT' && place !== undefined && !isFolder(path.dirname(place));
  return wayMissing ? PATH_NOT_FOUND : rowOf(code).windows;
}

/**
 * strerror(3): `No such file or directory`; on Windows FormatMessage: `The system cannot find the file specified.`; the
 * name itself where the table has no words.
 */
export const libraryWords = (code: string, place?: string): string =>
  (ON_WINDOWS ? windowsRow(code, place)?.[1] : rowOf(code).library) ?? code;

/**
 * `No such file or directory (os error 2)`, in the C library's words; `code` is the name, as in `ENOENT`; `place` the
 * absolute path of the call, if it is known.
 */
export function libraryText(code: string, place?: string): string {
  return `${libraryWords(code, place)} (os error ${numberOf(code, place) ?? 'unknown'})`;
}

/** Windows has one error for a working folder that is missing and one that is a file (ERROR_DIRECTORY). */
export const folderTrouble = (error: unknown): unknown =>
  ON_WINDOWS && osCode(error) === 'ENOENT' ? Object.assign(new Error(messageOf(error)), { code: 'ENOTDIR' }) : error;

/** The same for a thrown error with one of the names in `among`; Node's message for any other. */
export function libraryTextAmong(among: readonly string[], error: unknown): string {
  const { code, errno, path: place } = isNodeError(error) ? error : {};
  if (code === undefined || errno === undefined || !among.includes(code)) return messageOf(error);
  const number = ON_WINDOWS ? (numberOf(code, place) ?? 'unknown') : Math.abs(errno);
  return `${libraryWords(code, place)} (os error ${number})`;
}

/** A failed call as errors of the daemon's start tell of it: `TEXT (os error N)`, else Node's message. */
export function osErrorText(error: unknown): string {
  const code = isNodeError(error) ? trueErrorCode(error) : '';
  const place = isNodeError(error) ? missingIn(error) : undefined;
  const number = numberOf(code, place);
  const { start } = ON_WINDOWS ? { start: windowsRow(code, place)?.[1] } : rowOf(code);
  return start !== undefined && number !== undefined ? `${start} (os error ${number})` : messageOf(error);
}

/** The advice for a transient error. */
export const PASSES = 'nothing about the installation has to be changed: try again when that is over';

/**
 * `no space is left on the disk: write /home/x/config.toml (ENOSPC)`; null: another kind of error. For errors of the
 * file system and of starting programs, also as the cause of others.
 */
export function osTroubleText(error: unknown): string | null {
  const found = osErrorIn(error);
  if (found === null) return null;
  const code = trueErrorCode(found);
  const { person } = rowOf(code);
  if (person === undefined) return null;
  const { syscall, path: place } = found;
  const what = [syscall, place].filter((part) => part !== undefined && part !== '').join(' ');
  return `${person}${what === '' ? '' : `: ${what}`} (${code})`;
}

/** Whether the error is transient, or one of the machine: then no advice about the installation may be given. */
export function isTransient(error: unknown): boolean {
  const found = osErrorIn(error);
  return found !== null && rowOf(trueErrorCode(found)).passes === true;
}

/**
 * The C library's texts for these errors in the output of other programs. ENOSPC is not included, because limits of
 * namespaces have the same error.
 */
export const TRANSIENT_WORDS =
  /Resource temporarily unavailable|Cannot allocate memory|Too many open files|Disk quota exceeded|Input\/output error/i;

/** Node's recursive mkdir throws ENOENT on a read-only file system: the existing folder shows the true error. */
export function trueErrorCode({ code = '', syscall, path: place }: NodeJS.ErrnoException): string {
  if (code !== 'ENOENT' || syscall !== 'mkdir' || place === undefined) return code;
  let folder = path.dirname(place);
  while (!fs.existsSync(folder) && folder !== path.dirname(folder)) folder = path.dirname(folder);
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return code;
  } catch (error) {
    return osCode(error) ?? code;
  }
}
