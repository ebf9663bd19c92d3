/** Requests the version of a running server on a unix socket, like a client. */
import net from 'node:net';
import { CodexdError } from '../../errors/codexd-error.js';
import { localAgent } from './local-client.js';
import { socketAddress } from './socket-address.js';
import { PROTOCOL_VERSION } from '../../package/package-version.js';

/** How long a server may take to answer `initialize` before it counts as absent. */
export const ANSWER_LIMIT_MS = 5_000;

/** Returns the version from the server's user agent, `NAME/VERSION …`. Throws the error of the connection. */
export async function runningVersion(socketPath: string): Promise<string> {
  const { WebSocket } = await import('ws');
  const address = socketAddress(socketPath);
  const agent = localAgent(socketPath);
  const socket = new WebSocket('ws://localhost/', {
    ...(agent ? { agent } : { createConnection: () => net.connect({ path: address.path }) }),
    handshakeTimeout: ANSWER_LIMIT_MS,
    perMessageDeflate: false,
  });
  try {
    const answer = await new Promise<{ result?: { userAgent?: string } }>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error('no answer to initialize')), ANSWER_LIMIT_MS);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the connection was closed')));
      socket.once('open', () => socket.send(JSON.stringify({ id: 0, method: 'initialize', params: CLIENT })));
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as { id?: unknown; result?: { userAgent?: string } };
        if (message.id !== 0) return;
        clearTimeout(limit);
        resolve(message);
      });
    });
    const version = /^[^/]*\/(\S+)/.exec(answer.result?.userAgent ?? '')?.[1];
    if (!version) throw new CodexdError('answer.unusable', 'the server did not tell its version');
    return version;
  } finally {
    socket.terminate();
    address.close();
  }
}

export const CLIENT = { clientInfo: { name: 'codexd-daemon', version: PROTOCOL_VERSION }, capabilities: null };
