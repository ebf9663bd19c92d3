/** Recognises placeholders, and decides when nobody needs them any more (placeholders.ts). */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { processStart } from '../../system/linux/process-table.js';
import { nativePath } from '../../system/files/path-bytes.js';

/** The sticky bit survives the umask, and nobody sets it on a folder of this kind. */
export const STICKY = 0o1000;
export const PLACEHOLDER_MODE = 0o1755;
/**
 * The mode after the maker has left: the one that removes the last mark removes the placeholder. mkdir(2) never creates
 * a folder with this mode.
 */
export const LEFT_MODE = 0o5755;
const LEFT = 0o4000;
/** Folders that many users may write, like /tmp, have the sticky bit for another reason. */
const WRITABLE_FOR_OTHERS = 0o022;

/** Whether the daemon may remove a folder: it was made as a placeholder and is still empty. */
export const isPlaceholder = (place: string, stat: fs.Stats): boolean =>
  looksLikePlaceholder(stat) && marksIn(place) !== null;

/** Made as a placeholder by a daemon of this user, whatever it contains. */
export const looksLikePlaceholder = (stat: fs.Stats): boolean =>
  stat.isDirectory() &&
  (stat.mode & STICKY) !== 0 &&
  (stat.mode & WRITABLE_FOR_OTHERS) === 0 &&
  stat.uid === process.getuid?.();

export const isLeft = ({ mode }: fs.Stats): boolean => (mode & LEFT) !== 0;

/** The marks in a placeholder, or null if it contains anything else: then it belongs to the author of that content. */
export function marksIn(place: string): readonly string[] | null {
  try {
    const names = fs.readdirSync(nativePath(place));
    return names.every((name) => name.startsWith(MARK_PREFIX)) ? names : null;
  } catch (error) {
    return osCode(error) === 'ENOENT' ? [] : null;
  }
}

/** Identifies a folder, even when another folder later has its path. */
export interface FolderId {
  readonly dev: number;
  readonly ino: number;
}

/**
 * Opens exactly this folder. Returns null when its path now leads to something else or to nothing. Access through the
 * descriptor is not affected by later changes at the path. The caller closes it.
 */
export function openFolderOf(place: string, { dev, ino }: FolderId): number | null {
  let descriptor: number;
  try {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
    descriptor = fs.openSync(nativePath(place), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    const code = osCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null;
    throw error;
  }
  const stat = fs.fstatSync(descriptor);
  if (stat.dev === dev && stat.ino === ino) return descriptor;
  fs.closeSync(descriptor);
  return null;
}

/** The prefix of the marks' names. */
export const MARK_PREFIX = 'codexd-placeholder-';

/** Returns a name that identifies this process, also after a reboot and in other containers. */
export const newMark = (): string =>
  `${MARK_PREFIX}${machineName()}-${process.pid}-${processStart(process.pid) ?? 0}-${++instances}`;

/** Several can be in use in one process (tests). */
let instances = 0;

/** Whether the process that put a mark into a placeholder has ended. */
export function markIsAbandoned(place: string, mark: string): boolean {
  const [, owner, pid, started] = /^codexd-placeholder-(\w+)-(\d+)-(\d+)-\d+$/.exec(mark) ?? [];
  if (owner === machineName()) return processStart(Number(pid)) !== started;
  const stat = fs.lstatSync(nativePath(path.join(place, mark)), { throwIfNoEntry: false });
  return stat !== undefined && isAbandoned(stat);
}

/** Longer than the expected run of a command that started before the placeholder was last changed. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * Whether the last user of a placeholder, in a process that cannot be looked up, must have ended: after a reboot, or
 * after a day.
 */
export function isAbandoned({ ctimeMs }: fs.Stats): boolean {
  const now = Date.now();
  return now - ctimeMs > ABANDONED_AFTER_MS || ctimeMs < now - os.uptime() * 1000;
}

let machine: string | undefined;
function machineName(): string {
  machine ??= createHash('sha256')
    .update(`${read(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'))} `)
    .update(read(() => fs.readlinkSync('/proc/self/ns/pid')))
    .digest('hex')
    .slice(0, 12);
  return machine;
}

function read(file: () => string): string {
  try {
    return file();
  } catch {
    return '';
  }
}
