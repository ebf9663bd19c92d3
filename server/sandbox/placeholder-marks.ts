/** How placeholders are recognised, and whose they are (placeholders.ts). */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const MARK_PREFIX = 'codexd-placeholder-';

/** The sticky bit survives the umask, and nobody sets it on a folder of this kind. */
export const PLACEHOLDER_MODE = 0o1755;
export const STICKY = 0o1000;
/** Folders that many may write, like /tmp, carry the sticky bit for another reason. */
const WRITABLE_FOR_OTHERS = 0o022;

/** Whether a folder is ours to remove: made as a placeholder, and nobody has put anything into it. */
export function isPlaceholder(place: string, stat: fs.Stats): boolean {
  const made = stat.isDirectory() && (stat.mode & STICKY) !== 0 && (stat.mode & WRITABLE_FOR_OTHERS) === 0;
  return made && stat.uid === process.getuid?.() && marksIn(place) !== null;
}

/** The marks in a placeholder, or null when somebody has put something else there: it is theirs now. */
export function marksIn(place: string): readonly string[] | null {
  const names = list(place);
  return names.every((name) => name.startsWith(MARK_PREFIX)) ? names : null;
}

function list(place: string): readonly string[] {
  try {
    return fs.readdirSync(place);
  } catch {
    return [];
  }
}

/** A name that tells this process from every other one, after a reboot and in other containers too. */
export const newMark = (): string =>
  `${MARK_PREFIX}${machineName()}-${process.pid}-${startTime(process.pid) ?? 0}-${++instances}`;

/** Several can be in use in one process (tests). */
let instances = 0;

let machine: string | undefined;
function machineName(): string {
  machine ??= createHash('sha256')
    .update(`${readText('/proc/sys/kernel/random/boot_id')} ${readLink('/proc/self/ns/pid')}`)
    .digest('hex')
    .slice(0, 12);
  return machine;
}

/** How long a mark of a process that cannot be looked up counts. */
const FOREIGN_MARK_LIFE_MS = 24 * 60 * 60 * 1000;

export function ownerLives(place: string, mark: string): boolean {
  const [, owner, pid, started] = /^codexd-placeholder-(\w+)-(\d+)-(\d+)-\d+$/.exec(mark) ?? [];
  if (owner === machineName()) return startTime(Number(pid)) === started;
  const stat = fs.lstatSync(path.join(place, mark), { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs < FOREIGN_MARK_LIFE_MS;
}

/** Field 22 of proc(5) stat, in clock ticks since boot: a pid comes back, a pid with its start time does not. */
function startTime(pid: number): string | undefined {
  // The second field, the program's name, may hold spaces and brackets; the fields after its last bracket do not.
  return readText(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')[19];
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function readLink(link: string): string {
  try {
    return fs.readlinkSync(link);
  } catch {
    return '';
  }
}
