/**
 * Starts a program on a terminal of Windows (a pseudo console): the base of exec/process/process-console.ts, and of the
 * program that starts commands as another user, which gives a token.
 *
 * Rule: the program does nothing before `onStart` has returned, so it can be put into a job first. Its end closes the
 * console; that ends what still runs there, and everything it has shown arrives before the output ends.
 * Non-scope: Windows before 10 (1809), which has no such consoles.
 */
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { CodexdError } from '../../../errors/codexd-error.js';
import { commandLine, environmentBlock } from './command-line.js';
import { windowsStartForm, type ProgramStart } from '../start-form.js';
import { win32, type Handle } from '../win32.js';
import { win32Console, type ConsoleSize } from './win32-console.js';
import { win32Pipes } from './win32-pipes.js';

export interface TerminalProgram {
  readonly pid: number;
  /** Its exit code, 32 bits without a sign. */
  readonly exited: Promise<number>;
  /** What the screen shows, as a terminal of UTF-8 gets it. It must be read up to its end, or destroyed. */
  readonly output: net.Socket;
  readonly input: net.Socket;
  resize(size: ConsoleSize): void;
}

export interface TerminalOptions {
  readonly size: ConsoleSize;
  /** The user of the program (win32-console.ts). Absent: this process's. */
  readonly token?: Handle;
  /** Called before the program does anything. What it throws ends the start; the callee has ended the process then. */
  readonly onStart?: (started: { readonly pid: number; readonly exited: Promise<number> }) => void;
}

/**
 * `start` as for windowsStartForm. Throws `machine.program` with the reason, errors with a code of Node for a program
 * or a folder that cannot be used, and `machine.native-module`.
 */
export function startOnTerminal(start: ProgramStart, { size, token, onStart }: TerminalOptions): TerminalProgram {
  const { file, args, options } = windowsStartForm(start);
  const { createConsole, resizeConsole, closeConsole, startSuspended, resume, whenEnded } = win32Console();
  const { closeHandle } = win32();
  const output = makePipe('reads');
  let input: PipeEnds;
  try {
    input = makePipe('writes');
  } catch (error) {
    output.ours.destroy();
    closeHandle(output.theirs);
    throw error;
  }
  const made = createConsole(size, input.theirs, output.theirs);
  for (const { theirs } of [input, output]) closeHandle(theirs);
  const hangUp = (): void => [input, output].forEach(({ ours }) => ours.destroy());
  if (typeof made === 'number') {
    hangUp();
    throw new CodexdError('machine.program', `a terminal cannot be made (${hex(made)}); Windows 10 of 2018 has them`);
  }
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => (closing ??= closeConsole(made.console));

  const line = commandLine(file, args, options.windowsVerbatimArguments ?? false);
  const environment = environmentBlock(start.env);
  const program = { file, line, cwd: start.cwd, environment, console: made.console };
  const started = startSuspended(token === undefined ? program : { ...program, token });
  if (typeof started === 'number') {
    hangUp();
    void close();
    throw startError(file, started);
  }
  const exited = whenEnded(started.process);
  void exited.then(close, close);
  try {
    onStart?.({ pid: started.pid, exited });
  } catch (error) {
    hangUp();
    throw error;
  } finally {
    resume(started.thread);
    closeHandle(started.thread);
  }
  return {
    pid: started.pid,
    exited,
    output: output.ours,
    input: input.ours,
    resize: (to) => {
      if (closing === null) resizeConsole(made.console, to);
    },
  };
}

interface PipeEnds {
  readonly ours: net.Socket;
  readonly theirs: Handle;
}

/** `way`: what our end does. A pipe with a name, because only such a one can be read by an event loop. */
function makePipe(way: 'reads' | 'writes'): PipeEnds {
  const { createPipe, openPipe, descriptorOf } = win32Pipes();
  const { closeHandle } = win32();
  const name = `\\\\.\\pipe\\codexd-terminal-${randomBytes(16).toString('hex')}`;
  const server = createPipe(name, way);
  if (server < 0) throw pipeError(-server);
  const client = openPipe(name, way === 'reads' ? 'writes' : 'reads');
  const descriptor = client < 0 ? -1 : descriptorOf(server);
  if (descriptor < 0) {
    closeHandle(server);
    if (client >= 0) closeHandle(client);
    throw client < 0 ? pipeError(-client) : new CodexdError('machine.descriptors', 'too many files are open');
  }
  const reads = way === 'reads';
  return { ours: new net.Socket({ fd: descriptor, readable: reads, writable: !reads }), theirs: client };
}

const pipeError = (code: number): CodexdError =>
  new CodexdError('machine.program', `the pipes of a terminal cannot be made (os error ${code})`);

const hex = (result: number): string => `0x${(result >>> 0).toString(16).padStart(8, '0')}`;

/** winerror.h: how CreateProcess fails, with Node's names for it. */
const START_ERRORS: ReadonlyMap<number, string> = new Map([
  [2, 'ENOENT'],
  [3, 'ENOENT'],
  [5, 'EACCES'],
  [8, 'ENOMEM'],
  [193, 'ENOEXEC'],
  [206, 'E2BIG'],
  [267, 'ENOTDIR'],
]);

function startError(file: string, code: number): Error {
  const name = START_ERRORS.get(code);
  if (name === undefined) return new CodexdError('machine.program', `${file} cannot be started (os error ${code})`);
  return Object.assign(new Error(`${file} cannot be started`), { code: name });
}
