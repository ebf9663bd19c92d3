/**
 * The client for browsers and webviews. It uses the platform's own WebSocket. A browser cannot send headers of the
 * application, and it sends an `Origin` with every upgrade. The server, or a proxy in front of the server, has to
 * accept this origin.
 */
import { createClient, type Client, type ClientOptions } from './client.js';
import { ConnectError, ProtocolError } from './errors.js';
import { reconnectPolicy, type ReconnectOptions } from './reconnect.js';
import { HIGH_WATER_BYTES, type OpenTransport, type Transport } from './transport.js';
import type { UrlLike } from './platform.js';

export * from './public.js';

export interface BrowserWebSocketOptions extends ClientOptions {
  /**
   * `false`: the client closes when its connection ends. Default: the client reconnects with the defaults of
   * ReconnectOptions.
   */
  readonly reconnect?: ReconnectOptions | false;
  /** Subprotocols for the upgrade. A proxy may read a token from them. */
  readonly protocols?: readonly string[];
}

/** Connects with the WebSocket class of this page, or of any runtime that has one. Rejects with ConnectError. */
export function connectWebSocket(url: UrlLike, options: BrowserWebSocketOptions = {}): Promise<Client> {
  return createClient(
    browserTransport(typeof url === 'string' ? url : url.href, options.protocols ?? []),
    options,
    reconnectPolicy(options.reconnect),
  );
}

/** The members of a WebSocket that this file uses. The type checker of an application may have no browser types. */
interface Socket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(text: string): void;
  close(code?: number): void;
  addEventListener(kind: string, listener: (event: SocketEvent) => void): void;
}
interface SocketEvent {
  readonly data?: unknown;
  readonly code?: number;
  readonly reason?: string;
}
type SocketMaker = new (url: string, protocols: string[]) => Socket;
const OPEN = 1;
/** Milliseconds between two checks of the unsent bytes: a browser has no event for them. */
const DRAIN_POLL_MS = 20;
/** Milliseconds that the server has to answer the close frame. */
const CLOSE_TIMEOUT_MS = 2000;

function browserTransport(url: string, protocols: readonly string[]): OpenTransport {
  return async (receive, signal) => {
    const Maker = (globalThis as { WebSocket?: SocketMaker }).WebSocket;
    if (Maker === undefined) throw new ConnectError(`cannot connect to ${url}: there is no WebSocket here`);
    let socket: Socket;
    try {
      socket = new Maker(url, [...protocols]);
    } catch (error) {
      throw new ConnectError(`cannot connect to ${url}: ${(error as Error).message}`, { cause: error });
    }
    let settle: (cause: Error) => void = () => {};
    const ended = new Promise<Error>((resolve) => (settle = resolve));
    const fail = (cause: Error): void => {
      settle(cause);
      socket.close();
    };
    // While the client is paused, messages wait here: a browser's socket cannot stop reading.
    let waiting: string[] | null = null;
    const take = (text: string): void => {
      try {
        receive(text);
      } catch (error) {
        fail(error as Error);
      }
    };
    socket.addEventListener('message', ({ data }) => {
      if (typeof data !== 'string') fail(new ProtocolError(`${url} sent a binary frame`));
      else if (waiting === null) take(data);
      else waiting.push(data);
    });
    socket.addEventListener('close', ({ code, reason }) =>
      settle(new Error(`${url} closed the connection (${code}${reason ? ` ${reason}` : ''})`)),
    );
    const abort = (): void => fail(new Error('given up'));
    signal.addEventListener('abort', abort, { once: true });
    const opened = new Promise<null>((resolve) => socket.addEventListener('open', () => resolve(null)));
    const outcome = await Promise.race([opened, ended]);
    signal.removeEventListener('abort', abort);
    if (outcome !== null) throw new ConnectError(`cannot connect to ${url}: ${outcome.message}`, { cause: outcome });
    let over = false;
    void ended.then(() => (over = true));
    const transport: Transport = {
      send: (text) => {
        if (socket.readyState === OPEN) socket.send(text);
      },
      drained: async () => {
        while (!over && socket.bufferedAmount > HIGH_WATER_BYTES)
          await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
      },
      pause: () => void (waiting ??= []),
      resume: () => {
        const texts = waiting ?? [];
        waiting = null;
        for (const text of texts) take(text);
      },
      close: async () => {
        socket.close(1000);
        const timer = setTimeout(() => settle(new Error(`${url} did not answer the close`)), CLOSE_TIMEOUT_MS);
        await ended;
        clearTimeout(timer);
      },
      destroy: fail,
      ended,
    };
    return transport;
  };
}
