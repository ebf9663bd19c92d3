/**
 * Runs a command as the user that this process runs as: with a restricted token, in a job of its own.
 *
 * Threat: the runner's token is not restricted. A command that opens this process, or that runs code in it, has all the
 * rights of the sandbox user. A process of the command outlives it.
 * Rule: before the command starts, this process is closed to its own user. The command gets a token that was read back
 * (restricted-token.ts), the asked environment, three streams and no other handle, and a job that kills what is left
 * when this process ends, for any reason. This process ends when its pipe does, and starts one command.
 * Scope: from the request to the exit code. Non-scope: the rights of files (access-list.ts).
 */
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { messageOf } from '../../../errors/message-of.js';
import { isCodexdError, type CodexdError } from '../../../errors/codexd-error.js';
import { win32, type Handle } from '../../../system/windows/win32.js';
import { createDesktop } from '../../../system/windows/process/win32-desktop.js';
import { processCalls, type NativeProcess, type NativeStart } from '../../../system/windows/process/win32-process.js';
import { tokenCalls } from '../../../system/windows/process/win32-token.js';
import { windowsStartForm, type StartForm } from '../../../system/windows/start-form.js';
import { sandboxRefused } from '../../policy/sandbox.js';
import { interruptIn, isResize, readFrames, sendFrame, type RunnerSays } from './control-frames.js';
import { isRequest, type LaunchRequest } from './launch-request.js';
import { openTerminal, type RunnerTerminal } from './runner-terminal.js';
import { descriptorOf, ownList, restrictedToken, RUNNER_LIST, type CommandToken } from './restricted-token.js';

export interface RunnerParts {
  /** Tests without a Windows that restricts tokens replace it. Throws `sandbox.refused`. */
  readonly restrict: (capabilities: readonly string[], asUser: boolean) => CommandToken;
}

export const RUNNER_PARTS: RunnerParts = { restrict: restrictedToken };

/** Exit codes as in a shell: the program cannot be run, or is not there. */
const [NOT_RUNNABLE, NOT_FOUND] = [126, 127];

/** Serves one request on the pipe, and ends this process. */
export function serve(pipeName: string, parts: RunnerParts): void {
  const socket = net.connect(pipeName);
  // The launcher is gone: the end of this process ends the command, whose job it holds.
  socket.on('close', () => process.exit(1));
  socket.on('error', () => {});
  let taken = false;
  const command: Command = { terminal: null };
  readFrames(socket, (value) => {
    const event = interruptIn(value);
    if (taken && event !== null) processCalls().interruptConsole(event);
    if (taken && isResize(value)) command.terminal?.resize(value.size);
    if (taken) return;
    taken = true;
    void answer(value, command, parts).then((said) => {
      sendFrame(socket, said);
      socket.end(() => process.exit(said.code));
    });
  });
}

interface Command {
  terminal: RunnerTerminal | null;
}

async function answer(value: unknown, command: Command, { restrict }: RunnerParts): Promise<RunnerSays> {
  try {
    if (!isRequest(value)) throw sandboxRefused('the launcher of another build started this runner: restart codexd');
    closeToOthers(value);
    const token = restrict(value.capabilities, value.logon !== null);
    if (value.terminal !== null) command.terminal = openTerminal(value.terminal, value.logon !== null);
    const started = startCommand(value, token, command.terminal);
    return 'kind' in started ? started : { kind: 'exit', code: await untilEnded(started) };
  } catch (error) {
    const reason = isCodexdError(error) ? error.message : `the runner failed: ${messageOf(error)}`;
    return { kind: 'refused', code: NOT_RUNNABLE, reason };
  } finally {
    await command.terminal?.close();
  }
}

/** Only where the user is the sandbox's own: the person's own programs may open the person's processes. */
function closeToOthers({ logon }: LaunchRequest): void {
  if (logon === null) return;
  const code = tokenCalls().protectOwnProcess(descriptorOf(RUNNER_LIST));
  if (code !== 0) throw sandboxRefused(`the runner cannot be closed to other commands (os error ${code})`);
}

/** The command, which runs, or why its program cannot be run. */
function startCommand(
  request: LaunchRequest,
  { token, logon }: CommandToken,
  terminal: RunnerTerminal | null,
): NativeProcess | RunnerSays {
  const calls = processCalls();
  // This process was started as a group that ignores Ctrl-C, and its children would too.
  calls.passInterrupts();
  for (const signal of ['SIGINT', 'SIGBREAK'] as const) process.on(signal, () => {});
  const start = nativeStart(request, logon);
  if ('kind' in start) return start;
  const job = win32().createJob(null); // Never closed: the end of this process closes it.
  if (job === 0) throw sandboxRefused('no job can be made for the command');
  const started = terminal === null ? calls.createProcessWithToken(token, start) : terminal.start(token, start);
  if (typeof started === 'number') return cannotRun(start.words[0] ?? '', started);
  const code = win32().assignToJob(job, started.process);
  if (code !== 0) {
    calls.terminate(started.process, 1);
    throw sandboxRefused(`the command cannot be put into its job (os error ${code})`);
  }
  calls.resume(started.thread);
  win32().closeHandle(started.thread);
  return started;
}

function nativeStart(request: LaunchRequest, logon: string): NativeStart | RunnerSays {
  const { argv, cwd, env, privateDesktop } = request;
  const [file = '', ...args] = argv;
  let form: StartForm;
  try {
    form = windowsStartForm({ file, args, cwd, env });
  } catch (error) {
    return { kind: 'refused', code: NOT_FOUND, reason: `cannot run ${file}: ${messageOf(error)}` };
  }
  const calls = processCalls();
  const verbatim = form.options.windowsVerbatimArguments === true;
  return {
    words: [form.file, ...form.args],
    ...(verbatim ? { verbatim } : {}),
    cwd,
    env,
    std: [calls.stdHandle(0), calls.stdHandle(1), calls.stdHandle(2)],
    desktop: privateDesktop ? ownDesktop(logon) : null,
  };
}

/** Windows of other programs, and the messages to them, are on another desktop. It ends with its last process. */
function ownDesktop(logon: string): string {
  const name = `codexd-${randomUUID()}`;
  const desktop: Handle = createDesktop(name, descriptorOf(ownList(logon)));
  if (desktop <= 0) throw desktopRefusal(-desktop);
  return `WinSta0\\${name}`;
}

const desktopRefusal = (code: number): CodexdError =>
  sandboxRefused(
    `no desktop can be made for the command (os error ${code}); \`[windows] sandbox_private_desktop = false\` lets it use the person's`,
  );

/** winerror.h. */
const [ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND, ERROR_ELEVATION_REQUIRED] = [2, 3, 740];

function cannotRun(program: string, code: number): RunnerSays {
  const missing = code === ERROR_FILE_NOT_FOUND || code === ERROR_PATH_NOT_FOUND;
  const why =
    code === ERROR_ELEVATION_REQUIRED ? 'it asks for an administrator' : 'Windows cannot start it in the sandbox';
  return {
    kind: 'refused',
    code: missing ? NOT_FOUND : NOT_RUNNABLE,
    reason: `cannot run ${program}: ${why} (os error ${code})`,
  };
}

async function untilEnded({ process: command }: NativeProcess): Promise<number> {
  const calls = processCalls();
  await calls.waitForOne([command]);
  const code = calls.exitCode(command);
  if (code === null) throw sandboxRefused("the command's exit code cannot be read");
  return code;
}
