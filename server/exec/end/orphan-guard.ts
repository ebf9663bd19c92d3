/**
 * Ends commands when the daemon dies without cleaning up (kill -9, out of memory).
 *
 * Each daemon has one small shell process, which starts with the first command. From the daemon it holds only the
 * reading end of one pipe. On this pipe the daemon reports which process groups live. The end of the pipe means the end
 * of the daemon, for any reason. Then the guard kills those groups and every process that carries one of the daemon's
 * marks, and ends. Bubblewrap asks the kernel to be killed with its parent, but only some milliseconds after its start;
 * the mark in its environment covers that gap. When the guard ends while commands live, another guard starts at once.
 * A system with jobs (Windows) needs no guard.
 */
import { messageOf } from '../../errors/message-of.js';
import type { ChildProcess } from 'node:child_process';
import { HAS_JOBS } from '../../system/programs/process-jobs.js';
import { HAS_PROCESS_LIST } from '../../system/programs/process-list.js';
import { startWatchingShell } from '../../system/programs/watching-shell.js';

export interface OrphanGuard {
  /**
   * Starts the guard if it does not run. Call it before the command starts: the mark alone makes the command findable.
   */
  ready(): void;
  /**
   * Registers a live command, with its process group if it has one. Returns the function that removes it at its end.
   */
  watch(group: number | null): () => void;
  /** Ends the guard. */
  close(): void;
}

/** `markPrefix`: the common prefix of the marks of this supervisor's commands. Calls `report` when a guard is lost. */
export function createOrphanGuard(markPrefix: string, report: (message: string) => void): OrphanGuard {
  const live = new Set<{ readonly group: number | null }>();
  let guard: ChildProcess | null = null;
  let closed = false;

  const tell = (sign: '+' | '-', group: number | null): void => {
    if (group !== null && guard?.stdin?.writable) guard.stdin.write(`${sign} ${group}\n`);
  };
  const ready = (): void => {
    if (guard || closed || HAS_JOBS) return;
    const started = startWatchingShell(HAS_PROCESS_LIST ? SCRIPT_WITH_PS : SCRIPT, 'codexd-orphan-guard', markPrefix);
    const since = performance.now();
    guard = started;
    const lost = (why: string): void => {
      if (guard !== started) return;
      guard = null;
      if (closed) return;
      report(`the guard that ends commands when the daemon is killed has ended: ${why}`);
      if (!live.size) return; // The next command starts another guard.
      if (performance.now() - since >= SHORT_LIFE_MS) again();
      else setTimeout(again, SHORT_LIFE_MS).unref();
    };
    started.once('error', (error) => lost(error.message));
    started.once('exit', (code, signal) => lost(`${signal ?? `exit ${code}`}`));
    started.stdin?.on('error', () => {}); // EPIPE; the 'exit' event follows and is reported.
    for (const { group } of live) tell('+', group);
  };
  const again = (): void => {
    try {
      if (live.size) ready();
    } catch (error) {
      report(`the guard cannot be started again: ${messageOf(error)}`);
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

/** A guard that ends sooner than this after its start is started again only after this delay; in milliseconds. */
const SHORT_LIFE_MS = 100;

/**
 * $1: the common prefix of the marks. Reads `+ GROUP` and `- GROUP` lines until the daemon is gone. Then it stops what
 * has a mark, is in one of these groups or sessions, or descends from such a process. A child with an empty environment
 * and its own session is only found this way, and only while its parent lives. A search misses a process that forks or
 * is in the middle of exec. So the script ends only when several searches in a row find nothing.
 */
const READ_GROUPS = `
mark=$1
live=' '
while read -r what group; do
  case $what in
    +) live="$live$group " ;;
    -) live="\${live%% $group *} \${live#* $group }" ;;
  esac
done
`;
const SCRIPT = `${READ_GROUPS}
found=' ' more=1 round=0
while [ $more = 1 ] && [ $round -lt 20 ]; do
  more=0 round=$((round + 1))
  for file in $(grep -lsF -e "$mark" /proc/[0-9]*/environ); do
    pid=\${file#/proc/} pid=\${pid%/environ}
    case $found in *" $pid "*) continue ;; esac
    found="$found$pid " more=1; kill -STOP "$pid"
  done
  for file in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$file" || continue
    pid=\${line%% *}
    set -- \${line##*) }
    case $found in *" $pid "*) continue ;; esac
    case "$live$found" in
      *" $2 "* | *" $3 "* | *" $4 "*) found="$found$pid " more=1; kill -STOP "$pid" ;;
    esac
  done
done
for group in $live; do kill -KILL "-$group"; done
for pid in $found; do kill -KILL "$pid"; done
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

/**
 * The same where there is no /proc (macOS), by ps(1): no process shows its mark there, so a process that has left its
 * group is only found while its parent lives. Exported for the tests.
 */
export const SCRIPT_WITH_PS = `${READ_GROUPS}
found=' ' more=1 round=0
while [ $more = 1 ] && [ $round -lt 20 ]; do
  more=0 round=$((round + 1))
  while read -r pid parent group; do
    case $found in *" $pid "*) continue ;; esac
    case "$live$found" in
      *" $parent "* | *" $group "*) found="$found$pid " more=1; kill -STOP "$pid" ;;
    esac
  done <<END
$(ps -A -o pid= -o ppid= -o pgid=)
END
done
for group in $live; do kill -KILL "-$group"; done
for pid in $found; do kill -KILL "$pid"; done
`;
