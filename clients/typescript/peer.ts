import { ConnectionLostError, ProtocolError, RequestTimeoutError, ServerError } from './errors.js';
import type { Handlers } from './handlers.js';
import type { Signal } from './platform.js';

export interface RequestOptions {
  /**
   * Rejects with RequestTimeoutError after this many ms. Default: the client's `requestTimeoutMs`. Null or 0: no limit.
   */
  readonly timeoutMs?: number | null;
  /**
   * Rejects with the signal's reason. The protocol has no cancellation: the server continues, and the client ignores
   * the response.
   */
  readonly signal?: Signal | undefined;
}

interface Pending {
  readonly method: string;
  readonly params: unknown;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: unknown;
  readonly emittedAtMs?: number;
  readonly sequence?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
}

/**
 * JSON-RPC over one connection: ids, pending requests, dispatch. It ends with its connection and never starts again.
 */
export class Peer {
  readonly #handlers: Handlers;
  readonly #pending = new Map<number, Pending>();
  /** Server requests without a response yet, by id. */
  readonly #answering = new Map<string | number, AbortController>();
  #send: (text: string) => void = () => {};
  #nextId = 1;
  #ended: Error | null = null;

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
  }

  /** Enables sending. A transport needs a receiver of messages before the transport exists. */
  start(send: (text: string) => void): void {
    this.#send = send;
  }

  /** Rejects with ServerError, RequestTimeoutError, ConnectionLostError, or the reason of an aborted signal. */
  async request(method: string, params: unknown, options: RequestOptions = {}): Promise<unknown> {
    const { signal, timeoutMs } = options;
    signal?.throwIfAborted();
    if (this.#ended) throw new ConnectionLostError(method, this.#ended);
    const id = this.#nextId++;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let abort: (() => void) | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#pending.set(id, { method, params, resolve, reject });
        if (timeoutMs) timer = setTimeout(() => reject(new RequestTimeoutError(method, timeoutMs)), timeoutMs);
        abort = () => reject(signal?.reason as Error);
        signal?.addEventListener('abort', abort, { once: true });
        this.#send(JSON.stringify({ id, method, params }));
      });
    } finally {
      this.#pending.delete(id);
      clearTimeout(timer);
      if (abort) signal?.removeEventListener('abort', abort);
    }
  }

  notify(method: string, params: unknown): void {
    if (!this.#ended) this.#send(JSON.stringify({ method, params }));
  }

  /** Handles one received text. Throws ProtocolError for text that is not a message of the protocol. */
  receive(text: string): void {
    if (this.#ended) return;
    const message = parse(text);
    const { id, method, params } = message;
    if (method !== undefined) {
      return this.#handlers.dispatch(() => {
        if (id === undefined) this.#notification(method, message);
        else void this.#answer(id, method, params);
      });
    }
    // An id that is not pending belongs to the late response of an abandoned request.
    const pending = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (!pending) return;
    // Messages that came before this response are delivered before it. The application can listen: it made the request.
    if (pending.method !== 'initialize') this.#handlers.release();
    if (message.error) return pending.reject(new ServerError(pending.method, message.error));
    this.#handlers.sequences.answered(pending.method, pending.params, message.result);
    pending.resolve(message.result);
  }

  /** The connection ended: every pending request fails. */
  end(cause: Error): void {
    if (this.#ended) return;
    this.#ended = cause;
    this.#handlers.sequences.connectionLost();
    for (const { method, reject } of this.#pending.values()) reject(new ConnectionLostError(method, cause));
    for (const controller of this.#answering.values()) controller.abort(cause);
    this.#answering.clear();
  }

  #notification(method: string, { params, sequence, emittedAtMs }: Message): void {
    if (SETTLING.has(method)) this.#resolved((params as { requestId?: string | number }).requestId);
    this.#handlers.notify(method, params, { sequence: sequence ?? null, emittedAtMs: emittedAtMs ?? null });
  }

  /**
   * The server request is settled (docs/protocol/transport.md §10). The server ignores a late response, so the handler
   * may stop.
   */
  #resolved(requestId: string | number | undefined): void {
    if (requestId === undefined) return;
    this.#answering.get(requestId)?.abort(new Error('the request was resolved'));
    this.#answering.delete(requestId);
  }

  async #answer(id: string | number, method: string, params: unknown): Promise<void> {
    const handler = this.#handlers.requestHandler(method);
    if (!handler) return this.#reply({ error: { code: METHOD_NOT_FOUND, message: `no handler for ${method}` }, id });
    const controller = new AbortController();
    this.#answering.set(id, controller);
    try {
      const result = await handler(params, { id, signal: controller.signal });
      // The server ignores the response to a settled request, so the client does not send it.
      if (!controller.signal.aborted) this.#reply({ id, result: result ?? null });
    } catch (error) {
      if (!controller.signal.aborted) this.#reply({ error: { code: INTERNAL_ERROR, message: String(error) }, id });
    } finally {
      this.#answering.delete(id);
    }
  }

  #reply(message: object): void {
    if (!this.#ended) this.#send(JSON.stringify(message));
  }
}

/**
 * Notifications that settle a server request: those of the protocol and of codexd's own prompts
 * (docs/protocol-extensions.md).
 */
const SETTLING: ReadonlySet<string> = new Set(['serverRequest/resolved', 'network/requestApproval/resolved']);
const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;

/** The four kinds of message (docs/protocol/transport.md §1) have an id, a method, or both. */
function parse(text: string): Message {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProtocolError(`the server sent text that is not JSON: ${excerpt(text)}`);
  }
  const message = value as Message | null;
  const isMessage =
    typeof message === 'object' && message !== null && (typeof message.method === 'string' || message.id !== undefined);
  if (!isMessage) throw new ProtocolError(`the server sent JSON that is no message of the protocol: ${excerpt(text)}`);
  return message;
}

const excerpt = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
