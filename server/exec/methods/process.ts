/**
 * The process/* methods: processes that a client starts and controls, always without a sandbox (docs/protocol/exec.md
 * §9).
 */
import { describe } from '../../errors/describe.js';
import { isCode } from '../../errors/codexd-error.js';
import type { RequestParams } from '../../../schema/registry.js';
import type { Logger } from '../../log/log.js';
import type { Caller, RequestContext } from '../../rpc/connection/caller.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { invalidParams, invalidRequest } from '../../errors/rpc-error.js';
import type { CommandIo, CommandSpec, RunningCommand } from '../start/command.js';
import { createConnectionProcesses } from './connection-processes.js';
import { changed, defined } from '../start/command-environment.js';
import { collectedOutput, DEFAULT_OUTPUT_CAP_BYTES, streamedOutput, type Output } from '../run/output.js';
import { UNRESTRICTED } from '../start/permissions.js';
import { assertSize, createProcessControls, type ControlledProcess } from './process-controls.js';
import { assertLocalEnvironment, startFailure } from './start-errors.js';
import type { Supervisor } from '../supervisor.js';

export interface ProcessOptions {
  readonly supervisor: Supervisor;
  /** The environment that processes inherit, without `[shell_environment_policy]`. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly log: Logger;
}

type Params = RequestParams<'process/spawn'>;

const ZERO_SIZE = 'process size rows and cols must be greater than 0';
/** docs/protocol/exec.md §9. */
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_SIZE = { rows: 24, cols: 80 };

export const processMethods = defineMethods((options: ProcessOptions) => {
  const processes = createConnectionProcesses<ControlledProcess>();
  const unknown = (handle: string): string => `no active process for process handle ${JSON.stringify(handle)}`;
  const controls = createProcessControls(processes, {
    writeNeedsPayload: 'process/writeStdin requires deltaBase64 or closeStdin',
    stdinOff: 'stdin streaming is not enabled for this process',
    zeroSize: ZERO_SIZE,
    unknown,
    over: unknown,
  });

  return {
    'process/spawn': async (params, caller, context) => {
      assertLocalEnvironment(options.env);
      const stdout = outputOf('stdout', params, caller);
      const stderr = outputOf('stderr', params, caller);
      const spec = specOf(params, caller, context, options.env, stdout, stderr);
      const { processHandle } = params;
      const claim = processes.claim(caller, processHandle, () => ({
        started: options.supervisor.start(spec),
        terminal: params.tty,
        stdin: params.tty || params.streamStdin ? 'open' : 'off',
      }));
      if (!claim) throw invalidRequest(`duplicate active process handle: ${JSON.stringify(processHandle)}`);
      let command: RunningCommand;
      try {
        command = await claim.process.started;
      } catch (error) {
        claim.release();
        throw startFailure(error, 'process');
      }
      // Output and end reach the client after the answer, because they arrive in later turns of the event loop.
      notifyEnd(command, params, caller, stdout, stderr)
        .catch((error: unknown) => options.log.error(...describe(`process ${processHandle} cannot be told of`, error)))
        .finally(() => claim.release());
      return {};
    },
    'process/writeStdin': async ({ processHandle, deltaBase64, closeStdin }, caller) => {
      await controls.write(caller, processHandle, deltaBase64, closeStdin);
      return {};
    },
    'process/resizePty': async ({ processHandle, size }, caller) => {
      await controls.resize(caller, processHandle, size);
      return {};
    },
    'process/kill': async ({ processHandle }, caller) => {
      await controls.terminate(caller, processHandle);
      return {};
    },
  };
});

/** Throws RpcError, in the reference's order. */
function specOf(
  params: Params,
  caller: Caller,
  { requestId }: RequestContext,
  env: Readonly<NodeJS.ProcessEnv>,
  stdout: Output,
  stderr: Output,
): CommandSpec {
  const { command, processHandle, size, tty, timeoutMs } = params;
  if (!command.length) throw invalidRequest('command must not be empty');
  if (processHandle === '') throw invalidRequest('processHandle must not be empty');
  if (size && !tty) throw invalidParams('process/spawn size requires tty: true');
  if (typeof timeoutMs === 'number' && timeoutMs < 0) {
    throw invalidParams(`process/spawn timeoutMs must be non-negative, got ${timeoutMs}`);
  }
  if (size) assertSize(size, ZERO_SIZE);
  const io: CommandIo = tty
    ? { kind: 'terminal', size: size ?? DEFAULT_SIZE }
    : { kind: 'pipes', stdin: params.streamStdin };
  return {
    argv: command,
    cwd: params.cwd,
    env: changed(defined(env), params.env ?? {}),
    permissions: UNRESTRICTED,
    io,
    timeoutMs: timeoutMs === undefined ? DEFAULT_TIMEOUT_MS : timeoutMs,
    owner: { kind: 'connection', connectionId: caller.connectionId, requestId, processId: processHandle },
    gone: caller.closed,
    stdout,
    stderr,
  };
}

function outputOf(stream: 'stdout' | 'stderr', params: Params, caller: Caller): Output {
  const { processHandle, outputBytesCap } = params;
  const cap = outputBytesCap === undefined ? DEFAULT_OUTPUT_CAP_BYTES : outputBytesCap;
  if (!(params.tty || params.streamStdoutStderr)) return collectedOutput(cap);
  return streamedOutput(cap, {
    send: (piece, capReached) =>
      caller.notifyBytes('process/outputDelta', { processHandle, stream, capReached }, 'deltaBase64', piece),
    drained: () => caller.drained(),
  });
}

async function notifyEnd(
  command: RunningCommand,
  { processHandle }: Params,
  caller: Caller,
  stdout: Output,
  stderr: Output,
): Promise<void> {
  const { exitCode, drainTimedOut } = await command.ended;
  caller.notify('process/exited', {
    processHandle,
    exitCode,
    outputDrainTimedOut: drainTimedOut,
    stdout: textOf(stdout),
    stdoutCapReached: stdout.full,
    stderr: textOf(stderr),
    stderrCapReached: stderr.full,
  });
}

/**
 * Output that could not be kept counts as cut off by the cap (stdoutCapReached, stderrCapReached), because the client
 * must still receive the end.
 */
function textOf(output: Output): string {
  try {
    return output.finish();
  } catch (error) {
    if (isCode(error, 'exec.output-too-large')) return '';
    throw error;
  }
}
