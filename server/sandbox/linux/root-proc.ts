/**
 * Restricts what root's commands may write in /proc.
 *
 * Threat: only their owner, root, is allowed to write most files of /proc that control the kernel. A command of root's
 * daemon is root without capabilities: it could set core_pattern, a kernel timer, or a driver.
 * Rule: besides the folders of its processes, a command of root can write in /proc only what every user can write.
 * /proc/sys is read-only. Empty folders cover the folders that kernel modules fill. A file that only its owner may
 * write is read-only. Where that is impossible, and with the host's network (its files lie in the folder of each
 * process), /proc is read-only as a whole.
 * Scope: what bubblewrap leaves open; bubblewrap makes /proc/irq, /proc/bus and /proc/sysrq-trigger read-only.
 * Non-scope: a file directly in /proc from a module that is loaded while a command runs.
 */
import fs from 'node:fs';
import path from 'node:path';
import { listFolder } from '../../system/files/path-bytes.js';

/** In bubblewrap's terms: `readable` is bound read-only over itself, `empty` is covered by an empty folder. */
export interface ProcCover {
  readonly path: string;
  readonly as: 'readable' | 'empty';
}

/** Folders with the same files on every host: those that bubblewrap covers, and harmless ones. */
const FIXED = new Set(['bus', 'irq', 'pressure', 'sysvipc', 'tty']);
/** bubblewrap covers this file where it exists. */
const FIXED_FILES = new Set(['sysrq-trigger']);

/**
 * Covers `binfmt_misc`. systemd mounts a file system there at the first access. It would appear in the sandbox, where
 * root can make the kernel run a program for every file of a kind.
 */
const MOUNT_POINTS = ['/proc/sys/fs/binfmt_misc'];

/** The covers in mount order; null: /proc must be read-only as a whole. */
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

/** The list is read before every command of root, and changes when a module is loaded. */
const LIST_LIFE_MS = 1000;

/** Like `procCovers`, at most one second old. null for users other than root. One for each sandbox. */
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
