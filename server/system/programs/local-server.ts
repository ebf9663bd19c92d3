/** Servers for programs of this user, and their clients, where the system has no socket files: Windows. */
import type net from 'node:net';
import type { PipeServer } from '../windows/streams/pipe-server.js';

export type { PipeServer } from '../windows/streams/pipe-server.js';

/** Whether a server can have a socket file. */
export const HAS_SOCKET_FILES = process.platform !== 'win32';

/** Only where not HAS_SOCKET_FILES: windows/streams/pipe-server.ts. */
export const serveOnPipe = async (
  name: string,
  accept: (connection: net.Socket) => void,
): Promise<PipeServer | number> => (await import('../windows/streams/pipe-server.js')).servePipe(name, accept);

/** Only where not HAS_SOCKET_FILES: windows/streams/pipe-client.ts. */
export const connectOverPipe = async (name: string): Promise<net.Socket> =>
  (await import('../windows/streams/pipe-client.js')).connectToPipe(name);
