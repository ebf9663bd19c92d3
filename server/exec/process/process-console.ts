/**
 * Starts a command on a terminal of Windows (docs/protocol/exec.md §5): the form of process-pty.ts for a system whose
 * terminals are consoles.
 */
import { startOnConsole, type TerminalProgram } from '../../system/programs/console-terminal.js';
import type { Child, ChildInput, TerminalSize } from './child.js';
import type { ProgramCall } from './program-call.js';
import { streamInput, streamOutput } from './process-pipes.js';
import { toSpawnError } from './spawn-errors.js';

/**
 * A new line, then ^Z and a new line, which programs of Windows take for the end of a console's input. The Enter key is
 * a carriage return.
 */
const END_OF_INPUT = Buffer.from('\r\x1a\r');

/** The input of a console, which has an end as it is typed. */
export const consoleInput = (input: ChildInput): ChildInput => ({
  ...input,
  end: () => void input.write(END_OF_INPUT),
});

/** Starts the program on a new console. Throws SpawnError. Descriptors above stderr do not exist there. */
export async function spawnOnConsole(call: ProgramCall, size: TerminalSize): Promise<Child> {
  let program: TerminalProgram;
  try {
    program = await startOnConsole(call, {
      size,
      onStart: ({ pid, exited }) => call.onStart?.({ pid, exited: exited.then(toStatus) }),
    });
  } catch (error) {
    throw toSpawnError(error);
  }
  const { pid, exited, input, output, resize } = program;
  return {
    pid,
    exited: exited.then(toStatus),
    stdout: streamOutput(output),
    stderr: null,
    stdin: consoleInput(streamInput(input)),
    resize,
  };
}

const toStatus = (code: number): { code: number; signal: null } => ({ code, signal: null });
