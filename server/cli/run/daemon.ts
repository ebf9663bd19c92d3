/** `app-server daemon`: what can be said about the server on the control socket; codexd manages none (spec §12). */
import { print } from '../output/print.js';
import path from 'node:path';
import { socketAddress } from '../../rpc/transports/socket-address.js';
import { osErrorText, StartError } from '../../errors/start-error.js';
import { PROTOCOL_VERSION } from '../../package/version.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { controlSocketPath } from '../../config/settings/control-socket.js';

/** Prints one line of JSON. Throws StartError when no server is running. */
export async function daemonVersion(): Promise<number> {
  const socketPath = controlSocketPath();
  const appServerVersion = await runningVersion(socketPath).catch((error: unknown) => {
    throw new StartError(`failed to connect to ${socketPath}`, [osErrorText(error)]);
  });
  printJson({ status: 'running', ...description(socketPath), appServerVersion });
  return 0;
}

/** Prints one line of JSON when nothing runs; a server that runs was not started by us, and is left alone. */
export async function daemonStop(): Promise<number> {
  const socketPath = controlSocketPath();
  const running = await runningVersion(socketPath).then(
    () => true,
    () => false,
  );
  if (running) throw new StartError('app server is running but is not managed by codex app-server daemon');
  printJson({ status: 'notRunning', ...description(socketPath) });
  return 0;
}

export function refuseDaemonCommand(name: string): never {
  throw new StartError(
    `codexd has no managed background server: \`app-server daemon ${name}\` is not supported; run \`codexd app-server --listen unix://\` under your service manager`,
  );
}

function description(socketPath: string) {
  return {
    managedCodexPath: path.join(resolveCodexHome(), 'packages', 'app-server-daemon', 'current', 'bin', 'codex'),
    managedCodexVersion: null,
    socketPath,
    cliVersion: PROTOCOL_VERSION,
  };
}

/** How long a server may take to answer `initialize` before it counts as absent. */
const ANSWER_LIMIT_MS = 5_000;

/** The version out of the running server's user agent, `NAME/VERSION …`. Throws the error of the connection. */
export async function runningVersion(socketPath: string): Promise<string> {
  const { WebSocket } = await import('ws');
  const address = socketAddress(socketPath);
  const socket = new WebSocket(`ws+unix://${address.path}:/`, {
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
    if (!version) throw new Error('the server did not tell its version');
    return version;
  } finally {
    socket.terminate();
    address.close();
  }
}
const CLIENT = { clientInfo: { name: 'codexd-daemon', version: PROTOCOL_VERSION }, capabilities: null };

const printJson = (value: unknown): void => print(`${JSON.stringify(value)}\n`);
