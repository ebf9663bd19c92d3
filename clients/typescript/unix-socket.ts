import fs from 'node:fs';
import net from 'node:net';
import { createClient, type Client, type ClientOptions } from './client.js';
import { reconnectPolicy, type ReconnectOptions } from './reconnect.js';
import { openWebSocket } from './web-socket-transport.js';

export interface UnixSocketOptions extends ClientOptions {
  /**
   * `false`: the end of the connection is the end of the client. Default: reconnect with the defaults of
   * ReconnectOptions.
   */
  readonly reconnect?: ReconnectOptions | false;
}

/**
 * Connects to a server that listens with `--listen unix://PATH`: WebSocket frames over the socket
 * (docs/protocol/transport.md §12).
 */
export function connectUnixSocket(path: string, options: UnixSocketOptions = {}): Promise<Client> {
  return createClient(
    (receive, signal) =>
      openWebSocket({
        url: 'ws://localhost/rpc',
        name: path,
        receive,
        signal,
        // A local socket cannot be half open: its end is always told.
        keepAliveMs: 0,
        ws: { createConnection: () => net.connect({ path: connectablePath(path) }) },
      }),
    options,
    reconnectPolicy(options.reconnect),
  );
}

/** `sun_path` holds 108 bytes with its end mark on Linux, 104 on macOS. */
const SUN_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * A path that is too long for the system call may be a link to a short one: servers lay it so
 * (docs/protocol/transport.md §12).
 */
function connectablePath(path: string): string {
  if (Buffer.byteLength(path) <= SUN_PATH_BYTES) return path;
  try {
    return fs.realpathSync(path);
  } catch {
    return path; // connect reports what is wrong with it
  }
}
