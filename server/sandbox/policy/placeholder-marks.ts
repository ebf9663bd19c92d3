/** How placeholders are recognised, and when nobody needs them any more (placeholders.ts). */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { processStart } from '../../system/programs/process-table.js';
import { nativePath } from '../../system/files/path-bytes.js';

/** The sticky bit survives the umask, and nobody sets it on a folder of this kind. */
export const STICKY = 0o1000;
export const PLACEHOLDER_MODE = 0o1755;
/** Its maker has left: whoever takes out the last mark removes it. mkdir(2) makes no folder with the bit that tells. */
export const LEFT_MODE = 0o5755;
const LEFT = 0o4000;
/** Folders that many may write, like /tmp, carry the sticky bit for another reason. */
const WRITABLE_FOR_OTHERS = 0o022;

/** Whether a folder is ours to remove: made as a placeholder, and nobody has put anything into it. */
export const isPlaceholder = (place: string, stat: fs.Stats): boolean =>
  looksLikePlaceholder(stat) && marksIn(place) !== null;

/** Made as a placeholder, by a daemon of this user; whatever is in it. */
export const looksLikePlaceholder = (stat: fs.Stats): boolean =>
  stat.isDirectory() &&
  (stat.mode & STICKY) !== 0 &&
  (stat.mode & WRITABLE_FOR_OTHERS) === 0 &&
  stat.uid === process.getuid?.();

export const isLeft = ({ mode }: fs.Stats): boolean => (mode & LEFT) !== 0;

/** The marks in a placeholder, or null when somebody has put something else there: it is theirs now. */
export function marksIn(place: string): readonly string[] | null {
  try {
    const names = fs.readdirSync(nativePath(place));
    return names.every((name) => name.startsWith(MARK_PREFIX)) ? names : null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : null;
  }
}

/** Tells a folder from every other one that may come to stand at its path. */
export interface FolderId {
  readonly dev: number;
  readonly ino: number;
}

/**
 * Opens the very folder, or null when something else, or nothing, stands at its path by now. By the descriptor nothing
 * that is put there later is reached. To be closed.
 */
export function openFolderOf(place: string, { dev, ino }: FolderId): number | null {
  let descriptor: number;
  try {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
    descriptor = fs.openSync(nativePath(place), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return null;
    throw error;
  }
  const stat = fs.fstatSync(descriptor);
  if (stat.dev === dev && stat.ino === ino) return descriptor;
  fs.closeSync(descriptor);
  return null;
}

/** What the names of marks begin with. */
export const MARK_PREFIX = 'codexd-placeholder-';

/** A name that tells this process from every other one, after a reboot and in other containers too. */
export const newMark = (): string =>
  `${MARK_PREFIX}${machineName()}-${process.pid}-${processStart(process.pid) ?? 0}-${++instances}`;

/** Several can be in use in one process (tests). */
let instances = 0;

/** Whether the process that put a mark into a placeholder is gone. */
export function markIsAbandoned(place: string, mark: string): boolean {
  const [, owner, pid, started] = /^codexd-placeholder-(\w+)-(\d+)-(\d+)-\d+$/.exec(mark) ?? [];
  if (owner === machineName()) return processStart(Number(pid)) !== started;
  const stat = fs.lstatSync(nativePath(path.join(place, mark)), { throwIfNoEntry: false });
  return stat !== undefined && isAbandoned(stat);
}

/** Longer than a command that was started before a placeholder was last touched is expected to run. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * Whether whoever made or last touched it, in a process that we cannot look up, must be gone: after a reboot, or a day.
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
