/**
 * Opens a file once and describes the opened file.
 *
 * Threat: commands may change a link, or replace a file or a folder above it, after the daemon has checked the path and
 * before it reads the file. The daemon would then read files for them that they cannot read. A FIFO, a device, a lease
 * or a file of the kernel would block the daemon, or reveal its secrets.
 * Rule: the path is opened first, with a descriptor that neither reads nor triggers anything (O_PATH). All checks use
 * the descriptor: the type, the file system and the real path (`real`). Callers check `real` and read through the same
 * descriptor, never again by the path.
 * Scope: paths from a model, a repository or a command line, and settings that may be links.
 * Non-scope: waits in the kernel (a network file system without its server). On macOS the links are resolved first, and
 * then no link is followed (O_NOFOLLOW_ANY). On Windows the opened file is compared with the path afterwards, and names
 * of devices are refused; there are no files of the kernel.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import path from 'node:path';
import { isDevicePlace, kernelFileSystem } from './kernel-files.js';
import { isDevicePath, realPath } from './paths.js';

/** open(2), the same on x86-64 and arm64; Node has no constant for it. */
export const O_PATH = 0o10000000;
/** sys/fcntl.h of macOS 11 and later. */
const O_NOFOLLOW_ANY = 0x20000000;

export interface OpenedFile {
  readonly fd: number;
  /** Its path when it was opened: absolute, without links. */
  readonly real: string;
  readonly stat: fs.Stats;
  readonly id: FileId;
  close(): void;
}

/**
 * Device and inode: identifies a file without its name. Equal ids mean the same file, as long as the file is open.
 */
export type FileId = string;

/** Why a file is refused although it can be opened. */
export type Refusal = 'not-a-file' | 'kernel-file' | 'elsewhere' | 'too-large';

export class FileRefused extends CodexdError {
  readonly refusal: Refusal;
  readonly file: string;

  constructor(refusal: Refusal, file: string, why: string) {
    super('machine.file', `${file} ${why}`);
    this.name = 'FileRefused';
    this.refusal = refusal;
    this.file = file;
  }
}

const notAFile = (file: string): FileRefused => new FileRefused('not-a-file', file, 'is not a file');

/**
 * Opens a regular file for reading. Links are followed; the caller checks the result `real`. Throws what the file
 * system throws (`code`), EAGAIN for a file with a lease, or FileRefused. Never waits. Must be closed.
 */
export function openFile(file: string): OpenedFile {
  return process.platform === 'linux' ? openOnLinux(file) : openElsewhere(file);
}

/** Opens, uses and closes. */
export function withFile<T>(file: string, use: (opened: OpenedFile) => T): T {
  const opened = openFile(file);
  try {
    return use(opened);
  } finally {
    opened.close();
  }
}

export interface FileStart {
  readonly bytes: Buffer;
  /** Of the whole file. */
  readonly size: number;
}

/** At most `limit` bytes from the beginning. */
export function readStartOf({ fd, stat }: OpenedFile, limit: number): FileStart {
  const room = Buffer.alloc(Math.min(stat.size, limit));
  let length = 0;
  while (length < room.length) {
    const read = fs.readSync(fd, room, length, room.length - length, length);
    if (read === 0) break;
    length += read;
  }
  return { bytes: room.subarray(0, length), size: stat.size };
}

/** The whole file. Throws FileRefused ('too-large') above `limit` bytes. */
export function readWhole(opened: OpenedFile, limit: number): Buffer {
  assertSize(opened, limit);
  return readStartOf(opened, limit).bytes;
}

/** As `readWhole`, for large files: it does not block the event loop. */
export async function readWholeLater(opened: OpenedFile, limit: number): Promise<Buffer> {
  assertSize(opened, limit);
  const room = Buffer.alloc(opened.stat.size);
  let length = 0;
  while (length < room.length) {
    const read = await readPiece(opened.fd, room, length);
    if (read === 0) break;
    length += read;
  }
  return room.subarray(0, length);
}

