/**
 * The client for browsers and webviews, on their own WebSocket. A browser sends no header of its own and an `Origin`
 * with every upgrade: the server, or a proxy before it, has to let this one in.
 */
import { createClient, type Client, type ClientOptions } from './client.js';
import { ConnectError, ProtocolError } from './errors.js';
import { reconnectPolicy, type ReconnectOptions } from './reconnect.js';
import { HIGH_WATER_BYTES, type OpenTransport, type Transport } from './transport.js';
import type { UrlLike } from './platform.js';

export * from './public.js';

export interface BrowserWebSocketOptions extends ClientOptions {
  /**
   * `false`: the end of the connection is the end of the client. Default: reconnect with the defaults of
   * ReconnectOptions.
   */
  readonly reconnect?: ReconnectOptions | false;
  /** Subprotocols for the upgrade, which a proxy may read a token from. */
  readonly protocols?: readonly string[];
}

/** Connects over the WebSocket of this page (or of any runtime that has one). Rejects with ConnectError. */
export function connectWebSocket(url: UrlLike, options: BrowserWebSocketOptions = {}): Promise<Client> {
  return createClient(
    browserTransport(typeof url === 'string' ? url : url.href, options.protocols ?? []),
    options,
    reconnectPolicy(options.reconnect),
  );
}

/** Of a WebSocket what is used here: the program that checks types need not be for a browser. */
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
/** Milliseconds between looks at what is still to be sent: a browser tells of no event for it. */
const DRAIN_POLL_MS = 20;
/** Milliseconds for the other side to answer the close frame. */
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
    // While a client is paused messages wait here: a browser's socket cannot be told to stop.
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
