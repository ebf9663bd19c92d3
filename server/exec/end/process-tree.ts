/**
 * Ends a command with everything it started, at whatever moment of its start.
 *
 * Threat: what is looked for and killed while it forks leaves a child that nobody knows. Bubblewrap is such a program
 * in its first milliseconds: killed between clone(2) and its child's PR_SET_PDEATHSIG, it leaves a sandbox that runs
 * on, or waits for ever, in a session of its own. So is any child that has made itself a session (setsid, a daemon).
 * Rule: every process of a command carries its mark in its environment, from the first exec on, the launcher's
 * included. A command is frozen before it is killed: whoever carries the mark, is in its session or in its lane's
 * network namespace, or descends from such a one is stopped, until nobody new is found; what is stopped does not fork.
 * Then all are killed, and looked for again until nobody is left who lives.
 * Scope: Linux, this user's processes. What a sandbox's first process leaves dies with its pid namespace.
 * Non-scope: outside of a sandbox, an orphan that has emptied its environment and left the session before the end;
 * other systems, where only the group goes.
 */
import { randomBytes } from 'node:crypto';
import { newestPid, readProcess } from '../../system/programs/process-table.js';
import { findMembers, type Origin, type Traits } from './process-search.js';

/** Name of the environment variable that marks a command's processes. */
export const MARK_VARIABLE = 'CODEXD_COMMAND';

/** What all marks of one supervisor start with. */
export const newMarkPrefix = (): string => randomBytes(12).toString('hex');

export interface ProcessTree {
  /** Value of MARK_VARIABLE for the command's environment. Marks add up where a daemon runs below another. */
  readonly mark: string;
  /**
   * To be called at once when the command has started; its process group is that of its pid. `exited`: that process
   * has.
   */
  started(pid: number, exited: Promise<unknown>): void;
  /** Kills everything that can be found now, with SIGKILL. Never throws. False: something is still dying. */
  kill(): boolean;
  /** kill(), again until nothing is found or `patienceMs` is over. */
  killAndWait(patienceMs: number): Promise<boolean>;
  /** Ends a command that nobody else watches, if it has started at all. */
  abandon(patienceMs: number): Promise<boolean>;
}

interface TreeOptions {
  /** Not given out before, and not the beginning of another: it tells the command from all others. */
  readonly mark: string;
  /** The mark that the daemon itself was started with, if it runs below another. */
  readonly outerMark: string | undefined;
  /** Inode of a network namespace that only this command is in. */
  readonly networkNamespace: number | null;
  /** Its processes are in a pid namespace of their own. */
  readonly sandboxed: boolean;
}

export function createProcessTree({ mark, outerMark, networkNamespace, sandboxed }: TreeOptions): ProcessTree {
  let root: Origin | null = null;
  let exit: Promise<unknown> = Promise.resolve();
  /** Whom we have sent a SIGKILL, by id, with its start: it is not gone before it is seen to be. */
  const doomed = new Map<number, number>();

  const kill = (): boolean => {
    if (!root) return true;
    const { found, unsure } = freeze(root, { mark, networkNamespace, sandboxed });
    // Who is in the group is in the session, and so among those who were found: an exited command mostly left nobody.
    const gone = root.exited && !found.size && !unsure;
    // Before it has become a leader (setsid runs in the child) there is only the process itself.
    if (!gone && !signal(-root.pid, 'SIGKILL') && !root.exited) signal(root.pid, 'SIGKILL');
    // The youngest first: a stopped group whose last parent dies would be woken up (setpgid(2), orphaned groups).
    for (const [pid, started] of [...found].reverse()) {
      signal(pid, 'SIGKILL');
      doomed.set(pid, started);
    }
    for (const [pid, started] of doomed) if (readProcess(pid)?.started !== started) doomed.delete(pid);
    return !doomed.size && !unsure;
  };
  const killAndWait = async (patienceMs: number): Promise<boolean> => {
    const until = Date.now() + patienceMs;
    let gone = kill();
    for (let round = 0; !gone && Date.now() < until; round++) {
      await pause(round < QUICK_ROUNDS ? 1 : RETRY_MS);
      gone = kill();
    }
    return gone;
  };
  return {
    mark: outerMark ? `${outerMark}:${mark}` : mark,
    started: (pid, exited) => {
      root = { pid, since: Date.now(), exited: false };
      // Its number is the system's again then, and only its session and group are still ours.
      exit = exited.finally(() => void (root &&= { ...root, exited: true }));
    },
    kill,
    killAndWait,
    abandon: async (patienceMs) => {
      kill();
      await Promise.race([exit, pause(patienceMs)]);
      return killAndWait(patienceMs);
    },
  };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Most are gone after the first. */
const QUICK_ROUNDS = 3;
const RETRY_MS = 5;

/** Against a command that forks faster than it is stopped; what is new then is found by the next kill(). */
const FREEZE_ROUNDS = 8;

interface Frozen {
  /** Everybody but the root, with their start, in the order in which they were found. */
  readonly found: ReadonlyMap<number, number>;
  /** Somebody could not be judged, being in the middle of exec. */
  readonly unsure: boolean;
}

/** Stops the command, from its first process down, so that nobody is born any more. */
function freeze(root: Origin, traits: Traits): Frozen {
  const found = new Map<number, number>();
  if (process.platform !== 'linux') return { found, unsure: false };
  if (!root.exited) stop([root.pid]);
  for (let round = 0; ; round++) {
    const newest = newestPid();
    const { members, unsure } = findMembers(root, traits, newest);
    const fresh = members.filter(({ pid }) => !found.has(pid));
    for (const { pid, started } of fresh) found.set(pid, started);
    stop(fresh.map(({ pid }) => pid));
    // Nobody has been born since we began to look, so there is nobody whom we have not seen.
    const complete = newest !== null && newest === newestPid();
    if (!fresh.length || complete || round === FREEZE_ROUNDS) return { found, unsure };
  }
}

/**
 * In milliseconds; the daemon does nothing else meanwhile. Longer waits, for a disk say, are left to the next kill().
 */
const STOP_PATIENCE_MS = 2;

/** Sends SIGSTOP, and waits until it has been taken: until then a fork that has begun goes on. */
function stop(pids: readonly number[]): void {
  let running = pids.filter((pid) => signal(pid, 'SIGSTOP'));
  const until = performance.now() + STOP_PATIENCE_MS;
  while (running.length && performance.now() < until) running = running.filter(mayFork);
}

function mayFork(pid: number): boolean {
  const entry = readProcess(pid);
  return entry !== null && !entry.exiting && entry.state !== 'T' && entry.state !== 't';
}

/** To a process or, negative, a group. Returns whether anything was there. */
function signal(target: number, name: 'SIGKILL' | 'SIGSTOP'): boolean {
  try {
    return process.kill(target, name);
  } catch {
    return false; // ESRCH: gone already. EPERM: not ours any more.
  }
}