/** The id of an open file. Inode numbers of some file systems do not fit into a double (overlayfs with xino). */
export function idOf(fd: number): FileId {
  const { dev, ino } = fs.fstatSync(fd, { bigint: true });
  return `${dev}:${ino}`;
}

/**
 * The id of the file at a path; a link at the name itself is not followed. Null: missing or not accessible.
 */
export function idAt(place: string): FileId | null {
  try {
    const stat = fs.lstatSync(place, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
  } catch {
    return null;
  }
}

/**
 * Whether `real` is `folder` or is below it. The ids of the folders are compared, not their names, because a second
 * mount of the same file system has the same folder under another name. Both are absolute; `real` is without links.
 */
export function liesBelow(real: string, folder: string): boolean {
  const wanted = fs.statSync(folder, { bigint: true, throwIfNoEntry: false });
  if (wanted === undefined) return false;
  for (let place = real; ; place = path.dirname(place)) {
    if (idAt(place) === `${wanted.dev}:${wanted.ino}`) return true;
    if (place === path.dirname(place)) return false;
  }
}

/** A path to the file of a descriptor, also if the file has another name now. Linux only. */
export const descriptorPath = (fd: number): string => `/proc/self/fd/${fd}`;

/**
 * The current real path of an open file. Throws FileRefused if it has none: it was removed, or is in other mounts.
 */
export function realPathOf(fd: number, asked: string): string {
  const real = fs.readlinkSync(descriptorPath(fd));
  // The path of a removed file ends with ` (deleted)`. The path of a file in another mount namespace may mean another
  // file here.
  if (path.isAbsolute(real) && idAt(real) === idOf(fd)) return real;
  throw new FileRefused(
    'elsewhere',
    asked,
    'was removed or exchanged while it was opened, or lies outside of what is mounted here',
  );
}

function openOnLinux(file: string): OpenedFile {
  const place = fs.openSync(file, O_PATH);
  try {
    const stat = fs.fstatSync(place);
    if (!stat.isFile()) throw notAFile(file);
    const system = kernelFileSystem(fs.statfsSync(descriptorPath(place)).type);
    if (system !== null) throw new FileRefused('kernel-file', file, `is a file of the kernel (${system})`);
    const real = realPathOf(place, file);
    if (isDevicePlace(real)) throw new FileRefused('kernel-file', file, 'leads to /dev');
    // The path of the descriptor leads to the same file, also if the name leads to another one now.
    return opened(fs.openSync(descriptorPath(place), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK), real);
  } finally {
    fs.closeSync(place);
  }
}

function openElsewhere(file: string): OpenedFile {
  const real = realPath(file);
  if (isDevicePath(file) || isDevicePath(real)) throw notAFile(file);
  const noLinks = process.platform === 'darwin' ? O_NOFOLLOW_ANY : 0;
  const fd = fs.openSync(real, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | noLinks);
  try {
    const result = opened(fd, real);
    if (!result.stat.isFile()) throw notAFile(file);
    if (idAt(real) !== result.id) {
      throw new FileRefused('elsewhere', file, 'was removed or exchanged while it was opened');
    }
    return result;
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

const opened = (fd: number, real: string): OpenedFile => ({
  fd,
  real,
  stat: fs.fstatSync(fd),
  id: idOf(fd),
  close: () => fs.closeSync(fd),
});

function assertSize({ stat, real }: OpenedFile, limit: number): void {
  if (stat.size > limit) throw new FileRefused('too-large', real, `is larger than ${limit} bytes`);
}

function readPiece(fd: number, room: Buffer, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.read(fd, room, at, Math.min(room.length - at, PIECE_BYTES), at, (error, read) =>
      error ? reject(error) : resolve(read),
    );
  });
}

const PIECE_BYTES = 1024 * 1024;
