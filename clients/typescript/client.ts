import { openConnection, type Connection, type ConnectionOptions, type InitializeResult } from './connection.js';
import { RequestTimeoutError } from './errors.js';
import { Handlers, type Dispose, type EveryListener } from './handlers.js';
import type { NotificationListener, ServerRequestHandler } from './handlers.js';
import { Link, type ClientState } from './link.js';
import type { RequestOptions } from './peer.js';
import type { ReconnectPolicy } from './reconnect.js';
import type { OpenTransport } from './transport.js';
import type {
  ClientParams,
  ClientRequestMethod,
  RequestResult,
  ServerNotificationMethod,
  ServerRequestMethod,
} from '../../schema/registry.js';

export interface ClientOptions extends ConnectionOptions {
  /** Default for requests without a `timeoutMs`. In ms. Default: no limit, because a command may run for any time. */
  readonly requestTimeoutMs?: number | null;
  /** Called for every change of state, the first connection included. */
  readonly onState?: (state: ClientState) => void;
}

/**
 * Connects, initializes, and returns the client. Rejects with ConnectError when the first connection fails: a client
 * reconnects only after a connection that worked. `policy` null: never reconnect.
 *
 * The server may send messages directly after its answer to `initialize`. The client delivers them after the caller had
 * a chance to add listeners.
 */
export async function createClient(
  open: OpenTransport,
  options: ClientOptions,
  policy: ReconnectPolicy | null,
): Promise<Client> {
  const handlers = new Handlers();
  const connect = (): Promise<Connection> => openConnection(open, options, handlers);
  const first = await connect();
  const client = new Client(first, { connect, policy, handlers, options });
  setTimeout(() => handlers.release(), 0);
  return client;
}

interface ClientParts {
  readonly connect: () => Promise<Connection>;
  readonly policy: ReconnectPolicy | null;
  readonly handlers: Handlers;
  readonly options: ClientOptions;
}

/**
 * A typed connection to an app-server. connectStdio, connectWebSocket and connectUnixSocket create it.
 *
 * When a connection ends:
 * - Every request without an answer fails with ConnectionLostError. Nobody knows whether the server executed the
 *   request, so the client never sends it again.
 * - New requests wait for the next connection.
 * - Listeners and handlers stay registered.
 * - The server ends the commands of that connection and forgets its subscriptions. Start and subscribe again in the
 *   state `connected` with `reconnected: true`.
 */
export class Client {
  readonly #handlers: Handlers;
  readonly #link: Link;
  readonly #states = new Set<(state: ClientState) => void>();
  readonly #requestTimeoutMs: number | null;
  #closing: Promise<void> | undefined;

  constructor(first: Connection, { connect, policy, handlers, options }: ClientParts) {
    this.#handlers = handlers;
    this.#requestTimeoutMs = options.requestTimeoutMs ?? null;
    if (options.onState) this.#states.add(options.onState);
    const onState = (state: ClientState): void => this.#states.forEach((listener) => listener(state));
    this.#link = new Link(first, { connect, policy, onState });
  }

  /** The result of the latest `initialize`. */
  get server(): InitializeResult {
    return this.#link.server;
  }

  /**
   * Sends a request and resolves to its result. Rejects with ServerError (an error response of the server),
   * RequestTimeoutError, ConnectionLostError, ClientClosedError, or the reason of an aborted `signal`.
   */
  async request<M extends ClientRequestMethod>(
    method: M,
    params: ClientParams<M>,
    options: RequestOptions = {},
  ): Promise<RequestResult<M>> {
    const timeoutMs = options.timeoutMs === undefined ? this.#requestTimeoutMs : options.timeoutMs;
    const { current } = this.#link;
    if (!(current instanceof Promise)) {
      return (await current.peer.request(method, params, { ...options, timeoutMs })) as RequestResult<M>;
    }
    const start = performance.now();
    const { peer } = await bounded(current, method, timeoutMs, options.signal);
    const left = timeoutMs ? Math.max(1, timeoutMs - (performance.now() - start)) : timeoutMs;
    return (await peer.request(method, params, { ...options, timeoutMs: left })) as RequestResult<M>;
  }

  /**
   * The sequence number of the last notification that a thread sent while this client was subscribed to the thread.
   * Null: no such notification came, or the server sends no sequence numbers. The number survives the end of a
   * connection.
   */
  lastSequence(threadId: string): number | null {
    return this.#handlers.sequences.last(threadId);
  }

  /**
   * Sends thread/resume with `afterSequence` filled in. Use it in the state `connected` with `reconnected: true`.
   *
   * `caughtUp` true in the result: the missed notifications follow, and you may ignore the thread in the result (with
   * `excludeTurns` the server sends the thread without turns). Otherwise start again from the result.
   */
  resumeThread(params: ClientParams<'thread/resume'>): Promise<RequestResult<'thread/resume'>> {
    return this.request('thread/resume', { afterSequence: this.lastSequence(params.threadId), ...params });
  }

  /** Calls `listener` for every notification of this method, until the returned function is called. */
  onNotification<M extends ServerNotificationMethod>(method: M, listener: NotificationListener<M>): Dispose {
    return this.#handlers.onNotification(method, listener);
  }

  /** Calls `listener` for every notification, methods unknown to this client included. */
  onEveryNotification(listener: EveryListener): Dispose {
    return this.#handlers.onEveryNotification(listener);
  }

  /**
   * Answers the server's requests of this method. Each method has at most one handler. The client answers requests of a
   * method without a handler with an error.
   */
  onRequest<M extends ServerRequestMethod>(method: M, handler: ServerRequestHandler<M>): Dispose {
    return this.#handlers.onRequest(method, handler);
  }

  /** Calls `listener` when the connection ends, when it is restored, and when the client is closed. */
  onState(listener: (state: ClientState) => void): Dispose {
    this.#states.add(listener);
    return () => void this.#states.delete(listener);
  }

  /** Resolves when this process has few unsent bytes. Wait for it between requests with much data. */
  async drained(): Promise<void> {
    const { current } = this.#link;
    if (!(current instanceof Promise)) await current.transport.drained();
  }

  /** Stops reading, responses included, for a consumer that is too slow. Full buffers then slow down the server. */
  pause(): void {
    this.#link.pause(true);
  }

  resume(): void {
    this.#link.pause(false);
  }

  /**
   * Closes the connection in order; over stdio the server ends, too. Pending requests fail. Idempotent, never rejects.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#link.close());
  }
}

/** Settles like `promise`, unless the time limit or the abort of the signal comes first. */
async function bounded<T>(
  promise: Promise<T>,
  method: string,
  timeoutMs: number | null,
  signal: AbortSignal | undefined,
): Promise<T> {
  signal?.throwIfAborted();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort: (() => void) | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    if (timeoutMs) timer = setTimeout(() => reject(new RequestTimeoutError(method, timeoutMs)), timeoutMs);
    abort = () => reject(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
    if (abort) signal?.removeEventListener('abort', abort);
  }
}
