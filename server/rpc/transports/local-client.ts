/** Connections to a server of this user on this machine. */
import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { pipeName } from '../../../clients/typescript/pipe-name.js';
import { connectOverPipe, HAS_SOCKET_FILES } from '../../system/programs/local-server.js';

/**
 * Connects to the address of a socket file: the file, or its pipe on Windows. There the pipe must be this user's
 * (system/windows/streams/pipe-client.ts); elsewhere the folders decide. This end stays open when the other one ends.
 * Throws what connect throws, and on Windows `machine.scratch`.
 */
export async function connectLocally(address: string): Promise<net.Socket> {
  if (!HAS_SOCKET_FILES) return connectOverPipe(address);
  const socket = net.connect({ path: address, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** For HTTP requests to the pipe of a socket file; undefined where there are socket files: Node connects to those. */
export const localAgent = (file: string): http.Agent | undefined =>
  HAS_SOCKET_FILES ? undefined : new LocalAgent(pipeName(file));

type Created = (error: Error | null, socket: Duplex) => void;

class LocalAgent extends http.Agent {
  readonly #address: string;
  constructor(address: string) {
    super();
    this.#address = address;
  }
  override createConnection(_options: http.ClientRequestArgs, created?: Created): undefined {
    void connectLocally(this.#address).then(
      (socket) => {
        socket.allowHalfOpen = false;
        created?.(null, socket);
      },
      // The type has a socket also for a failure.
      (error: Error) => created?.(error, new net.Socket()),
    );
  }
}
