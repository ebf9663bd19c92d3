/**
 * `app-server daemon`: reports on the server at the control socket. codexd does not manage such a server
 * (docs/protocol/transport.md §12).
 */
import { osErrorText } from '../../system/node/os-errors.js';
import { print } from '../output/print.js';
import path from 'node:path';
import { StartError } from '../../errors/start-error.js';
import { PROTOCOL_VERSION } from '../../package/package-version.js';
import { resolveCodexHome } from '../../config/settings/codex-home.js';
import { controlSocketPath } from '../../config/settings/control-socket.js';
import { runningVersion } from '../../rpc/transports/running-version.js';

/** Prints one line of JSON. Throws StartError when no server is running. */
export async function daemonVersion(): Promise<number> {
  const socketPath = controlSocketPath();
  const appServerVersion = await runningVersion(socketPath).catch((error: unknown) => {
    throw new StartError(`failed to connect to ${socketPath}`, [osErrorText(error)]);
  });
  printJson({ status: 'running', ...description(socketPath), appServerVersion });
  return 0;
}

/**
 * Prints one line of JSON when no server runs. A running server was not started by this command, and is left running.
 */
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

const printJson = (value: unknown): void => print(`${JSON.stringify(value)}\n`);
