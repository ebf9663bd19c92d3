import fs from 'node:fs';
import type { Agent } from 'node:http';
import net from 'node:net';
import { createClient, type Client, type ClientOptions } from './client.js';
import { pipeName } from './pipe-name.js';
import { reconnectPolicy, type ReconnectOptions } from './reconnect.js';
import { openWebSocket } from './web-socket-transport.js';

export interface UnixSocketOptions extends ClientOptions {
  /**
   * `false`: the client closes when its connection ends. Default: the client reconnects with the defaults of
   * ReconnectOptions.
   */
  readonly reconnect?: ReconnectOptions | false;
  /**
   * An `Agent` of node:http that makes the connection, for a program that looks who serves the socket. Default: every
   * server of it is trusted. Where there are socket files, their folders say who can; on Windows any user of the
   * machine can serve a free pipe.
   */
  // Its type is not named: the declarations need no types of Node.
  readonly agent?: object;
}

/**
 * Connects to a server that listens with `--listen unix://PATH`. The socket uses WebSocket frames
 * (docs/protocol/transport.md §12). On Windows it is the named pipe that belongs to the path.
 */
export function connectUnixSocket(path: string, options: UnixSocketOptions = {}): Promise<Client> {
  return createClient(
    (receive, signal) =>
      openWebSocket({
        url: 'ws://localhost/rpc',
        name: path,
        receive,
        signal,
        // The operating system always reports the end of a local socket, so pings are not needed.
        keepAliveMs: 0,
        ws: options.agent
          ? { agent: options.agent as Agent }
          : { createConnection: () => net.connect({ path: connectablePath(path) }) },
      }),
    options,
    reconnectPolicy(options.reconnect),
  );
}

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, each with its final zero byte. */
const SUN_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/**
 * A path that is too long for the system call may be a symbolic link to a short path: servers create such links
 * (docs/protocol/transport.md §12).
 */
function connectablePath(path: string): string {
  if (process.platform === 'win32') return pipeName(path);
  if (Buffer.byteLength(path) <= SUN_PATH_BYTES) return path;
  try {
    return fs.realpathSync(path);
  } catch {
    return path; // connect reports the error in the path
  }
}
