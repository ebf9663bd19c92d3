/**
 * Starts bubblewrap: through a few lines of shell, or directly when the caller can pass descriptors.
 *
 * Threat: the command must not influence what is executed outside of the sandbox. Its environment could (LD_PRELOAD,
 * SHELLOPTS with PS4, names that a shell drops). Descriptors that the daemon inherited, or that node-pty opened without
 * O_CLOEXEC (another command's terminal), would reach it.
 * Rule: shell and bubblewrap run with their own environment. The command's environment travels in the launch file that
 * `bwrap --args` reads, and never in a command line that other users can list. The shell first closes all descriptors
 * except 0 to 2. A caller that passes descriptors must pass no others.
 * Scope: one exec, no process stays. bubblewrap dies with its parent, the daemon.
 */
import type { TrustedProgram } from '../../system/programs/system-program.js';

/** The shell that closes descriptors above 9: /bin/sh itself (bash, busybox), or bash beside it (dash). */
export interface Shell {
  readonly sh: TrustedProgram;
  readonly bash: TrustedProgram | null;
}

export interface Launch {
  /** bubblewrap, with the programs that start it. */
  readonly bubblewrap: readonly [TrustedProgram, ...string[]];
  /** The file with bubblewrap's own arguments, each ended by a NUL. */
  readonly argumentsFile: string;
  readonly filterFile: string;
  readonly command: readonly string[];
  /**
   * A terminal also sends ^C and ^\\ to bubblewrap's outer process. It would end, and the sandbox with it, before the
   * command's own trap has run. true: the signals are ignored, and the command must get their defaults back.
   */
  readonly ignoreInterrupts: boolean;
}

export function launchLine(shell: Shell, launch: Launch): { file: TrustedProgram; args: readonly string[] } {
  const { bubblewrap, argumentsFile, filterFile, command } = launch;
  const words = [argumentsFile, filterFile, ...bubblewrap, ...bubblewrapWords(ARGUMENTS_FD, FILTER_FD), ...command];
  const last = launch.ignoreInterrupts ? IGNORE_INTERRUPTS + EXEC : EXEC;
  const wide = CLOSE_ALL + last;
  return shell.bash === null
    ? { file: shell.sh, args: ['-c', wide, NAME, ...words] }
    : { file: shell.sh, args: ['-c', CLOSE_FEW + last, NAME, shell.bash, wide, ...words] };
}

/** Without a shell: the launch file is descriptor 3 and the filter is descriptor 4. */
export const directLine = (
  [file, ...words]: readonly [TrustedProgram, ...string[]],
  command: readonly string[],
): { file: TrustedProgram; args: readonly string[] } => ({
  file,
  args: [...words, ...bubblewrapWords(3, 4), ...command],
});

const bubblewrapWords = (argumentsFd: number, filterFd: number): readonly string[] => [
  ...['--args', String(argumentsFd), '--seccomp', String(filterFd), '--'],
];

/** $0 of the shell, for its error messages. */
const NAME = 'codexd-sandbox';

/** Descriptors that bubblewrap reads and closes. */
const ARGUMENTS_FD = 8;
const FILTER_FD = 9;

const IGNORE_INTERRUPTS = `trap '' INT QUIT\n`;

/** $1: launch file, $2: filter, then the words to execute with them. */
const EXEC = `
a=$1 f=$2
shift 2
exec "$@" ${ARGUMENTS_FD}<"$a" ${FILTER_FD}<"$f"
`;

/** Its own messages are not redirected: for that, a shell would keep stderr in a descriptor that the loop closes. */
const CLOSE_ALL = `
for n in /proc/self/fd/*; do
  n=\${n##*/}
  case $n in [012]) ;; *) eval "exec $n<&-" ;; esac
done
`;

/**
 * $1: bash, $2: the script that bash runs when a descriptor above 9 exists; usually none does. Without --norc, bash
 * would read ~/.bashrc when stdin is a socket, and Node's pipes are sockets.
 */
const CLOSE_FEW = `
w=$1 s=$2
shift 2
for n in /proc/self/fd/??*; do
  [ -e "$n" ] && exec "$w" --norc -c "$s" ${NAME} "$@"
done
exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-
`;
