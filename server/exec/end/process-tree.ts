/**
 * Ends a command with all the processes it started, at any moment of its start.
 *
 * Threat: a process that is killed while it forks can leave an unknown child. Bubblewrap is such a program in its first
 * milliseconds. Killed between clone(2) and its child's PR_SET_PDEATHSIG, it leaves a sandbox that runs on, or waits
 * forever, in its own session. The same holds for any child that has created its own session (setsid, a daemon).
 * Rule: every process of a command carries the command's mark in its environment from the first exec on, the launcher
 * included. A command is frozen before it is killed. Freezing stops every process that carries the mark, is in the
 * command's session or in its lane's network namespace, or descends from such a process. It repeats until no new
 * process is found; a stopped process does not fork. Then all are killed, and the search repeats until no process
 * lives.
 * Scope: Linux, processes of this user. The processes of a sandbox end with its pid namespace.
 * Non-scope: outside of a sandbox, an orphan that has emptied its environment and left the session before the end;
 * other systems, where only the process group is killed.
 */
import { randomBytes } from 'node:crypto';
import { newestPid, readProcess } from '../../system/linux/process-table.js';
import { countLiving, findMembers, type Origin, type Traits } from './process-search.js';

/** The environment variable that marks a command's processes. */
export const MARK_VARIABLE = 'CODEXD_COMMAND';

/** Returns a new common prefix for the marks of one supervisor. */
export const newMarkPrefix = (): string => randomBytes(12).toString('hex');

export interface ProcessTree {
  /**
   * Value of MARK_VARIABLE for the command's environment. When a daemon runs below another daemon, it contains both
   * marks.
   */
  readonly mark: string;
  /** The name of the job that holds the command's processes; null: there are no jobs here. */
  readonly job: string | null;
  /**
   * Call it as soon as the command has started. The command's process group has the number of its pid. `exited` settles
   * when that process has exited. `origin`: as in StartedProcess.
   */
  started(pid: number, exited: Promise<unknown>, origin?: { newestBefore?: number | null; since?: number }): void;
  /**
   * Whether a process is in the tree at this moment: only where the system itself keeps its processes together, so that
   * the answer is certain. Usable before `started`.
   */
  contains?(pid: number): boolean;
  /** Gives the tree what tells the processes of the command's sandbox from others. Only where there is no /proc. */
  inSandbox?(contains: (pid: number) => boolean): void;
  /**
   * Sends SIGKILL to every process that can be found now. Never throws. Returns false while a process is still dying.
   */
  kill(): boolean;
  /** Repeats kill() until nothing is found or `patienceMs` is over. */
  killAndWait(patienceMs: number): Promise<boolean>;
  /** Ends a command that nobody else watches, if it has started. */
  abandon(patienceMs: number): Promise<boolean>;
}

interface TreeOptions {
  /** Unique, and not a prefix of another mark: it identifies the command. */
  readonly mark: string;
  /** The daemon's own mark, if it runs below another daemon. */
  readonly outerMark: string | undefined;
  /** Inode of a network namespace that only this command uses. */
  readonly networkNamespace: number | null;
  /** The command's processes have their own pid namespace. */
  readonly sandboxed: boolean;
}

export function createProcessTree({ mark, outerMark, networkNamespace, sandboxed }: TreeOptions): ProcessTree {
  let root: Origin | null = null;
  let exit: Promise<unknown> = Promise.resolve();
  /**
   * The processes that received a SIGKILL, by pid, with their start time. A process stays here until a search no longer
   * sees it.
   */
  const doomed = new Map<number, number>();

  const kill = (): boolean => {
    if (!root) return true;
    const { found, unsure } = freeze(root, { mark, networkNamespace, sandboxed });
    // Members of the group are members of the session, so the search has found them. An exited command usually leaves
    // nobody.
    const gone = root.exited && !found.size && !unsure;
    // Until setsid has run in the child, the child leads no group: only its pid can be signalled.
    if (!gone && !signal(-root.pid, 'SIGKILL') && !root.exited) signal(root.pid, 'SIGKILL');
    // The youngest first: a stopped group whose last parent dies would be continued (setpgid(2), orphaned groups).
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
    job: null,
    started: (pid, exited, { newestBefore = pid, since = Date.now() } = {}) => {
      root = { pid, since, newestBefore, exited: false };
      // After the exit, the pid can belong to another process; only the session and the group still belong to the
      // command.
      const exitedNow = countLiving(pid);
      exit = exited.finally(() => {
        exitedNow();
        root &&= { ...root, exited: true };
      });
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

/** Most processes are gone after the first round. */
const QUICK_ROUNDS = 3;
const RETRY_MS = 5;

/** Bounds the freeze when a command forks faster than it is stopped; the next kill() finds the rest. */
const FREEZE_ROUNDS = 8;

interface Frozen {
  /** All processes except the root, with their start times, in the order of discovery. */
  readonly found: ReadonlyMap<number, number>;
  /** At least one process could not be judged, because it is in the middle of exec. */
  readonly unsure: boolean;
}

/** Stops the command, from its first process down, so that no new process appears. */
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
    // No process has started since this round began, so the search has seen every process.
    const complete = newest !== null && newest === newestPid();
    if (!fresh.length || complete || round === FREEZE_ROUNDS) return { found, unsure };
  }
}

/**
 * In milliseconds; the daemon does nothing else during this time. The next kill() covers longer waits (for a disk, for
 * example).
 */
const STOP_PATIENCE_MS = 2;

/** Sends SIGSTOP and waits until the processes have stopped: until then, a fork in progress continues. */
function stop(pids: readonly number[]): void {
  let running = pids.filter((pid) => signal(pid, 'SIGSTOP'));
  const until = performance.now() + STOP_PATIENCE_MS;
  while (running.length && performance.now() < until) running = running.filter(mayFork);
}

function mayFork(pid: number): boolean {
  const entry = readProcess(pid);
  return entry !== null && !entry.exiting && entry.state !== 'T' && entry.state !== 't';
}

/** Sends a signal to a process or, with a negative number, to a group. Returns whether the target exists. */
function signal(target: number, name: 'SIGKILL' | 'SIGSTOP'): boolean {
  try {
    return process.kill(target, name);
  } catch {
    return false; // ESRCH: already gone. EPERM: no longer our process.
  }
}
