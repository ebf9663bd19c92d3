/** Commands that end without a process: their output is one line, and their end is known at once. */
import { TIMED_OUT_EXIT_CODE } from './exit-code.js';
import type { SpawnError } from '../process/spawn-errors.js';
import { libraryWords } from '../../system/node/os-errors.js';
import type { CommandEnd, CommandSpec, RunningCommand } from './command.js';

/** A command with a program that cannot run. Exit codes of POSIX shells: 127 not found, 126 found and not runnable. */
export function programNotRunnable(spec: CommandSpec, { errno }: SpawnError): RunningCommand {
  const exitCode = errno === 'ENOENT' || errno === 'ENOTDIR' ? 127 : 126;
  return endedCommand(spec, `cannot run ${spec.argv[0] || '""'}: ${libraryWords(errno ?? '')}`, {
    cause: 'exit',
    exitCode,
  });
}

/** A command that ran out of time before its start. */
export function laneTimeout(spec: CommandSpec): RunningCommand {
  const line = 'no network lane became free in time: other commands hold those that this command may have';
  return endedCommand(spec, line, { cause: 'timeout', exitCode: TIMED_OUT_EXIT_CODE });
}

function endedCommand(
  spec: CommandSpec,
  line: string,
  { cause, exitCode }: Pick<CommandEnd, 'cause' | 'exitCode'>,
): RunningCommand {
  // No output follows this line, so nobody waits until the client has read it.
  if (spec.io.kind === 'terminal') void spec.stdout.push(Buffer.from(`codexd: ${line}\r\n`));
  else void spec.stderr.push(Buffer.from(`codexd: ${line}\n`));
  return {
    exited: true,
    onLane: false,
    write: async () => {},
    closeStdin: () => {},
    resize: () => {},
    watchPrompts: () => () => {},
    terminate: () => {},
    ended: Promise.resolve({ cause, exitCode, denial: null, drainTimedOut: false }),
  };
}
