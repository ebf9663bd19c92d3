/** The control calls for a client's own running process: write, resize, kill (docs/protocol/exec.md §6 and §9). */
import { isCode } from '../../errors/codexd-error.js';
import type { Caller } from '../../rpc/connection/caller.js';
import { invalidParams, invalidRequest } from '../../errors/rpc-error.js';
import { decodeBase64 } from './base64.js';
import type { TerminalSize } from '../process/child.js';
import type { RunningCommand } from '../start/command.js';
import type { ConnectionProcesses } from './connection-processes.js';

/** A process that a client can name, from the claim of its id on. */
export interface ControlledProcess {
  /** Settles when the start has succeeded or failed. */
  readonly started: Promise<RunningCommand>;
  readonly terminal: boolean;
  stdin: 'off' | 'open' | 'closed';
}

/** The error texts that differ between command/exec and process/*. */
export interface ControlTexts {
  readonly writeNeedsPayload: string;
  readonly stdinOff: string;
  readonly zeroSize: string;
  readonly unknown: (id: string) => string;
  readonly over: (id: string) => string;
}

export interface ProcessControls {
  write(caller: Caller, id: string, deltaBase64: string | null, closeStdin: boolean): Promise<void>;
  resize(caller: Caller, id: string, size: TerminalSize): Promise<void>;
  terminate(caller: Caller, id: string): Promise<void>;
}

export function createProcessControls(
  processes: ConnectionProcesses<ControlledProcess>,
  texts: ControlTexts,
): ProcessControls {
  const find = (caller: Caller, id: string): ControlledProcess => {
    const process = processes.find(caller, id);
    if (!process) throw invalidRequest(texts.unknown(id));
    return process;
  };
  /** A call directly after the start waits for it. A call after the end receives an error. */
  const running = async ({ started }: ControlledProcess, id: string): Promise<RunningCommand> => {
    const command = await started.catch(() => null);
    if (!command) throw invalidRequest(texts.unknown(id));
    if (command.exited) throw invalidRequest(texts.over(id));
    return command;
  };

  return {
    write: async (caller, id, deltaBase64, closeStdin) => {
      if (deltaBase64 === null && !closeStdin) throw invalidParams(texts.writeNeedsPayload);
      const data = decodeDelta(deltaBase64 ?? '');
      const process = find(caller, id);
      if (process.stdin === 'off') throw invalidRequest(texts.stdinOff);
      if (process.stdin === 'closed' && data.length) throw invalidRequest('stdin is already closed');
      // Decided before the first wait: pipelined writes keep their order, and none follows the end of input.
      const closes = closeStdin && process.stdin === 'open';
      if (closes) process.stdin = 'closed';
      const command = await running(process, id);
      const written = data.length ? command.write(data) : undefined;
      if (closes) command.closeStdin();
      await written;
    },
    resize: async (caller, id, size) => {
      assertSize(size, texts.zeroSize);
      const process = find(caller, id);
      const command = await running(process, id);
      if (!process.terminal) throw invalidRequest('failed to resize PTY: process is not attached to a PTY');
      command.resize(size);
    },
    terminate: async (caller, id) => {
      const command = await running(find(caller, id), id);
      command.terminate();
    },
  };
}

/** Throws RpcError. */
export function assertSize(size: TerminalSize, message: string): void {
  if (size.rows < 1 || size.cols < 1) throw invalidParams(message);
}

function decodeDelta(deltaBase64: string): Buffer {
  try {
    return decodeBase64(deltaBase64);
  } catch (error) {
    if (isCode(error, 'exec.base64')) throw invalidParams(`invalid deltaBase64: ${error.message}`);
    throw error;
  }
}
