/**
 * `app-server proxy`: copies bytes between standard input and output and the control socket, unchanged
 * (docs/protocol/transport.md §12). Desktop apps run it over SSH and speak WebSocket through it.
 */
import { osErrorText } from '../../system/node/os-errors.js';
import type net from 'node:net';
import path from 'node:path';
import { socketAddress } from '../../rpc/transports/socket-address.js';
import { connectLocally } from '../../rpc/transports/local-client.js';
import { StartError } from '../../errors/start-error.js';
import { controlSocketPath } from '../../config/settings/control-socket.js';

/**
 * Runs until the server closes its side. The end of standard input is passed on. Throws StartError when no server
 * listens.
 */
export async function runProxy(sock: string | null): Promise<number> {
  const file = sock === null ? controlSocketPath() : path.resolve(sock);
  const socket = await connect(file);
  await new Promise<void>((resolve) => {
    socket.once('end', () => resolve());
    socket.once('close', () => resolve());
    socket.on('error', () => socket.destroy()); // reset: the server is gone
    process.stdin.on('error', () => socket.end());
    process.stdout.on('error', () => socket.destroy()); // the reader is gone
    process.stdin.pipe(socket);
    socket.pipe(process.stdout, { end: false });
  });
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit(0); // standard input may still be open
}

async function connect(file: string): Promise<net.Socket> {
  try {
    const address = socketAddress(file);
    return await connectLocally(address.path).finally(() => address.close());
  } catch (error) {
    throw new StartError(`failed to connect to socket at ${file}`, [osErrorText(error)]);
  }
}
