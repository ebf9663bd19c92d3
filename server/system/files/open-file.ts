/**
 * Opens a file once, and says what was opened.
 *
 * Threat: commands may turn a link, or exchange a file or a folder above it, between the daemon's look at a path and
 * its use of it; the daemon would read for them what they cannot read. A FIFO, a device, a lease or a file of the
 * kernel under the name would hold the daemon up, or tell its own secrets.
 * Rule: a path is opened first, by a descriptor that can neither read nor start anything (O_PATH). Everything after
 * that is about the descriptor: what it is, on which file system, and where it really lies (`real`). Callers judge
 * `real`, and read by the same descriptor. Never again by the path.
 * Scope: what a model, a repository or a command line names, and settings that may be links.
 * Non-scope: what the kernel itself waits for (a network file system whose server is gone). On macOS the links are
 * taken out first and then none is followed (O_NOFOLLOW_ANY); on Windows what was opened is compared with what the path
 * leads to afterwards, and there are no files of the kernel.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import path from 'node:path';
import { isDevicePlace, kernelFileSystem } from './kernel-files.js';

/** open(2), the same on x86-64 and arm64; Node does not name it. */
export const O_PATH = 0o10000000;
/** sys/fcntl.h of macOS 11 and later. */
const O_NOFOLLOW_ANY = 0x20000000;

export interface OpenedFile {
  readonly fd: number;
  /** Where it lay when it was opened: absolute, without links. */
  readonly real: string;
  readonly stat: fs.Stats;
  readonly id: FileId;
  close(): void;
}

/**
 * Device and inode: which file it is, whatever its name. Equal texts: the same file, as long as one of them is open.
 */
export type FileId = string;

/** Why a file is not used although it can be reached. */
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

/**
 * Opens a regular file for reading. Links are followed: `real` says where they led, and the caller judges that. Throws
 * what the file system says (`code`), EAGAIN for a file under somebody's lease, or FileRefused. Never waits. Must be
 * closed.
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

/** As `readWhole`, for large files: others are served while the disk works. */
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

/** What is open. Numbers of inodes do not fit into a double on some file systems (overlayfs with xino). */
export function idOf(fd: number): FileId {
  const { dev, ino } = fs.fstatSync(fd, { bigint: true });
  return `${dev}:${ino}`;
}

/**
 * What a path leads to; a link under the name itself is not followed. Null when nothing is there or it cannot be looked
 * at.
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
 * Whether `real` is `folder` or lies below it, by what the folders are and not by their names: a second mount of the
 * same file system shows the same folder under another name. Both absolute; `real` without links.
 */
export function liesBelow(real: string, folder: string): boolean {
  const wanted = fs.statSync(folder, { bigint: true, throwIfNoEntry: false });
  if (wanted === undefined) return false;
  for (let place = real; ; place = path.dirname(place)) {
    if (idAt(place) === `${wanted.dev}:${wanted.ino}`) return true;
    if (place === path.dirname(place)) return false;
  }
}

/** A path of the file behind a descriptor, which leads to it whatever its name is now. Linux only. */
export const descriptorPath = (fd: number): string => `/proc/self/fd/${fd}`;

/**
 * Where what is open lies now. Throws FileRefused when it has no place of its own here: removed, or of other mounts.
 */
export function realPathOf(fd: number, asked: string): string {
  const real = fs.readlinkSync(descriptorPath(fd));
  // A removed file has ` (deleted)` behind its name, one of another mount namespace a name that means another file
  // here.
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
    if (!stat.isFile()) throw new FileRefused('not-a-file', file, 'is not a file');
    const system = kernelFileSystem(fs.statfsSync(descriptorPath(place)).type);
    if (system !== null) throw new FileRefused('kernel-file', file, `is a file of the kernel (${system})`);
    const real = realPathOf(place, file);
    if (isDevicePlace(real)) throw new FileRefused('kernel-file', file, 'leads to /dev');
    // The descriptor's own path leads to the same file, whatever the name leads to by now.
    return opened(fs.openSync(descriptorPath(place), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK), real);
  } finally {
    fs.closeSync(place);
  }
}

function openElsewhere(file: string): OpenedFile {
  const real = fs.realpathSync(file);
  const noLinks = process.platform === 'darwin' ? O_NOFOLLOW_ANY : 0;
  const fd = fs.openSync(real, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0) | noLinks);
  try {
    const result = opened(fd, real);
    if (!result.stat.isFile()) throw new FileRefused('not-a-file', file, 'is not a file');
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
