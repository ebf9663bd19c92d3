/**
 * Ends a command with everything it started.
 *
 * Threat: a child that made a session of its own (setsid, a daemon) is in no process group of ours and outlives it.
 * Rule: every command carries a mark in its environment. After the group, every process that carries the mark, is in the
 * command's session or in its lane's network namespace, or descends from such a one is killed, until none is found.
 * Scope: Linux, this user's processes. A sandboxed command's processes also die with their pid namespace.
 * Non-scope: an orphan that has emptied its environment and left the session; other systems, where only the group goes.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';

/** Name of the environment variable that marks a command's processes. */
export const MARK_VARIABLE = 'CODEXD_COMMAND';

/** What all marks of one supervisor start with. */
export const newMarkPrefix = (): string => randomBytes(12).toString('hex');

export interface ProcessTree {
  /** Value of MARK_VARIABLE for the command's environment. Marks add up where a daemon runs below another. */
  readonly mark: string;
  /** To be called at once when the command has started; its process group is that of its pid. */
  started(pid: number): void;
  /** To be called when that process has ended: its number is the system's again, only its group is still ours. */
  exited(): void;
  /** Kills everything that can be found now, with SIGKILL. Never throws. False: something is still dying. */
  kill(): boolean;
  /** kill(), again until nothing is found or `patienceMs` is over. */
  killAndWait(patienceMs: number): Promise<boolean>;
}

interface TreeOptions {
  /** Not given out before, and not the beginning of another: it tells the command from all others. */
  readonly mark: string;
  /** The mark that the daemon itself was started with, if it runs below another. */
  readonly outerMark: string | undefined;
  /** false: something else sees to those outside the group (a pid namespace). */
  readonly sweep: boolean;
  /** Inode of a network namespace that only this command is in. */
  readonly networkNamespace: number | null;
}

export function createProcessTree({ mark, outerMark, sweep, networkNamespace }: TreeOptions): ProcessTree {
  let root: { readonly pid: number; readonly since: number } | null = null;
  let exited = false;
  const isMember = (pid: number): boolean =>
    hasMark(pid, mark) || (networkNamespace !== null && networkNamespaceOf(pid) === networkNamespace);
  const kill = (): boolean => {
    if (!root) return true;
    // Looked for first: when the group is dead, who descended from it is nobody's child any more.
    const members = sweep ? findMembers({ ...root, exited }, isMember) : [];
    // Before it has become a leader (setsid runs in the child) there is only the process itself.
    if (!signal(-root.pid) && !exited) signal(root.pid);
    for (const pid of members) signal(pid);
    return !members.length;
  };
  return {
    mark: outerMark ? `${outerMark}:${mark}` : mark,
    started: (pid) => void (root = { pid, since: Date.now() }),
    exited: () => void (exited = true),
    kill,
    killAndWait: async (patienceMs) => {
      const until = Date.now() + patienceMs;
      let gone = kill();
      // A clean look can have missed a process in the middle of fork or exec, so one that found something is repeated.
      while (!gone && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        gone = kill();
      }
      return gone;
    },
  };
}

const RETRY_MS = 5;

/** Sends SIGKILL to a process or, negative, a group. Returns whether anything was there. */
function signal(target: number): boolean {
  try {
    return process.kill(target, 'SIGKILL');
  } catch {
    return false; // ESRCH: gone already. EPERM: not ours any more.
  }
}

/** Beyond this age, process ids may have gone all the way round since the command started. */
const TRUST_PID_ORDER_MS = 5000;

/** Living processes of the command, except its group's, which were killed by the group. */
function findMembers(
  root: { readonly pid: number; readonly since: number; readonly exited: boolean },
  isMember: (pid: number) => boolean,
): number[] {
  if (process.platform !== 'linux') return [];
  const last = Date.now() - root.since < TRUST_PID_ORDER_MS ? lastPid() : null;
  // Ids are given out in order: nothing was started since, so there is nothing to find.
  if (last === root.pid) return [];
  const candidates = processIds().filter(
    (pid) => pid !== root.pid && pid !== process.pid && (last === null || startedAfter(pid, root.pid, last)),
  );
  return closure(candidates, root, isMember);
}

/** Whether `pid` was given out after `start`, when `last` is the newest one, also when the ids have wrapped around. */
export function startedAfter(pid: number, start: number, last: number): boolean {
  return last >= start ? pid > start && pid <= last : pid > start || pid <= last;
}

/** The newest process id (proc(5), /proc/loadavg); null when the system does not tell. */
function lastPid(): number | null {
  return Number(readProc('/proc/loadavg')?.trim().split(' ').at(-1)) || null;
}

function processIds(): number[] {
  return fs.readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** Members by themselves or by session, and everything below them. */
function closure(
  candidates: readonly number[],
  root: { readonly pid: number; readonly exited: boolean },
  isMember: (pid: number) => boolean,
): number[] {
  const stats = candidates.flatMap((pid) => readStat(pid) ?? []);
  // The number of a process that has ended may be another's by now; it has no children any more.
  const members = new Set(root.exited ? [] : [root.pid]);
  for (const { pid, session } of stats) if (session === root.pid || isMember(pid)) members.add(pid);
  for (let before = 0; before !== members.size;) {
    before = members.size;
    for (const { pid, parent } of stats) if (members.has(parent)) members.add(pid);
  }
  members.delete(root.pid);
  return [...members];
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

/** Reads proc(5) /proc/PID/stat. null: gone, or a zombie, which only its parent can remove. */
function readStat(pid: number): Stat | null {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name is in parentheses and may hold anything, so the fields are counted from its end.
  const [state, parent, , session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? null : { pid, parent: Number(parent), session: Number(session) };
}

function hasMark(pid: number, mark: string): boolean {
  return readProc(`/proc/${pid}/environ`)?.includes(mark) ?? false;
}

function networkNamespaceOf(pid: number): number | null {
  try {
    return fs.statSync(`/proc/${pid}/ns/net`).ino;
  } catch {
    return null; // As in readProc.
  }
}

function readProc(file: string): string | null {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch {
    return null; // The process is gone, or another user's.
  }
}
