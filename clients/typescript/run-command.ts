import { randomUUID } from 'node:crypto';
import type { Client } from './client.js';
import { ServerError } from './errors.js';
import { answerNetworkPrompts, type NetworkHandler } from './network-approvals.js';
import type { Bytes, Signal } from './platform.js';
import type { ClientParams, RequestResult } from '../../schema/registry.js';

export interface RunCommandOptions {
  /**
   * Receives the output as raw bytes, while the command runs. Without it the result contains the whole output (capped,
   * docs/protocol/exec.md §4).
   */
  readonly onOutput?: (stream: 'stdout' | 'stderr', bytes: Bytes) => void;
  /** Terminates the command when aborted. `done` then resolves with the exit code of the kill. */
  readonly signal?: Signal;
  /**
   * Decides about network access that no rule allows. The client has to declare NETWORK_APPROVAL_CAPABILITY. Without
   * the capability or this function the server denies such access at once.
   */
  readonly onNetworkRequest?: NetworkHandler;
}

export interface CommandHandle {
  readonly processId: string;
  /**
   * Resolves when the command has ended and `onOutput` received all output. Rejects when the command could not start.
   */
  readonly done: Promise<RequestResult<'command/exec'>>;
  /** Writes to the command's stdin. Needs `streamStdin` or `tty` in the params. */
  write(data: string | Uint8Array): Promise<void>;
  closeStdin(): Promise<void>;
  resize(rows: number, cols: number): Promise<void>;
  /** Kills the command and every process that it started. Does nothing after the command's end. */
  terminate(): Promise<void>;
}

/**
 * Runs one command with `command/exec` (docs/protocol/exec.md §1) and returns a handle for it. `params` are those of
 * the method. This function chooses the `processId` unless the params contain one.
 */
export function runCommand(
  client: Client,
  params: ClientParams<'command/exec'>,
  options: RunCommandOptions = {},
): CommandHandle {
  const processId = params.processId ?? randomUUID();
  const { onOutput, onNetworkRequest, signal } = options;
  const stopPrompts = onNetworkRequest ? answerNetworkPrompts(client, processId, onNetworkRequest) : () => {};
  const stop = onOutput
    ? client.onNotification('command/exec/outputDelta', (delta) => {
        if (delta.processId === processId) onOutput(delta.stream, Buffer.from(delta.deltaBase64, 'base64'));
      })
    : () => {};
  const handle: CommandHandle = {
    processId,
    done: run(),
    write: async (data) => {
      const deltaBase64 = Buffer.from(data as string).toString('base64');
      await client.request('command/exec/write', { processId, deltaBase64 });
    },
    closeStdin: async () => {
      await client.request('command/exec/write', { processId, closeStdin: true });
    },
    resize: async (rows, cols) => {
      await client.request('command/exec/resize', { processId, size: { rows, cols } });
    },
    terminate: () => terminate(client, processId),
  };
  return handle;

  async function run(): Promise<RequestResult<'command/exec'>> {
    const abort = (): void => void terminate(client, processId).catch(() => {}); // `done` reports the result.
    try {
      signal?.throwIfAborted();
      const request = client.request('command/exec', {
        ...params,
        processId,
        ...(onOutput ? { streamStdoutStderr: true } : {}),
      });
      signal?.addEventListener('abort', abort, { once: true });
      return await request;
    } finally {
      stop();
      stopPrompts();
      signal?.removeEventListener('abort', abort);
    }
  }
}

async function terminate(client: Client, processId: string): Promise<void> {
  try {
    await client.request('command/exec/terminate', { processId });
  } catch (error) {
    // `no active command/exec …`: the command ended before the request arrived (docs/protocol/exec.md §6).
    if (!(error instanceof ServerError)) throw error;
  }
}
