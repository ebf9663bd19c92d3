/**
 * vscode-jsonrpc as the engine of one connection: it dispatches requests, keeps the pending requests of both directions
 * and matches answers to requests. wire-adapter.ts translates between it and the wire.
 *
 * Notifications need no matching and do not pass through here.
 */
import { fault } from '../../errors/fault.js';
import { messageOf } from '../../errors/message-of.js';
import { RpcCode } from '../../errors/codes.js';
import { createMessageConnection, RAL, ResponseError } from 'vscode-jsonrpc';
import { encodeError, encodeRequest, encodeResult, type Encoded } from '../wire/encode.js';
import { RpcError } from '../../errors/rpc-error.js';
import type { Incoming, WireId } from '../wire/message.js';
import { createWireAdapter, type IncomingParams, type OutgoingParams } from './wire-adapter.js';

export interface EngineOptions {
  /** Handles one request. A thrown error becomes the error answer (see `answerFor`). */
  readonly handle: (method: string, params: unknown, context: EngineContext) => unknown;
  /** Receives the bytes of answers and server requests. */
  readonly send: (message: Encoded) => void;
  /** Called directly after a request's answer has gone to `send`. */
  readonly answered: (id: WireId, method: string, ok: boolean) => void;
  /** Reports a result that is not JSON, and the engine's own warnings and errors. */
  readonly complain: (message: string) => void;
}

/** See RequestContext in caller.ts. */
export interface EngineContext {
  readonly requestId: WireId;
  afterAnswer(work: () => void): void;
}

export interface Engine {
  deliver(message: Extract<Incoming, { kind: 'request' | 'response' | 'error' }>): void;
  /**
   * Sends a server request under this id. Rejects with RpcError: the client's error, an abort, or the connection's end.
   */
  request(id: number, method: string, params: unknown, signal?: AbortSignal): Promise<unknown>;
  /** The number of the client's requests without an answer. */
  inFlight(): number;
  /** Rejects pending server requests and sends nothing more. */
  dispose(): void;
}

export function createEngine(options: EngineOptions): Engine {
  installRuntime();
  const adapter = createWireAdapter({
    request: (wireId, method, params) => options.send(encodeRequest(wireId, method, params)),
    answer({ id, method, after }, result, error) {
      options.send(error ? encodeError(id, error) : encodeAnswer(id, method, result, options.complain));
      options.answered(id, method, error === undefined);
      for (const work of after) {
        try {
          work();
        } catch (thrown) {
          options.complain(`what follows the answer to ${method} failed: ${messageOf(thrown)}`);
        }
      }
    },
  });
  const connection = createMessageConnection(
    adapter.reader,
    adapter.writer,
    { error: options.complain, warn: options.complain, info() {}, log() {} },
    // By default, vscode-jsonrpc reports a cancelled request to the client as `$/cancelRequest`. This protocol has no
    // such message.
    { cancellationStrategy: SILENT_CANCELLATION },
  );
  connection.onRequest((method, wrapped) => {
    const { request, params } = wrapped as unknown as IncomingParams;
    const context: EngineContext = {
      requestId: request.id,
      afterAnswer: (work) => void request.after.push(work),
    };
    return answerFor(() => options.handle(method, params, context));
  });
  connection.listen();

  return {
    deliver: (message) => adapter.deliver(message),
    async request(id, method, params, signal) {
      if (signal?.aborted) throw withdrawn(method);
      const wrapped: OutgoingParams = { wireId: id, params };
      const pending = connection.sendRequest<unknown>(method, wrapped);
      const withdraw = (): void => {
        const { rpcCode, message } = withdrawn(method);
        adapter.fail(id, { code: rpcCode, message });
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
    inFlight: () => adapter.inFlight(),
    dispose: () => connection.dispose(),
  };
}

const NEVER_CANCELLED = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
const SILENT_CANCELLATION = {
  receiver: {
    createCancellationTokenSource: () => ({ token: NEVER_CANCELLED, cancel() {}, dispose() {} }),
  },
  sender: { sendCancellation: () => Promise.resolve(), cleanup() {} },
};

/** Turns RpcError into the engine's error answer. The router has already translated all other exceptions. */
async function answerFor(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RpcError) return new ResponseError(error.rpcCode, error.message, error.data);
    throw error;
  }
}

function encodeAnswer(id: WireId, method: string, result: unknown, complain: (message: string) => void): Encoded {
  try {
    return encodeResult(id, result);
  } catch (error) {
    complain(`the result of ${method} cannot be written as JSON: ${messageOf(error)}`);
    // V8 limits the length of a string (RangeError). Any other error is a fault of codexd.
    const reason = error instanceof RangeError ? 'is too large for one message' : 'cannot be written as JSON';
    return encodeError(id, { code: RpcCode.internal, message: `the result of ${method} ${reason}` });
  }
}

const withdrawn = (method: string): RpcError => new RpcError('answer.withdrawn', `${method} was withdrawn`);

/** What a request of the server was answered with, or why it never will be. */
function fromClient(error: unknown): RpcError {
  if (!(error instanceof ResponseError)) return new RpcError('answer.withdrawn', messageOf(error), { cause: error });
  const { code: rpcCode, data } = error;
  return new RpcError('answer.refused', error.message, { rpcCode, data });
}

/**
 * Installs the engine's timers. `vscode-jsonrpc/node` would install its own, and load crypto, net and child_process for
 * pipes that codexd does not use: 7 ms of start-up. Its queue of received messages runs on setImmediate, one message
 * for each turn of the event loop. Ours runs within the turn, because ingress.ts decides how many messages one turn
 * handles.
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
      setImmediate(callback, ...args) {
        queueMicrotask(() => callback(...args));
        return { dispose() {} };
      },
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
