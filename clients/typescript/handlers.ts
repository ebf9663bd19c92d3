import type {
  NotificationParams,
  ServerNotificationMethod,
  ServerRequestAnswer,
  ServerRequestMethod,
  ServerRequestParams,
} from '../../schema/registry.js';
import { ThreadSequences } from './thread-sequences.js';
import type { Signal } from './platform.js';

/** Removes a listener or handler. Idempotent. */
export type Dispose = () => void;

/** Facts about a notification that its params do not contain. */
export interface NotificationContext {
  /** The sequence number within the thread. Null: none (docs/protocol-extensions.md, "Sequence numbers"). */
  readonly sequence: number | null;
  /** Milliseconds since the epoch, by the server's clock. Null: the server did not send the time. */
  readonly emittedAtMs: number | null;
}

export type NotificationListener<M extends ServerNotificationMethod> = (
  params: NotificationParams<M>,
  context: NotificationContext,
) => void;

/** Facts about a server request that its params do not contain. */
export interface ServerRequestContext {
  readonly id: string | number;
  /**
   * Aborted when the server no longer needs the response: another client answered (`serverRequest/resolved`), or the
   * connection ended.
   */
  readonly signal: Signal;
}

export type ServerRequestHandler<M extends ServerRequestMethod> = (
  params: ServerRequestParams<M>,
  context: ServerRequestContext,
) => ServerRequestAnswer<M> | Promise<ServerRequestAnswer<M>>;

/** Callers see the types of the registry. Inside this file, only the method's name connects params and listener. */
type AnyListener = (params: unknown, context: NotificationContext) => void;
type AnyHandler = (params: unknown, context: ServerRequestContext) => unknown;
export type EveryListener = (method: string, params: unknown, context: NotificationContext) => void;

/** The listeners and handlers of a client. They outlive a connection: a reconnected client keeps them. */
export class Handlers {
  readonly sequences = new ThreadSequences();
  readonly #listeners = new Map<string, Set<AnyListener>>();
  readonly #everything = new Set<EveryListener>();
  readonly #requests = new Map<string, AnyHandler>();
  /** Deliveries that wait for `release`. Null after `release`. */
  #undelivered: (() => void)[] | null = [];

  onNotification<M extends ServerNotificationMethod>(method: M, listener: NotificationListener<M>): Dispose {
    const set = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, set);
    // Each registration gets its own wrapper, so a function that is registered twice is called twice.
    const entry: AnyListener = (params, context) => listener(params as NotificationParams<M>, context);
    set.add(entry);
    return () => void set.delete(entry);
  }

  onEveryNotification(listener: EveryListener): Dispose {
    const entry: EveryListener = (method, params, context) => listener(method, params, context);
    this.#everything.add(entry);
    return () => void this.#everything.delete(entry);
  }

  /**
   * Registers the one handler of a method: two responses to one request would be wrong. Throws when a handler exists.
   */
  onRequest<M extends ServerRequestMethod>(method: M, handler: ServerRequestHandler<M>): Dispose {
    if (this.#requests.has(method)) throw new Error(`${method} has a handler already: dispose of it first`);
    const entry: AnyHandler = (params, context) => handler(params as ServerRequestParams<M>, context);
    this.#requests.set(method, entry);
    return () => {
      if (this.#requests.get(method) === entry) this.#requests.delete(method);
    };
  }

  /** Calls `deliver` now, or at `release`: no message may get lost before the application can listen. */
  dispatch(deliver: () => void): void {
    if (this.#undelivered) this.#undelivered.push(deliver);
    else deliver();
  }

  release(): void {
    const undelivered = this.#undelivered ?? [];
    this.#undelivered = null;
    for (const deliver of undelivered) deliver();
  }

  /** Calls listeners in the order of their registration. When one throws, the others still receive the notification. */
  notify(method: string, params: unknown, context: NotificationContext): void {
    this.sequences.notified(method, params, context.sequence);
    for (const listener of this.#listeners.get(method) ?? []) report(() => listener(params, context));
    for (const listener of this.#everything) report(() => listener(method, params, context));
  }

  requestHandler(method: string): AnyHandler | undefined {
    return this.#requests.get(method);
  }
}

/**
 * A listener's exception is a bug of the application. It becomes an uncaught exception outside of the loop over
 * listeners.
 */
function report(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
