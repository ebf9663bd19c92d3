import type {
  NotificationParams,
  ServerNotificationMethod,
  ServerRequestAnswer,
  ServerRequestMethod,
  ServerRequestParams,
} from '../../schema/registry.js';
import { ThreadSequences } from './thread-sequences.js';
import type { Signal } from './platform.js';

/** Undoes a registration. Idempotent. */
export type Dispose = () => void;

/** What a listener may know about a notification besides its params. */
export interface NotificationContext {
  /** Its place among those of its thread; null where it has none (docs/protocol-extensions.md, "Sequence numbers"). */
  readonly sequence: number | null;
  /** Milliseconds since the epoch, by the server's clock; null from servers that do not say. */
  readonly emittedAtMs: number | null;
}

export type NotificationListener<M extends ServerNotificationMethod> = (
  params: NotificationParams<M>,
  context: NotificationContext,
) => void;

/** What a handler of a server request may know besides the params. */
export interface ServerRequestContext {
  readonly id: string | number;
  /**
   * Aborted when the answer is no longer wanted: another client gave it (`serverRequest/resolved`), or the connection
   * ended.
   */
  readonly signal: Signal;
}

export type ServerRequestHandler<M extends ServerRequestMethod> = (
  params: ServerRequestParams<M>,
  context: ServerRequestContext,
) => ServerRequestAnswer<M> | Promise<ServerRequestAnswer<M>>;

/** Types are those of the registry from the outside; inside, a method's name ties params and listener together. */
type AnyListener = (params: unknown, context: NotificationContext) => void;
type AnyHandler = (params: unknown, context: ServerRequestContext) => unknown;
export type EveryListener = (method: string, params: unknown, context: NotificationContext) => void;

/** Who wants which message. Outlives connections: a reconnected client keeps its listeners. */
export class Handlers {
  readonly sequences = new ThreadSequences();
  readonly #listeners = new Map<string, Set<AnyListener>>();
  readonly #everything = new Set<EveryListener>();
  readonly #requests = new Map<string, AnyHandler>();
  /** What waits for `release`; null afterwards. */
  #held: (() => void)[] | null = [];

  onNotification<M extends ServerNotificationMethod>(method: M, listener: NotificationListener<M>): Dispose {
    const set = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, set);
    // A wrapper of its own for every registration: the same function registered twice is called twice.
    const entry: AnyListener = (params, context) => listener(params as NotificationParams<M>, context);
    set.add(entry);
    return () => void set.delete(entry);
  }

  onEveryNotification(listener: EveryListener): Dispose {
    const entry: EveryListener = (method, params, context) => listener(method, params, context);
    this.#everything.add(entry);
    return () => void this.#everything.delete(entry);
  }

  /** One handler a method: two answers to one question would be a bug. Throws when there is one already. */
  onRequest<M extends ServerRequestMethod>(method: M, handler: ServerRequestHandler<M>): Dispose {
    if (this.#requests.has(method)) throw new Error(`${method} has a handler already: dispose of it first`);
    const entry: AnyHandler = (params, context) => handler(params as ServerRequestParams<M>, context);
    this.#requests.set(method, entry);
    return () => {
      if (this.#requests.get(method) === entry) this.#requests.delete(method);
    };
  }

  /** Runs `deliver` now, or at `release`: no message may be lost before there was a chance to listen. */
  dispatch(deliver: () => void): void {
    if (this.#held) this.#held.push(deliver);
    else deliver();
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const deliver of held) deliver();
  }

  /** Listeners run in the order of their registration; one that throws does not keep the message from the others. */
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
 * A listener's exception is a bug of the application: it surfaces as an uncaught exception, outside of our own loop.
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
