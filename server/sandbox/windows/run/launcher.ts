/**
 * Starts a sandboxed command for the daemon: an ordinary child with the command's stdin, stdout and stderr.
 *
 * Threat: another program of the sandbox user takes the runner's place, and gets the command's environment or decides
 * its result. A runner that is started by a service of the system outlives the daemon.
 * Rule: the runner is suspended until it is in the command's job, which ends with the daemon. Its pipe is open to its
 * user alone and has one client, whose process must be the runner. The runner gets the daemon's streams and no other
 * handle, and an environment that no command can change. It ends with this process: its end of the pipe closes.
 * Scope: from the request to the exit code. Non-scope: the token, which the runner makes (runner.ts).
 */
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import path from 'node:path';
import { valueOf } from '../../../system/node/environment-names.js';
import { win32, type Handle } from '../../../system/windows/win32.js';
import { controlPipeCalls } from '../../../system/windows/process/win32-control-pipe.js';
import { processCalls, type NativeProcess } from '../../../system/windows/process/win32-process.js';
import { Win32Error, win32Security } from '../../../system/windows/win32-security.js';
import { sandboxRefused } from '../../policy/sandbox.js';
import { isResize, readFrames, runnerSays, sendFrame, type RunnerSays } from './control-frames.js';
import type { LaunchRequest } from './launch-request.js';
import { descriptorOf } from './restricted-token.js';
import type { StartAs } from './start-as.js';

export interface LauncherParts {
  readonly startAs: StartAs;
  /** The command line of the runner; the name of its pipe follows. */
  readonly runner: readonly string[];
}

/** Resolves to the command's exit code. Throws `sandbox.refused`: then nothing of the command has run. */
export async function launch(request: LaunchRequest, { startAs, runner }: LauncherParts): Promise<number> {
  const std = streams();
  const name = `\\\\.\\pipe\\codexd-${randomUUID()}`;
  const pipe = controlPipeCalls().create(name, descriptorOf(`D:P(A;;GRGW;;;${runnerSid(request)})`));
  if (pipe <= 0) throw sandboxRefused(`the runner's pipe cannot be made (os error ${-pipe})`);
  const started = await startAs(request, {
    words: [...runner, name],
    cwd: systemFolder(),
    env: runnerEnvironment(),
    std,
    desktop: null,
  });
  try {
    enterJob(request.job, started);
    const socket = await connected(pipe, started);
    const said = untilSaid(socket);
    // Ctrl-C reaches this process and not the runner, which has a console of its own.
    process.on('SIGINT', () => sendFrame(socket, { kind: 'interrupt', event: 'ctrl-c' }));
    process.on('SIGBREAK', () => sendFrame(socket, { kind: 'interrupt', event: 'ctrl-break' }));
    sendFrame(socket, request);
    if (request.terminal !== null) passSizes(socket);
    return result(await said);
  } catch (error) {
    processCalls().terminate(started.process, 1);
    throw error;
  }
}

/** The streams that the daemon made for the command. */
function streams(): readonly [Handle, Handle, Handle] {
  const calls = processCalls();
  const std = [calls.stdHandle(0), calls.stdHandle(1), calls.stdHandle(2)] as const;
  if (std.some((handle) => calls.isConsole(handle)))
    throw sandboxRefused(
      'a sandboxed command cannot have a terminal on Windows yet: a console belongs to one user; use pipes (`tty: false`, or `codexd sandbox … | more`)',
    );
  return std;
}

/** The new sizes of the command's terminal: the daemon sends them to this process' descriptor 3. */
function passSizes(runner: net.Socket): void {
  const sizes = new net.Socket({ fd: SIZES, readable: true, writable: false });
  sizes.on('error', () => {}); // The daemon has gone, and ends this process with the job.
  sizes.unref();
  readFrames(sizes, (value) => isResize(value) && sendFrame(runner, value));
}
const SIZES = 3;

/** The user that the runner runs as. */
function runnerSid({ logon }: LaunchRequest): string {
  if (logon !== null) return logon.sid;
  const own = win32Security().ownSids();
  if (own instanceof Win32Error || own[0] === undefined)
    throw sandboxRefused(`this process' own user cannot be read: ${own.toString()}`);
  return own[0];
}

const systemRoot = (): string => valueOf(process.env, 'SystemRoot') ?? 'C:\\Windows';
/** A folder that every user may enter, and no command can write. */
const systemFolder = (): string => path.win32.join(systemRoot(), 'System32');

/**
 * Nothing of the sandbox user's own environment, which commands can change in its part of the registry (NODE_OPTIONS
 * would run their code in the runner), and nothing of the daemon's.
 */
function runnerEnvironment(): Record<string, string> {
  const kept = ['SystemDrive', 'ProgramData', 'NUMBER_OF_PROCESSORS', 'PROCESSOR_ARCHITECTURE'].flatMap((name) => {
    const value = valueOf(process.env, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), SystemRoot: systemRoot(), windir: systemRoot(), PATH: systemFolder() };
}

/** Puts the runner into the job of the command, whose other end the daemon has. */
function enterJob(name: string | null, { process }: NativeProcess): void {
  const { openJob, createJob, assignToJob, closeHandle } = win32();
  // Without a job of the daemon, its own: never closed, so it ends with this process.
  const job = name === null ? createJob(null) : openJob(name);
  if (job === 0) throw sandboxRefused('the job of the command is not there: the daemon has ended it');
  const code = assignToJob(job, process);
  if (name !== null) closeHandle(job);
  if (code !== 0) throw sandboxRefused(`the runner cannot be put into the job of the command (os error ${code})`);
}

/** Lets the runner run, and waits until it is on the pipe. */
async function connected(pipe: Handle, { process, thread, pid }: NativeProcess): Promise<net.Socket> {
  const pipes = controlPipeCalls();
  const { resume, waitForOne, exitCode } = processCalls();
  const listening = pipes.listen(pipe);
  if (typeof listening === 'number') throw sandboxRefused(`the runner's pipe cannot be opened (os error ${listening})`);
  const resumed = resume(thread);
  win32().closeHandle(thread);
  if (resumed !== 0) throw sandboxRefused(`the runner cannot be resumed (os error ${resumed})`);
  const first = listening.event === 0 ? 0 : await waitForOne([listening.event, process]);
  listening.free();
  if (first !== 0)
    throw sandboxRefused(
      `the runner ended before it reported (exit code ${exitCode(process) ?? 'unknown'}); is Node readable for the sandbox user?`,
    );
  const client = pipes.clientOf(pipe);
  if (client !== pid)
    throw sandboxRefused(`process ${client ?? 'unknown'} has taken the runner's pipe: nothing was started`);
  return new net.Socket({ fd: pipes.descriptorOf(pipe), readable: true, writable: true });
}

/** What the runner says last; null: it ended without a word. */
function untilSaid(socket: net.Socket): Promise<RunnerSays | null> {
  let said: RunnerSays | null = null;
  readFrames(socket, (value) => (said ??= runnerSays(value)));
  socket.on('error', () => {}); // 'close' follows.
  return new Promise((resolve) => socket.once('close', () => resolve(said)));
}

function result(said: RunnerSays | null): number {
  if (said === null)
    throw sandboxRefused('the runner of the command was ended by another program, and the command with it');
  if (said.kind === 'exit') return said.code;
  process.stderr.write(`codexd: ${said.reason}\n`);
  return said.code;
}
