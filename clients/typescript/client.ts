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
  /** Default for requests without a `timeoutMs` of their own. Default: none, a command may run as long as it likes. */
  readonly requestTimeoutMs?: number | null;
  /** Told of every change of state, from the first connection on. */
  readonly onState?: (state: ClientState) => void;
}

/**
 * Connects, initializes, and returns the client. Rejects with ConnectError when the first connection fails: only a
 * connection that once worked is reconnected. `policy` null: no reconnecting.
 *
 * What the server sends right behind its answer to `initialize` is held until the caller had its turn to add listeners.
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
 * A typed connection to an app-server. Made by connectStdio, connectWebSocket and connectUnixSocket.
 *
 * When a connection ends: every request that was sent and not answered fails with ConnectionLostError (whether the
 * server acted on it is unknown, so it is never sent a second time by itself); requests made while there is no
 * connection wait for the next one; listeners and handlers stay. The server has ended that connection's commands and
 * forgotten its subscriptions: the `connected` state with `reconnected: true` is the moment to ask for them again.
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

  /** What the server answered to the latest `initialize`. */
  get server(): InitializeResult {
    return this.#link.server;
  }

  /**
   * Sends a request and resolves to its result. Rejects with ServerError (the server's answer), RequestTimeoutError,
   * ConnectionLostError, ClientClosedError, or the reason of an aborted `signal`.
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
   * The number of the last notification of a thread that came while this client was subscribed to it; null when none
   * did or the server does not number them. It survives the end of a connection.
   */
  lastSequence(threadId: string): number | null {
    return this.#handlers.sequences.last(threadId);
  }

  /**
   * thread/resume, with `afterSequence` filled in: for the `connected` state with `reconnected: true`. With `caughtUp`
   * true in the result, what was missed comes as notifications, and the thread in the result may be ignored (ask for it
   * without turns: `excludeTurns`); otherwise start over from the result.
   */
  resumeThread(params: ClientParams<'thread/resume'>): Promise<RequestResult<'thread/resume'>> {
    return this.request('thread/resume', { afterSequence: this.lastSequence(params.threadId), ...params });
  }

  /** Calls `listener` for every notification of this method until disposed of. */
  onNotification<M extends ServerNotificationMethod>(method: M, listener: NotificationListener<M>): Dispose {
    return this.#handlers.onNotification(method, listener);
  }

  /** Calls `listener` for every notification, also of methods that this client does not know. */
  onEveryNotification(listener: EveryListener): Dispose {
    return this.#handlers.onEveryNotification(listener);
  }

  /**
   * Answers the server's requests of this method; without a handler they are answered with an error. One handler a
   * method.
   */
  onRequest<M extends ServerRequestMethod>(method: M, handler: ServerRequestHandler<M>): Dispose {
    return this.#handlers.onRequest(method, handler);
  }

  /** Calls `listener` when the connection ends, comes back, or the client is closed for good. */
  onState(listener: (state: ClientState) => void): Dispose {
    this.#states.add(listener);
    return () => void this.#states.delete(listener);
  }

  /**
   * Resolves when little of what was sent is left in this process: senders of much data wait for it between requests.
   */
  async drained(): Promise<void> {
    const { current } = this.#link;
    if (!(current instanceof Promise)) await current.transport.drained();
  }

  /** Stops reading, answers included: for a consumer that cannot keep up. The server feels it through full buffers. */
  pause(): void {
    this.#link.pause(true);
  }

  resume(): void {
    this.#link.pause(false);
  }

  /**
   * Ends the connection in good order (over stdio: the server too). Pending requests fail. Idempotent, never rejects.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#link.close());
  }
}

/** `promise`, unless the time is over or the signal is aborted before. */
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
