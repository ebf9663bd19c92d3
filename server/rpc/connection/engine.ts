/**
 * vscode-jsonrpc as the engine of one connection: it dispatches requests, keeps account of what is pending in both
 * directions and pairs answers with questions.
 *
 * Three things of the protocol are not its own, and are translated at its edge, in the reader and the writer below:
 * - Ids. It knows doubles and strings, drops the first of two queued requests with one id, and cannot tell 1 from "1".
 *   The protocol echoes 64-bit integers exactly and allows an id twice in flight (docs/protocol/transport.md §1, §5).
 *   So every request gets an alias, a number of our own, and the wire id waits in `wireIds` for the answer.
 * - Server request ids are one sequence for the process (docs/protocol/transport.md §10), not for the connection:
 *   `asked` maps them to its own.
 * - Envelopes: bytes are written by encode.ts, which knows no `jsonrpc` member.
 *
 * Notifications have nothing to pair and do not pass through here.
 */
import { createMessageConnection, RAL, ResponseError, type Message, type MessageWriter } from 'vscode-jsonrpc';
import { encodeError, encodeRequest, encodeResult, type Encoded } from '../wire/encode.js';
import { ErrorCode, RpcError } from '../../errors/rpc-error.js';
import type { ErrorObject, Incoming, WireId } from '../wire/message.js';

export interface EngineOptions {
  /** One request's work. What it throws becomes the error answer: see `answerFor`. */
  readonly handle: (method: string, params: unknown, context: EngineContext) => unknown;
  /** Takes the bytes of answers and server requests. */
  readonly send: (message: Encoded) => void;
  /** Called right after a request's answer was handed to `send`. */
  readonly answered: (id: WireId, method: string, ok: boolean) => void;
  /** Tells of a result that is not JSON, and of anything the engine itself complains about. */
  readonly complain: (message: string) => void;
}

/** See RequestContext in caller.ts. */
export interface EngineContext {
  readonly requestId: WireId;
  afterAnswer(work: () => void): void;
}

export interface Engine {
  deliver(message: Extract<Incoming, { kind: 'request' | 'response' | 'error' }>): void;
  /** Sends a server request under this id. Rejects with RpcError: the client's error, an abort, or the end. */
  request(id: number, method: string, params: unknown, signal?: AbortSignal): Promise<unknown>;
  /** How many requests of the client have no answer yet. */
  inFlight(): number;
  /** Rejects what is pending; nothing is sent any more. */
  dispose(): void;
}

export function createEngine(options: EngineOptions): Engine {
  installRuntime();
  const wireIds = new Map<number, Asked>();
  const asked = new Map<number, number>();
  let aliases = 0;
  let deliverToEngine: (message: Message) => void = () => {};
  /** The id for the server request that the engine is about to write. It writes within the call of sendRequest. */
  let nextRequestId = -1;

  const writer: MessageWriter = {
    onError: noEvent,
    onClose: noEvent,
    write(message) {
      if ('method' in message) {
        const { id, method, params } = message as Message & { id: number; method: string; params: unknown };
        asked.set(nextRequestId, id);
        options.send(encodeRequest(nextRequestId, method, params));
      } else {
        answer(message as Answer);
      }
      return WRITTEN;
    },
    end() {},
    dispose() {},
  };
  const answer = ({ id: alias, result, error }: Answer): void => {
    const { id, method, after } = wireIds.get(alias)!;
    wireIds.delete(alias);
    options.send(error ? encodeError(id, error) : encodeAnswer(id, method, result, options.complain));
    options.answered(id, method, error === undefined);
    for (const work of after) {
      try {
        work();
      } catch (thrown) {
        options.complain(`what follows the answer to ${method} failed: ${(thrown as Error).message}`);
      }
    }
  };

  const connection = createMessageConnection(
    {
      onError: noEvent,
      onClose: noEvent,
      onPartialMessage: noEvent,
      listen(callback) {
        deliverToEngine = callback;
        return { dispose() {} };
      },
      dispose() {},
    },
    writer,
    { error: options.complain, warn: options.complain, info() {}, log() {} },
    // Its default tells the client of a cancelled question with `$/cancelRequest`, which this protocol does not have.
    { cancellationStrategy: SILENT_CANCELLATION },
  );
  connection.onRequest((method, params) => {
    const { asked: request, inner } = params as unknown as Wrapped;
    const context: EngineContext = {
      requestId: request.id,
      afterAnswer: (work) => void request.after.push(work),
    };
    return answerFor(() => options.handle(method, inner, context));
  });
  connection.listen();

  return {
    deliver(message) {
      if (message.kind === 'request') {
        const alias = aliases++;
        const request: Asked = { id: message.id, method: message.method, after: [] };
        wireIds.set(alias, request);
        const params: Wrapped = { asked: request, inner: message.params };
        deliverToEngine({ ...V2, id: alias, method: message.method, params } as Message);
        return;
      }
      // Only this connection's own questions are in `asked`: nobody answers for another
      // (docs/protocol/transport.md §10). The type must match too: "0" is not 0.
      const id = typeof message.id === 'number' ? asked.get(message.id) : undefined;
      if (id === undefined) return;
      asked.delete(message.id as number);
      deliverToEngine(answerTo(id, message.kind === 'error' ? { error: message.error } : { result: message.result }));
    },
    async request(id, method, params, signal) {
      if (signal?.aborted) throw withdrawn(method);
      nextRequestId = id;
      const pending = connection.sendRequest<unknown>(method, params);
      const withdraw = (): void => {
        const engineId = asked.get(id);
        asked.delete(id);
        if (engineId !== undefined) {
          const { code, message } = withdrawn(method);
          deliverToEngine(answerTo(engineId, { error: { code, message } }));
        }
      };
      signal?.addEventListener('abort', withdraw, { once: true });
      try {
        return await pending;
      } catch (error) {
        throw toRpcError(error);
      } finally {
        signal?.removeEventListener('abort', withdraw);
      }
    },
    inFlight: () => wireIds.size,
    dispose: () => connection.dispose(),
  };
}

