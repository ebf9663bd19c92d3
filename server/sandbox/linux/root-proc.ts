/**
 * What root's commands may not write in /proc.
 *
 * Threat: most files of /proc that steer the kernel are kept by their owner alone, who is root, and a command of root's
 * daemon is root without capabilities: it could set core_pattern, a timer of the kernel's, a driver.
 * Rule: besides the folders of its processes, /proc shows a command of root what nobody else may write either.
 * /proc/sys is read-only; folders that modules of the kernel fill are covered by empty ones; a file that its owner
 * alone may write is read-only. Where that cannot be had, and with the host's network, whose own files lie in the
 * folder of each process, /proc is read-only as a whole.
 * Scope: what bubblewrap leaves open; it makes /proc/irq, /proc/bus and /proc/sysrq-trigger read-only. Non-scope: a
 * file directly in /proc that a module brings which is loaded while a command runs.
 */
import fs from 'node:fs';
import path from 'node:path';
import { listFolder } from '../../system/files/path-bytes.js';

/** In bubblewrap's terms: `readable` is bound read-only over itself, `empty` gets an empty folder. */
export interface ProcCover {
  readonly path: string;
  readonly as: 'readable' | 'empty';
}

/** Folders that hold the same files on every host: bubblewrap's own share, and what nobody can harm others with. */
const FIXED = new Set(['bus', 'irq', 'pressure', 'sysvipc', 'tty']);
/** bubblewrap covers it, where there is one. */
const FIXED_FILES = new Set(['sysrq-trigger']);

/**
 * Over `binfmt_misc`: systemd mounts a file system there as soon as somebody looks, and it would show in the sandbox,
 * where root can have the kernel run a program for every file of a kind.
 */
const MOUNT_POINTS = ['/proc/sys/fs/binfmt_misc'];

/** The covers, in the order in which they are mounted; null: /proc has to be read-only as a whole. */
export function procCovers(proc = '/proc'): readonly ProcCover[] | null {
  const at = (name: string): string => path.join(proc, name);
  if (!fs.existsSync(at('sys'))) return null;
  const covers: ProcCover[] = [{ path: at('sys'), as: 'readable' }];
  for (const place of MOUNT_POINTS) if (fs.existsSync(place)) covers.push({ path: place, as: 'empty' });
  for (const { name, kind } of listFolder(proc)) {
    if (/^\d+$/.test(name) || name === 'sys') continue;
    if (kind === 'folder' && !FIXED.has(name)) covers.push({ path: at(name), as: 'empty' });
    if (kind === 'other' && !FIXED_FILES.has(name) && isOwners(at(name)))
      covers.push({ path: at(name), as: 'readable' });
  }
  return covers;
}

function isOwners(file: string): boolean {
  const mode = fs.statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o222) !== 0 && (mode & 0o002) === 0;
}

/** The list is read before every command of root's, and changes when a module is loaded. */
const LIST_LIFE_MS = 1000;

/** As `procCovers`, at most a second old; none for users other than root. One a sandbox. */
export function createProcCoverFinder(isRoot: boolean): () => readonly ProcCover[] | null {
  if (!isRoot) return () => [];
  let known: readonly ProcCover[] | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now - readAt > LIST_LIFE_MS) {
      known = procCovers();
      readAt = now;
    }
    return known;
  };
}
