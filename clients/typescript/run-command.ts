import { randomUUID } from 'node:crypto';
import type { Client } from './client.js';
import { ServerError } from './errors.js';
import { answerNetworkPrompts, type NetworkHandler } from './network-approvals.js';
import type { Bytes, Signal } from './platform.js';
import type { ClientParams, RequestResult } from '../../schema/registry.js';

export interface RunCommandOptions {
  /**
   * Gets the output as it comes, as raw bytes. Without it the whole output is in the result (capped,
   * docs/protocol/exec.md §4).
   */
  readonly onOutput?: (stream: 'stdout' | 'stderr', bytes: Bytes) => void;
  /** Terminates the command when aborted: `done` then resolves with the exit code of the kill. */
  readonly signal?: Signal;
  /**
   * Decides about what the command wants to reach on the network and no rule allows. The client has to declare
   * NETWORK_APPROVAL_CAPABILITY; without it, and without this, such a request is denied at once.
   */
  readonly onNetworkRequest?: NetworkHandler;
}

export interface CommandHandle {
  readonly processId: string;
  /** Resolves when the command has ended and all of its output was handed on; rejects when it could not be started. */
  readonly done: Promise<RequestResult<'command/exec'>>;
  /** Writes to its stdin; needs `streamStdin` or `tty` in the params. */
  write(data: string | Uint8Array): Promise<void>;
  closeStdin(): Promise<void>;
  resize(rows: number, cols: number): Promise<void>;
  /** Kills it with everything that it started. A command that has ended already is left alone. */
  terminate(): Promise<void>;
}

/**
 * Runs one command through `command/exec` (docs/protocol/exec.md §1) and gives a handle on it.
 * `params` are those of the method; `processId` is chosen here unless given.
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
    const abort = (): void => void terminate(client, processId).catch(() => {}); // `done` tells what became of it.
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
    // `no active command/exec …`: it ended while we were asking (docs/protocol/exec.md §6).
    if (!(error instanceof ServerError)) throw error;
  }
}
