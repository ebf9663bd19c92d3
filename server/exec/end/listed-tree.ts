/**
 * Ends a command with all the processes it started, where the system lists processes by calls (macOS): the form of
 * process-tree.ts without /proc.
 *
 * Threat: as there, a process that creates its own session, or whose parent ends, is lost from sight.
 * Rule: a process is the command's if it is in its sandbox, in its session or group, or descends from such a process.
 * The kernel says what is in a sandbox, whatever the process has done since. Members are stopped before they are
 * killed, until no new one is found.
 * Non-scope: outside of a sandbox, an orphan that has left the session and the group. There the environment of another
 * process is not readable, so a mark would show nothing.
 */
import type { Processes } from '../../system/programs/process-list.js';
import type { ProcessTree } from './process-tree.js';

const RETRY_MS = 5;
/** Bounds the search when a command forks faster than it is stopped; the next kill() finds the rest. */
const ROUNDS = 8;

export interface ListedTreeOptions {
  /** As in createProcessTree. */
  readonly mark: string;
  readonly outerMark: string | undefined;
  readonly processes: Processes;
  /** For tests. Returns whether the target exists. */
  readonly signal?: (target: number, name: 'SIGKILL' | 'SIGSTOP') => boolean;
}

export function createListedTree({ mark, outerMark, processes, signal = send }: ListedTreeOptions): ProcessTree {
  let root: number | null = null;
  let exited = false;
  let exit: Promise<unknown> = Promise.resolve();
  let isInside: ((pid: number) => boolean) | null = null;
  /** The killed ones that may not have ended yet, with their starts. */
  const doomed = new Map<number, number>();

  const members = (first: number): ReadonlyMap<number, number> => {
    const facts = processes.pids().flatMap((pid) => (pid === process.pid ? [] : (processes.factsOf(pid) ?? [])));
    const living = facts.filter(({ zombie }) => !zombie);
    const known = new Set<number>(exited ? [] : [first]);
    for (const { pid, group } of living)
      if (group === first || processes.sessionOf(pid) === first || isInside?.(pid) === true) known.add(pid);
    for (let before = -1; before !== known.size;) {
      before = known.size;
      for (const { pid, parent } of living) if (known.has(parent)) known.add(pid);
    }
    return new Map(living.flatMap(({ pid, started }) => (known.has(pid) ? [[pid, started] as const] : [])));
  };
  const kill = (): boolean => {
    if (root === null) return true;
    const found = new Map<number, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const fresh = [...members(root)].filter(([pid]) => !found.has(pid));
      for (const [pid, started] of fresh) {
        found.set(pid, started);
        signal(pid, 'SIGSTOP');
      }
      if (fresh.length === 0) break;
    }
    // Until setsid has run in the child, the child leads no group: only its pid can be signalled.
    if (!exited && !signal(-root, 'SIGKILL')) signal(root, 'SIGKILL');
    for (const [pid, started] of [...found].reverse()) {
      signal(pid, 'SIGKILL');
      doomed.set(pid, started);
    }
    for (const [pid, started] of doomed) {
      const now = processes.factsOf(pid);
      if (now?.started !== started || now.zombie) doomed.delete(pid);
    }
    return doomed.size === 0;
  };
  const killAndWait = async (patienceMs: number): Promise<boolean> => {
    const until = Date.now() + patienceMs;
    let gone = kill();
    while (!gone && Date.now() < until) {
      await pause(RETRY_MS);
      gone = kill();
    }
    return gone;
  };
  return {
    mark: outerMark ? `${outerMark}:${mark}` : mark,
    job: null,
    started: (pid, ended) => {
      root = pid;
      exit = ended.finally(() => (exited = true));
    },
    inSandbox: (contains) => (isInside = contains),
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

function send(target: number, name: 'SIGKILL' | 'SIGSTOP'): boolean {
  try {
    return process.kill(target, name);
  } catch {
    return false; // ESRCH: already gone. EPERM: no longer our process.
  }
}
