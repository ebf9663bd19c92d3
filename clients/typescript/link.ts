import type { Connection, InitializeResult } from './connection.js';
import { ClientClosedError } from './errors.js';
import { delayBefore, mayRecover, type ReconnectPolicy } from './reconnect.js';

export type ClientState =
  /**
   * `reconnected`: the server forgot the previous connection. Subscribe again and start again the commands that you
   * still need.
   */
  | { readonly kind: 'connected'; readonly server: InitializeResult; readonly reconnected: boolean }
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly delayMs: number; readonly cause: Error }
  /** `cause` null: the application called `close()`. */
  | { readonly kind: 'closed'; readonly cause: Error | null };

export interface LinkOptions {
  readonly connect: () => Promise<Connection>;
  /** null: the link closes when its connection ends. */
  readonly policy: ReconnectPolicy | null;
  readonly onState: (state: ClientState) => void;
}

/** The connections of a client, one after the other: holds the current connection and replaces it when it ends. */
export class Link {
  readonly #options: LinkOptions;
  readonly #stop = new AbortController();
  #current: Connection | Promise<Connection>;
  #server: InitializeResult;
  #paused = false;

  constructor(first: Connection, options: LinkOptions) {
    this.#options = options;
    this.#current = first;
    this.#server = first.server;
    this.#adopt(first, false);
  }

  /**
   * The current connection. Without one: a promise of the next connection, which rejects with ClientClosedError when
   * the link closes.
   */
  get current(): Connection | Promise<Connection> {
    return this.#current;
  }

  /** The result of the latest `initialize`. */
  get server(): InitializeResult {
    return this.#server;
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    if (this.#current instanceof Promise) return;
    if (paused) this.#current.transport.pause();
    else this.#current.transport.resume();
  }

  /** Closes the current connection in order, and stops any attempt to reconnect. */
  async close(): Promise<void> {
    const last = this.#current;
    this.#finish(null);
    if (last instanceof Promise) return void (await last.catch(() => {}));
    last.peer.end(new Error('closed by this client'));
    await last.transport.close();
  }

  #adopt(connection: Connection, reconnected: boolean): void {
    this.#current = connection;
    this.#server = connection.server;
    if (this.#paused) connection.transport.pause();
    this.#options.onState({ kind: 'connected', server: connection.server, reconnected });
    void connection.transport.ended.then((cause) => this.#lost(cause));
  }

  #lost(cause: Error): void {
    if (this.#stop.signal.aborted) return;
    if (!this.#options.policy) return this.#finish(cause);
    const next = this.#reconnect(this.#options.policy, cause);
    this.#current = next;
    next.then(
      (connection) => this.#adopt(connection, true),
      (error: ClientClosedError) => this.#finish(error.cause as Error | null),
    );
  }

  /** Reconnects after growing pauses. Rejects with ClientClosedError when it gives up, or when the link is closed. */
  async #reconnect(policy: ReconnectPolicy, lost: Error): Promise<Connection> {
    const { signal } = this.#stop;
    let cause = lost;
    for (let attempt = 1; attempt <= policy.maxAttempts && !signal.aborted && mayRecover(cause); attempt++) {
      const delayMs = delayBefore(attempt, policy);
      this.#options.onState({ kind: 'reconnecting', attempt, delayMs, cause });
      await pause(delayMs, signal);
      if (signal.aborted) break;
      try {
        const connection = await this.#options.connect();
        if (!signal.aborted) return connection;
        await connection.transport.close();
      } catch (error) {
        cause = error as Error;
      }
    }
    throw new ClientClosedError(signal.aborted ? null : cause);
  }

  #finish(cause: Error | null): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    const closed = Promise.reject(new ClientClosedError(cause));
    closed.catch(() => {}); // A request that uses this promise reports the rejection.
    this.#current = closed;
    this.#options.onState({ kind: 'closed', cause });
  }
}

/** Resolves after `ms`, or when `signal` is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