/** A request without an answer yet. */
interface Asked {
  readonly id: WireId;
  readonly method: string;
  readonly after: (() => void)[];
}
interface Wrapped {
  readonly asked: Asked;
  readonly inner: unknown;
}
interface Answer extends Message {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: ErrorObject;
}

const V2 = { jsonrpc: '2.0' } as const;
const answerTo = (id: number, outcome: { result: unknown } | { error: ErrorObject }): Message & { id: number } => ({
  ...V2,
  id,
  ...outcome,
});
const WRITTEN = Promise.resolve();
const noEvent = () => ({ dispose() {} });
const SILENT_CANCELLATION = {
  receiver: {
    createCancellationTokenSource: () => ({ token: NEVER_CANCELLED, cancel() {}, dispose() {} }),
  },
  sender: { sendCancellation: () => WRITTEN, cleanup() {} },
};
const NEVER_CANCELLED = { isCancellationRequested: false, onCancellationRequested: noEvent };

/**
 * Turns RpcError into what the engine answers with. Other exceptions never get here: the router has translated them.
 */
async function answerFor(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RpcError) return new ResponseError(error.code, error.message, error.data);
    throw error;
  }
}

function encodeAnswer(id: WireId, method: string, result: unknown, complain: (message: string) => void): Encoded {
  try {
    return encodeResult(id, result);
  } catch (error) {
    complain(`the result of ${method} cannot be written as JSON: ${(error as Error).message}`);
    // V8 has a longest string; everything else is a fault of ours.
    const reason = error instanceof RangeError ? 'is too large for one message' : 'cannot be written as JSON';
    return encodeError(id, { code: ErrorCode.internal, message: `the result of ${method} ${reason}` });
  }
}

const withdrawn = (method: string): RpcError => new RpcError(ErrorCode.internal, `${method} was withdrawn`);

function toRpcError(error: unknown): RpcError {
  if (error instanceof ResponseError) return new RpcError(error.code, error.message, error.data);
  return new RpcError(ErrorCode.internal, error instanceof Error ? error.message : String(error));
}

/**
 * The engine's timers. `vscode-jsonrpc/node` would install its own, and load crypto, net and child_process for pipes
 * that codexd does not use: 7 ms of start-up. Its queue of received messages is emptied on setImmediate, one message a
 * turn of the event loop; ours empties within the turn, because how many messages a turn takes is decided in
 * ingress.ts.
 */
function installRuntime(): void {
  if (installed) return;
  installed = true;
  const unused = (): never => {
    throw new Error('this part of vscode-jsonrpc is not used');
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
