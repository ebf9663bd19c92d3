/** command/exec and its control calls (docs/protocol/exec.md §1 to §8). */
import { isCode } from '../../errors/codexd-error.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { SettingsReader } from '../../config/settings/command-settings.js';
import type { Caller, RequestContext } from '../../rpc/connection/caller.js';
import type { OpenQuestions } from '../../rpc/connection/open-questions.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import { planCommandExec, ZERO_SIZE } from './command-exec-plan.js';
import type { CommandSpec, RunningCommand } from '../start/command.js';
import { connectionPrompter } from './connection-prompter.js';
import { createConnectionProcesses } from './connection-processes.js';
import { denialLine, wireDenial } from './denial-line.js';
import { collectedOutput, DEFAULT_OUTPUT_CAP_BYTES, streamedOutput, type Output } from '../run/output.js';
import { createProcessControls, type ControlledProcess } from './process-controls.js';
import { startFailure } from './start-errors.js';
import type { Supervisor } from '../supervisor.js';

export interface CommandExecOptions {
  readonly supervisor: Supervisor;
  readonly settings: SettingsReader;
  /** The open questions of the daemon, which operators see. */
  readonly questions?: OpenQuestions;
  /** The daemon's working folder, the base of relative paths, and its environment, which commands inherit. */
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

type Params = RequestParams<'command/exec'>;
type Result = RequestResult<'command/exec'>;

export const commandExecMethods = defineMethods((options: CommandExecOptions) => {
  const processes = createConnectionProcesses<ControlledProcess>();
  const controls = createProcessControls(processes, {
    writeNeedsPayload: 'command/exec/write requires deltaBase64 or closeStdin',
    stdinOff: 'stdin streaming is not enabled for this command/exec',
    zeroSize: ZERO_SIZE,
    unknown: (id) => `no active command/exec for process id ${JSON.stringify(id)}`,
    over: (id) => `command/exec ${JSON.stringify(id)} is no longer running`,
  });

  return {
    'command/exec': (params, caller, context) => commandExec(params, caller, context, options, processes),
    'command/exec/write': async ({ processId, deltaBase64, closeStdin }, caller) => {
      await controls.write(caller, processId, deltaBase64, closeStdin);
      return {};
    },
    'command/exec/resize': async ({ processId, size }, caller) => {
      await controls.resize(caller, processId, size);
      return {};
    },
    'command/exec/terminate': async ({ processId }, caller) => {
      await controls.terminate(caller, processId);
      return {};
    },
  };
});

async function commandExec(
  params: Params,
  caller: Caller,
  { requestId }: RequestContext,
  options: CommandExecOptions,
  processes: ReturnType<typeof createConnectionProcesses<ControlledProcess>>,
): Promise<Result> {
  const { processId, tty } = params;
  const { prompts, ...plan } = planCommandExec(params, options);
  const stdout = outputOf('stdout', params, caller);
  const stderr = outputOf('stderr', params, caller);
  const spec: CommandSpec = {
    ...plan,
    owner: { kind: 'connection', connectionId: caller.connectionId, requestId, processId },
    prompter: connectionPrompter(caller, prompts, options.questions),
    gone: caller.closed,
    stdout,
    stderr,
  };
  const run = async (started: Promise<RunningCommand>): Promise<Result> => {
    try {
      const { exitCode, denial } = await (await started).ended;
      if (denial) (tty ? stdout : stderr).say((midLine) => denialLine(denial, midLine, tty));
      const texts = { exitCode, stdout: stdout.finish(), stderr: stderr.finish() };
      return denial ? { ...texts, networkDenial: wireDenial(denial) } : texts;
    } catch (error) {
      throw isCode(error, 'exec.output-too-large') ? invalidRequest(error.message) : error;
    } finally {
      for (const output of [stdout, stderr]) output.discard();
    }
  };
  const start = async (): Promise<RunningCommand> => {
    try {
      return await options.supervisor.start(spec);
    } catch (error) {
      throw startFailure(error, 'command');
    }
  };

  if (processId === null) return run(start());
  const claim = processes.claim(caller, processId, () => ({
    started: start(),
    terminal: tty,
    stdin: tty || params.streamStdin ? 'open' : 'off',
  }));
  if (!claim) throw invalidRequest(`duplicate active command/exec process id: ${JSON.stringify(processId)}`);
  try {
    return await run(claim.process.started);
  } finally {
    claim.release();
  }
}

function outputOf(stream: 'stdout' | 'stderr', params: Params, caller: Caller): Output {
  const cap = params.disableOutputCap ? null : (params.outputBytesCap ?? DEFAULT_OUTPUT_CAP_BYTES);
  const { processId } = params;
  if (processId === null || !(params.tty || params.streamStdoutStderr)) return collectedOutput(cap);
  return streamedOutput(cap, {
    send: (piece, capReached) =>
      caller.notifyBytes('command/exec/outputDelta', { processId, stream, capReached }, 'deltaBase64', piece),
    drained: () => caller.drained(),
  });
}
