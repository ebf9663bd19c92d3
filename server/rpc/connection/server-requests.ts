/**
 * The requests of the server on one connection: vscode-jsonrpc keeps those without an answer, and matches answers to
 * them. This file is its reader and its writer.
 *
 * The protocol differs from vscode-jsonrpc in two points, which are translated here:
 * - Ids. They are one sequence for the process (docs/protocol/transport.md §10), not for the connection. `outgoing`
 *   maps them to the ids of vscode-jsonrpc.
 * - Envelopes. encode.ts writes the bytes, without a `jsonrpc` member. vscode-jsonrpc carries a wrapper in the place of
 *   the params.
 */
import { createMessageConnection, RAL, ResponseError } from 'vscode-jsonrpc';
import type { Message } from 'vscode-jsonrpc';
import { fault } from '../../errors/fault.js';
import { messageOf } from '../../errors/message-of.js';
import { RpcError } from '../../errors/rpc-error.js';
import type { ErrorObject, Incoming } from '../wire/message.js';

export interface ServerRequestsOptions {
  /** Writes a request. */
  readonly write: (wireId: number, method: string, params: unknown) => void;
  /** Reports warnings and errors of vscode-jsonrpc. */
  readonly complain: (message: string) => void;
}

export interface ServerRequests {
  /** See Engine.request. */
  request(wireId: number, method: string, params: unknown, signal?: AbortSignal): Promise<unknown>;
  /**
   * From now on no other outcome counts for the request that this message answers. The caller calls the result once to
   * settle it; null: this connection did not receive such a request.
   */
  take(message: Extract<Incoming, { kind: 'response' | 'error' }>): (() => void) | null;
  /** Rejects those without an answer. */
  dispose(): void;
}

export function createServerRequests({ write, complain }: ServerRequestsOptions): ServerRequests {
  installRuntime();
  const outgoing = new Map<number, number>();
  let receive: (message: Message) => void = () => {};

  const take = (wireId: number, outcome: { result: unknown } | { error: ErrorObject }): (() => void) | null => {
    const id = outgoing.get(wireId);
    if (id === undefined) return null;
    outgoing.delete(wireId);
    const answer: Message & { id: number } = { ...V2, id, ...outcome };
    return () => receive(answer);
  };
  const connection = createMessageConnection(
    {
      onError: noEvent,
      onClose: noEvent,
      onPartialMessage: noEvent,
      listen(callback) {
        receive = callback;
        return { dispose() {} };
      },
      dispose() {},
    },
    {
      onError: noEvent,
      onClose: noEvent,
      write(message) {
        const { id, method, params } = message as OutgoingRequest;
        outgoing.set(params.wireId, id);
        write(params.wireId, method, params.params);
        return WRITTEN;
      },
      end() {},
      dispose() {},
    },
    { error: complain, warn: complain, info() {}, log() {} },
    // By default, vscode-jsonrpc reports a cancelled request to the client as `$/cancelRequest`. This protocol has no
    // such message. With a limit for requests, which it never receives, it takes answers at once: engine.ts has put
    // them in their order.
    { cancellationStrategy: SILENT_CANCELLATION, maxParallelism: 1 },
  );
  connection.listen();

  return {
    async request(wireId, method, params, signal) {
      const wrapped: OutgoingParams = { wireId, params };
      const pending = connection.sendRequest<unknown>(method, wrapped);
      const withdraw = (): void => {
        const { rpcCode, message } = withdrawn(method);
        take(wireId, { error: { code: rpcCode, message } })?.();
      };
      signal?.addEventListener('abort', withdraw, { once: true });
      try {
        return await pending;
      } catch (error) {
        throw fromClient(error);
      } finally {
        signal?.removeEventListener('abort', withdraw);
      }
    },
    take(message) {
      // `outgoing` holds only the requests of this connection, so no other connection can answer them
      // (docs/protocol/transport.md §10). The type must match too: "0" is not 0.
      if (typeof message.id !== 'number') return null;
      return take(message.id, message.kind === 'error' ? { error: message.error } : { result: message.result });
    },
    dispose: () => connection.dispose(),
  };
}

/** The error of a request that the server takes back. */
export const withdrawn = (method: string): RpcError => new RpcError('answer.withdrawn', `${method} was withdrawn`);

/** What a request of the server was answered with, or why it never will be. */
function fromClient(error: unknown): RpcError {
  if (!(error instanceof ResponseError)) return new RpcError('answer.withdrawn', messageOf(error), { cause: error });
  const { code: rpcCode, data } = error;
  return new RpcError('answer.refused', error.message, { rpcCode, data });
}

/** The params of a server request, as vscode-jsonrpc must receive them. */
interface OutgoingParams {
  readonly wireId: number;
  readonly params: unknown;
}
interface OutgoingRequest extends Message {
  readonly id: number;
  readonly method: string;
  readonly params: OutgoingParams;
}

const V2 = { jsonrpc: '2.0' } as const;
const WRITTEN = Promise.resolve();
const noEvent = () => ({ dispose() {} });

const NEVER_CANCELLED = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
const SILENT_CANCELLATION = {
  receiver: {
    createCancellationTokenSource: () => ({ token: NEVER_CANCELLED, cancel() {}, dispose() {} }),
  },
  sender: { sendCancellation: () => Promise.resolve(), cleanup() {} },
};

/**
 * Installs timers for vscode-jsonrpc. `vscode-jsonrpc/node` would install its own, and load crypto, net and
 * child_process for pipes that codexd does not use: 7 ms of start-up.
 */
function installRuntime(): void {
  if (installed) return;
  installed = true;
  const unused = (): never => {
    throw fault('this part of vscode-jsonrpc is not used');
  };
  RAL.install({
    console,
    timer: {
      setImmediate: unused,
      setTimeout(callback, ms, ...args) {
        const timer = setTimeout(callback, ms, ...args);
        return { dispose: () => clearTimeout(timer) };
      },
      setInterval(callback, ms, ...args) {
        const timer = setInterval(callback, ms, ...args);
        return { dispose: () => clearInterval(timer) };
      },
    },
    crypto: { randomUUID: unused },
    messageBuffer: { create: unused },
    applicationJson: {
      encoder: { name: 'application/json', encode: unused },
      decoder: { name: 'application/json', decode: unused },
    },
  });
}
let installed = false;
