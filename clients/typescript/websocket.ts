import { createClient, type Client, type ClientOptions } from './client.js';
import { reconnectPolicy, type ReconnectOptions } from './reconnect.js';
import { openWebSocket } from './web-socket-transport.js';
import type { UrlLike } from './platform.js';

export interface WebSocketOptions extends ClientOptions {
  /**
   * Sent as `Authorization: Bearer …`. The client calls a function before every connection, so a short-lived token can
   * be renewed.
   */
  readonly token?: string | (() => string | Promise<string>);
  /**
   * `false`: the client closes when its connection ends. Default: the client reconnects with the defaults of
   * ReconnectOptions.
   */
  readonly reconnect?: ReconnectOptions | false;
  /** Milliseconds between pings. Default 20 000 ms; 0 disables pings. */
  readonly keepAliveMs?: number;
}

/** Connects to a server that listens with `--listen ws://IP:PORT` (docs/protocol/transport.md §7, §9). */
export function connectWebSocket(url: UrlLike, options: WebSocketOptions = {}): Promise<Client> {
  const address = typeof url === 'string' ? url : url.href;
  return createClient(
    async (receive, signal) => {
      const token = typeof options.token === 'function' ? await options.token() : options.token;
      return openWebSocket({
        url: address,
        name: address,
        receive,
        signal,
        keepAliveMs: options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS,
        ws: token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } },
      });
    },
    options,
    reconnectPolicy(options.reconnect),
  );
}

/** Shorter than the idle limits of common tunnels and load balancers (30 to 60 s). */
const DEFAULT_KEEP_ALIVE_MS = 20_000;
