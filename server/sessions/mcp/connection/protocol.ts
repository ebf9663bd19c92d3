/**
 * Requests and notifications of both sides of a connection: pairs, counts time, cancels and hears progress. It takes
 * servers as they are: the shapes of results are the caller's to check, and every version of the protocol is taken.
 *
 * It is ours and not the SDK's: the SDK makes the shapes of all its versions first, which takes as long as the start of
 * a server (docs/decisions/mcp-sdk.md).
 */
import { messageOf } from '../../../errors/message-of.js';
import type { Answer, JsonObject, RequestLimits, ServerTransport } from '../shape/connection.js';
import { isObject } from '../../../system/node/objects.js';
import { faultOf } from './answers.js';
import { readMessage, type ErrorOnWire, type Progress, type RequestId } from './messages.js';

export interface Asked<T> {
  readonly method: string;
  readonly params: JsonObject;
  /** Null: the result has another shape. */
  readonly result: (value: JsonObject) => T | null;
  readonly onProgress?: ((progress: Progress) => void) | null;
}

/** A server's request; an error's `code` is the code of the answer. `gone`: nobody waits for the answer any more. */
export type RequestHandler = (params: JsonObject, gone: AbortSignal) => JsonObject | Promise<JsonObject>;

export interface ProtocolEvents {
  /** The connection has ended, once. */
  ended(): void;
  /** What is passed over, or was not sent. */
  report(message: string): void;
}

interface Waiting {
  readonly take: (answer: Answer<JsonObject>) => void;
  readonly onProgress: ((progress: Progress) => void) | null;
}

/** Codes of JSON-RPC 2.0. */
const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;

export class ServerProtocol {
  readonly #events: ProtocolEvents;
  readonly #waiting = new Map<number, Waiting>();
  /** The server's requests that are open. */
  readonly #open = new Map<RequestId, AbortController>();
  readonly #requests = new Map<string, RequestHandler>([['ping', () => ({})]]);
  readonly #notifications = new Map<string, (params: JsonObject) => void>([
    ['notifications/cancelled', (params) => this.#cancelled(params)],
    ['notifications/progress', (params) => this.#progress(params)],
  ]);
  #transport: ServerTransport | null = null;
  #nextId = 0;

  constructor(events: ProtocolEvents) {
    this.#events = events;
  }

  onRequest(method: string, handler: RequestHandler): void {
    this.#requests.set(method, handler);
  }

  onNotification(method: string, handler: (params: JsonObject) => void): void {
    this.#notifications.set(method, handler);
  }

  async connect(transport: ServerTransport): Promise<void> {
    this.#transport = transport;
    transport.onclose = () => this.#ended();
    transport.onerror = (error) => this.#events.report(messageOf(error));
    transport.onmessage = (message) => this.#take(message);
    await transport.start();
  }

