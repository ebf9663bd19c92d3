/**
 * The requests of one connection, in both directions: begins those of the client in their order and answers each, and
 * settles those of the server (server-requests.ts).
 *
 * A client's request needs no pairing: its answer is written with the id and by the code that began it. So an id is
 * repeated exactly, 64-bit integers included, and may be twice in flight (docs/protocol/transport.md §1, §5).
 * Notifications need no matching and do not pass through here.
 */
import { messageOf } from '../../errors/message-of.js';
import { RpcCode } from '../../errors/codes.js';
import { encodeError, encodeRequest, encodeResult, type Encoded } from '../wire/encode.js';
import { RpcError } from '../../errors/rpc-error.js';
import type { ErrorObject, Incoming, WireId } from '../wire/message.js';
import { createServerRequests, withdrawn, type ServerRequests } from './server-requests.js';

export interface EngineOptions {
  /** Handles one request. A thrown error becomes the error answer (see `errorOf`). */
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

type Request = Extract<Incoming, { kind: 'request' }>;

export class Engine {
  readonly #options: EngineOptions;
  /** What was received and has not begun: requests, and what settles a request of the server. */
  #waiting: (Request | (() => void))[] = [];
  #inFlight = 0;
  #isDisposed = false;
  /** Made with the first request of the server: few clients ever receive one. */
  #serverRequests: ServerRequests | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Begins it in a microtask of its own: ingress.ts decides how many messages one turn of the event loop handles. */
  deliver(message: Extract<Incoming, { kind: 'request' | 'response' | 'error' }>): void {
    if (message.kind === 'request') {
      this.#inFlight++;
      this.#enqueue(message);
      return;
    }
    const settle = this.#serverRequests?.take(message);
    if (settle) this.#enqueue(settle);
  }

  /**
   * Sends a server request under this id. Rejects with RpcError: the client's error, an abort, or the connection's end.
   */
  async request(id: number, method: string, params: unknown, signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted) throw withdrawn(method);
    this.#serverRequests ??= createServerRequests({
      write: (wireId, name, sent) => this.#options.send(encodeRequest(wireId, name, sent)),
      complain: this.#options.complain,
    });
    return this.#serverRequests.request(id, method, params, signal);
  }

  /** The number of the client's requests without an answer. */
  inFlight(): number {
    return this.#inFlight;
  }

  /** Rejects pending server requests and begins nothing more. */
  dispose(): void {
    this.#isDisposed = true;
    this.#waiting = [];
    this.#serverRequests?.dispose();
  }

  #enqueue(next: Request | (() => void)): void {
    this.#waiting.push(next);
    if (this.#waiting.length === 1) this.#schedule();
  }

  #schedule(): void {
    void NOW.then(() => this.#begin());
  }

  /** One message in each microtask, so that what the one before has begun continues first. */
  #begin(): void {
    const next = this.#waiting[0];
    if (next === undefined || this.#isDisposed) return;
    if (typeof next === 'function') next();
    else void this.#serve(next);
    this.#waiting.shift();
    if (this.#waiting.length > 0) this.#schedule();
  }

  async #serve({ id, method, params }: Request): Promise<void> {
    const { handle, send, answered, complain } = this.#options;
    const after: (() => void)[] = [];
    const context: EngineContext = { requestId: id, afterAnswer: (work) => void after.push(work) };
    let result: unknown;
    let error: ErrorObject | undefined;
    try {
      result = await handle(method, params, context);
    } catch (thrown) {
      error = errorOf(method, thrown);
    }
    this.#inFlight--;
    try {
      send(error ? encodeError(id, error) : encodeAnswer(id, method, result, complain));
      answered(id, method, error === undefined);
    } catch (thrown) {
      complain(`the answer to ${method} failed: ${messageOf(thrown)}`);
    }
    for (const work of after) {
      try {
        work();
      } catch (thrown) {
        complain(`what follows the answer to ${method} failed: ${messageOf(thrown)}`);
      }
    }
  }
}

const NOW = Promise.resolve();

/** The router has already translated all exceptions to RpcError. */
function errorOf(method: string, thrown: unknown): ErrorObject {
  if (thrown instanceof RpcError) return { code: thrown.rpcCode, message: thrown.message, data: thrown.data };
  return { code: RpcCode.internal, message: `Request ${method} failed with message: ${messageOf(thrown)}` };
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
