/**
 * Ends unsandboxed commands when the daemon dies without a chance to (kill -9, out of memory).
 *
 * One small shell process a daemon, started with the first unsandboxed command. It holds nothing of the daemon's but the
 * reading end of one pipe, on which it is told which process groups live; the end of that pipe is the end of the daemon,
 * whatever caused it. Then it kills those groups and every process that carries one of its marks, and ends.
 * Sandboxed commands need it not: bubblewrap asks the kernel to kill them with their parent.
 */
import type { ChildProcess } from 'node:child_process';
import { startProgram } from '../system/start-program.js';
import { systemProgram } from '../system/system-program.js';

export interface OrphanGuard {
  /** Starts the guard if it does not run. To be called before the command starts: its mark alone is enough to be found. */
  ready(): void;
  /** Declares a live process group. Returns what takes that back, to be called once the group is gone. */
  watch(group: number): () => void;
  /** Lets the guard end. */
  close(): void;
}

/** `markPrefix`: what the marks of this supervisor's commands start with. */
export function createOrphanGuard(markPrefix: string, warn: (message: string) => void): OrphanGuard {
  const live = new Set<number>();
  let guard: ChildProcess | null = null;
  let closed = false;

  const tell = (line: string): void => {
    if (guard?.stdin?.writable) guard.stdin.write(line);
  };
  const ready = (): void => {
    if (guard || closed || process.platform === 'win32') return;
    const started = startGuard(markPrefix);
    guard = started;
    const lost = (why: string): void => {
      if (guard !== started) return;
      guard = null; // The next command starts another, which learns of all that live.
      if (!closed) warn(`the guard against orphaned commands ended: ${why}`);
    };
    started.once('error', (error) => lost(error.message));
    started.once('exit', (code, signal) => lost(`${signal ?? `exit ${code}`}`));
    started.stdin?.on('error', () => {}); // EPIPE; 'exit' follows and is reported.
    for (const group of live) tell(`+ ${group}\n`);
  };
  return {
    ready,
    watch: (group) => {
      live.add(group);
      tell(`+ ${group}\n`);
      return () => {
        if (live.delete(group)) tell(`- ${group}\n`);
      };
    },
    close: () => {
      closed = true;
      guard?.stdin?.end();
    },
  };
}

function startGuard(markPrefix: string): ChildProcess {
  const child = startProgram(systemProgram('sh'), ['-c', SCRIPT, 'codexd-orphan-guard', markPrefix], {
    // A session of its own: a terminal's ^C is for the daemon, which then needs the guard most.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Neither the process nor the pipe keeps the daemon's event loop alive.
  child.unref();
  (child.stdin as { unref?(): void } | null)?.unref?.();
  return child;
}

/**
 * $1: what the marks start with. Reads `+ GROUP` and `- GROUP` lines until the daemon is gone. Sweeps a few
 * times, because a process can fork or exec while it is being looked for.
 */
const SCRIPT = `
mark=$1
live=' '
while read -r what group; do
  case $what in
    +) live="$live$group " ;;
    -) live="\${live%% $group *} \${live#* $group }" ;;
  esac
done
for group in $live; do kill -KILL "-$group"; done
for round in 1 2 3 4 5; do
  found=
  for file in $(grep -lsF -e "$mark" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -KILL "\${pid%/environ}" && found=1
  done
  [ "$found" ] || break
done
`;