  /** False: there is no connection any more. Rejects as the transport does. */
  async notify(method: string): Promise<boolean> {
    if (this.#transport === null) return false;
    await this.#transport.send({ jsonrpc: '2.0', method });
    return true;
  }

  /** Only an abort rejects, with the signal's reason. */
  async request<T>(asked: Asked<T>, { timeoutMs, signal }: RequestLimits): Promise<Answer<T>> {
    signal.throwIfAborted();
    const transport = this.#transport;
    if (transport === null) return { ok: false, fault: { kind: 'other', message: 'Not connected' } };
    const { method, params, result, onProgress = null } = asked;
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(id);
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
      const cancel = (reason: string): void => {
        end();
        // The protocol does not allow it for this request.
        if (method === 'initialize') return;
        this.#send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id, reason } });
      };
      const abort = (): void => {
        cancel(String(signal.reason));
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        cancel('Request timed out');
        resolve({ ok: false, fault: { kind: 'timeout', ms: timeoutMs } });
      }, timeoutMs);
      const take = (answer: Answer<JsonObject>): void => {
        end();
        resolve(answer.ok ? shaped(result(answer.result)) : answer);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.set(id, { take, onProgress });
      const message = { jsonrpc: '2.0', id, method, params: onProgress === null ? params : withToken(params, id) };
      transport.send(message).catch((error: unknown) => take({ ok: false, fault: faultOf(error) }));
    });
  }

  #take(given: JsonObject): void {
    const message = readMessage(given);
    switch (message?.kind) {
      case 'result':
        return this.#answered(message.id, { ok: true, result: message.result });
      case 'error': {
        const { code, message: words, data } = message.error;
        return this.#answered(message.id, { ok: false, fault: { kind: 'rpc', code, message: words, data } });
      }
      case 'request':
        return void this.#answer(message.id, message.method, message.params);
      case 'notification':
        try {
          this.#notifications.get(message.method)?.(message.params);
        } catch (error) {
          this.#events.report(`${message.method}: ${messageOf(error)}`);
        }
        return;
      default:
        this.#events.report(`passed over what is no message: ${JSON.stringify(given).slice(0, 200)}`);
    }
  }

  /** Some servers make texts of numbers. */
  #answered(id: RequestId | null, answer: Answer<JsonObject>): void {
    const waiting = id === null ? undefined : this.#waiting.get(Number(id));
    if (waiting !== undefined) waiting.take(answer);
    else this.#events.report(`passed over an answer to no open request: ${JSON.stringify(id)}`);
  }

  async #answer(id: RequestId, method: string, params: JsonObject): Promise<void> {
    const handler = this.#requests.get(method);
    if (handler === undefined)
      return this.#reply(id, { error: { code: METHOD_NOT_FOUND, message: 'Method not found' } });
    const gone = new AbortController();
    this.#open.set(id, gone);
    let reply: { readonly result: JsonObject } | { readonly error: ErrorOnWire };
    try {
      reply = { result: await handler(params, gone.signal) };
    } catch (error) {
      reply = { error: errorOf(error) };
    }
    if (this.#open.get(id) === gone) this.#open.delete(id);
    if (!gone.signal.aborted) this.#reply(id, reply);
  }

  #reply(id: RequestId, reply: JsonObject): void {
    this.#send({ jsonrpc: '2.0', id, ...reply });
  }

  #send(message: JsonObject): void {
    this.#transport
      ?.send(message)
      .catch((error: unknown) => this.#events.report(`a message was not sent: ${messageOf(error)}`));
  }

  #cancelled({ requestId, reason }: JsonObject): void {
    this.#open.get(requestId as RequestId)?.abort(new Error(`the server takes it back: ${String(reason)}`));
  }

  #progress({ progressToken, progress, total, message }: JsonObject): void {
    const onProgress = this.#waiting.get(Number(progressToken))?.onProgress;
    if (!onProgress || typeof progress !== 'number') {
      return this.#events.report(`passed over progress of no open request: ${JSON.stringify(progressToken)}`);
    }
    onProgress({
      progress,
      total: typeof total === 'number' ? total : null,
      message: typeof message === 'string' ? message : null,
    });
  }

  #ended(): void {
    if (this.#transport === null) return;
    this.#transport = null;
    const waiting = [...this.#waiting.values()];
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#events.ended();
    for (const { take } of waiting) take({ ok: false, fault: { kind: 'closed' } });
    for (const gone of open) gone.abort(new Error('the connection ended'));
  }
}

const shaped = <T>(result: T | null): Answer<T> =>
  result === null ? { ok: false, fault: { kind: 'unusable' } } : { ok: true, result };

/** A server may only tell of its progress when it has a token for it. */
const withToken = (params: JsonObject, id: number): JsonObject => ({
  ...params,
  _meta: { ...(isObject(params._meta) ? params._meta : {}), progressToken: id },
});

function errorOf(error: unknown): ErrorOnWire {
  const { code, data } = error as { readonly code?: unknown; readonly data?: unknown };
  return {
    code: Number.isSafeInteger(code) ? (code as number) : INTERNAL_ERROR,
    message: messageOf(error),
    ...(data === undefined ? {} : { data }),
  };
}

/** The objects of a list; null: it is no list of objects. */
export function objectsOf(value: unknown): readonly JsonObject[] | null {
  return Array.isArray(value) && value.every(isObject) ? value : null;
}

export const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
