/**
 * Ends commands when the daemon dies without a chance to (kill -9, out of memory).
 *
 * One small shell process a daemon, started with the first command. It holds nothing of the daemon's but the reading
 * end of one pipe, on which it is told which process groups live; the end of that pipe is the end of the daemon,
 * whatever caused it. Then it kills those groups and every process that carries one of its marks, and ends. Bubblewrap
 * asks the kernel to be killed with its parent, but only some milliseconds after it was started: the mark is in its
 * environment. A guard that ends while commands live is followed by another at once.
 */
import type { ChildProcess } from 'node:child_process';
import { startProgram } from '../../system/programs/start-program.js';
import { systemProgram } from '../../system/programs/system-program.js';

export interface OrphanGuard {
  /**
   * Starts the guard if it does not run. To be called before the command starts: its mark alone is enough to be found.
   */
  ready(): void;
  /** Declares a live command, and its process group where it has one. Returns what takes that back, for its end. */
  watch(group: number | null): () => void;
  /** Lets the guard end. */
  close(): void;
}

/** `markPrefix`: what the marks of this supervisor's commands start with. `report` is told when a guard was lost. */
export function createOrphanGuard(markPrefix: string, report: (message: string) => void): OrphanGuard {
  const live = new Set<{ readonly group: number | null }>();
  let guard: ChildProcess | null = null;
  let closed = false;

  const tell = (sign: '+' | '-', group: number | null): void => {
    if (group !== null && guard?.stdin?.writable) guard.stdin.write(`${sign} ${group}\n`);
  };
  const ready = (): void => {
    if (guard || closed || process.platform === 'win32') return;
    const started = startGuard(markPrefix);
    const since = performance.now();
    guard = started;
    const lost = (why: string): void => {
      if (guard !== started) return;
      guard = null;
      if (closed) return;
      report(`the guard that ends commands when the daemon is killed has ended: ${why}`);
      if (!live.size) return; // The next command starts another.
      if (performance.now() - since >= SHORT_LIFE_MS) again();
      else setTimeout(again, SHORT_LIFE_MS).unref();
    };
    started.once('error', (error) => lost(error.message));
    started.once('exit', (code, signal) => lost(`${signal ?? `exit ${code}`}`));
    started.stdin?.on('error', () => {}); // EPIPE; 'exit' follows and is reported.
    for (const { group } of live) tell('+', group);
  };
  const again = (): void => {
    try {
      if (live.size) ready();
    } catch (error) {
      report(`the guard cannot be started again: ${(error as Error).message}`);
    }
  };
  return {
    ready,
    watch: (group) => {
      const command = { group };
      live.add(command);
      tell('+', group);
      return () => {
        if (live.delete(command)) tell('-', group);
      };
    },
    close: () => {
      closed = true;
      guard?.stdin?.end();
    },
  };
}

/** A guard that ends as soon as it has begun is not started again and again; in milliseconds. */
const SHORT_LIFE_MS = 100;

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
 * $1: what the marks start with. Reads `+ GROUP` and `- GROUP` lines until the daemon is gone. A process that forks or
 * is in the middle of exec while it is looked for is missed, so it ends when nothing was found several times running.
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
clean=0 round=0
while [ $clean -lt 4 ] && [ $round -lt 100 ]; do
  clean=$((clean + 1)) round=$((round + 1))
  for file in $(grep -lsF -e "$mark" /proc/[0-9]*/environ); do
    pid=\${file#/proc/}
    kill -KILL "\${pid%/environ}" && clean=0
  done
  sleep 0.02
done
`;
