/**
 * Facts about processes on Linux: proc(5). No function throws for a process that is gone or belongs to another user.
 */
import fs from 'node:fs';
import { osCode } from '../../errors/os-code.js';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** R, S, D, T …: proc(5), /proc/PID/stat, field 3. */
  readonly state: string;
  /** It has begun to exit and runs no more of its code. */
  readonly exiting: boolean;
  /** A thread of the kernel. */
  readonly kernel: boolean;
  /** In clock ticks since boot: distinguishes it from a later process with the same id. */
  readonly started: number;
}

/** include/linux/sched.h. */
const PF_EXITING = 0x4;
const PF_KTHREAD = 0x200000;

/** null: gone, or a zombie, which only its parent can remove. */
export function readProcess(pid: number): ProcessEntry | null {
  const field = statFields(pid);
  if (field === null) return null;
  const state = field(3);
  if (state === 'Z' || state === 'X') return null;
  const flags = Number(field(9));
  return {
    pid,
    parent: Number(field(4)),
    session: Number(field(6)),
    state,
    exiting: (flags & PF_EXITING) !== 0,
    kernel: (flags & PF_KTHREAD) !== 0,
    started: Number(field(22)),
  };
}

/**
 * When a process started, in clock ticks since boot: distinguishes it from a later process with the same id. Zombies
 * are included. null: no such process, or no /proc.
 */
export function processStart(pid: number): string | null {
  return statFields(pid)?.(22) || null;
}

/** Whether a process has this id, zombies and other users' processes included. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return osCode(error) === 'EPERM';
  }
}

/** The fields of /proc/PID/stat by the numbers of proc(5), from 3 on; '' for a number that is not there. */
function statFields(pid: number): ((number: number) => string) | null {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  // Field 2, the name, is in parentheses and may hold any character: the last parenthesis ends it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (number) => fields[number - 3] ?? '';
}

/** The id of the newest process; null: unknown. */
export function newestPid(): number | null {
  return Number(readText('/proc/loadavg')?.trim().split(' ').at(-1)) || null;
}

/** Every id is below it (proc(5), pid_max); null: unknown. */
export const idLimit = (): number | null => Number(readText('/proc/sys/kernel/pid_max')) || null;

/** Ids of all processes. */
export function processIds(): number[] {
  return fs.readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** Up to this number, single lookups of ids are faster than reading the folder. */
const FEW_IDS = 64;

/**
 * The ids of the processes that are newer than process `start`; `last` is the newest id. The ids may have wrapped
 * around.
 */
export function processIdsAfter(start: number, last: number): number[] {
  // Threads have ids, too, and /proc finds them by id. The facts of a thread are those of its process.
  if (last >= start && last - start <= FEW_IDS) {
    return Array.from({ length: last - start }, (_, n) => start + 1 + n).filter((pid) => fs.existsSync(`/proc/${pid}`));
  }
  return processIds().filter((pid) => startedAfter(pid, start, last));
}

/** Whether `pid` is newer than `start`; `last` is the newest id. The ids may have wrapped around. */
export function startedAfter(pid: number, start: number, last: number): boolean {
  return last >= start ? pid > start && pid <= last : pid > start || pid <= last;
}

/**
 * The environment at the process's start, as one text; '' during exec or exit. null: gone, or not readable.
 */
export const environmentOf = (pid: number): string | null => readText(`/proc/${pid}/environ`);

/** The command line; each word ends with NUL. '' during exec or exit. null: gone. */
export const commandLineOf = (pid: number): string | null => readText(`/proc/${pid}/cmdline`);

/** The lines of /proc/PID/status. null: gone, or not readable. */
export const statusOf = (pid: number | 'self'): string | null => readText(`/proc/${pid}/status`);

/** The name of a process's namespace; equal names mean the same namespace. null: gone, not readable, or exiting. */
export function namespaceOf(pid: number | 'self', kind: 'net' | 'pid'): string | null {
  try {
    return fs.readlinkSync(`/proc/${pid}/ns/${kind}`);
  } catch {
    return null; // As in readText.
  }
}

/** The name of the network namespace with this inode, as namespaceOf gives it (namespaces(7)). */
export const networkNamespaceName = (inode: number): string => `net:[${inode}]`;

/**
 * Whether it is the first process of an inner pid namespace: when it exits, the kernel ends all others in that
 * namespace.
 */
export function isNamespaceInit(pid: number): boolean {
  const ids = /^NSpid:\s*(.*)$/m.exec(statusOf(pid) ?? '')?.[1]?.split(/\s+/) ?? [];
  return ids.length > 1 && ids.at(-1) === '1';
}

/** Larger than most environments. */
const buffer = Buffer.allocUnsafe(64 * 1024);

/** For these files without a size, four times as fast as fs.readFileSync; many are read when a command ends. */
function readText(file: string): string | null {
  let descriptor: number | null = null;
  try {
    descriptor = fs.openSync(file, 'r');
    for (let text = ''; ;) {
      const length = fs.readSync(descriptor, buffer, 0, buffer.length, null);
      text += buffer.toString('latin1', 0, length);
      if (length < buffer.length) return text;
    }
  } catch {
    return null; // The process is gone, or another user's.
  } finally {
    if (descriptor !== null) fs.closeSync(descriptor);
  }
}
