/**
 * The composition root of `codexd app-server`: makes the services, hands each handler what it needs, and serves.
 *
 * What `initialize` does not need is made with the first request that does: see services.ts and lazy-handlers.ts.
 */
import path from 'node:path';
import type { AppServerOptions } from './cli/app-server-options.js';
import type { Transport } from './cli/listen-url.js';
import { controlSocketPath } from './cli/control-socket.js';
import { resolveCodexHome } from './config/codex-home.js';
import { createLogger, type Logger } from './log.js';
import { METRICS_TYPE } from './metrics.js';
import { listenerBanner, unixSocketBanner } from './rpc/banner.js';
import type { WebSocketAuth } from './rpc/auth.js';
import { superviseEnd } from './rpc/endings.js';
import { createRpcServer, type RpcServer } from './rpc/server.js';
import { StartError } from './rpc/start-error.js';
import { createServices } from './services.js';
import { keepParts, packageChanged } from './package-parts.js';
import { isFolder, workingFolder } from './system/look.js';
import { PROTOCOL_VERSION } from './version.js';
import { userAgent } from './user-agent.js';

/**
 * Serves until the daemon ends, and the process with it; resolves to an exit code when there is nothing to serve.
 * Throws StartError or ConfigError when it cannot start as asked.
 */
export async function startApp(options: AppServerOptions): Promise<number | void> {
  const codexHome = resolveCodexHome();
  const log = createLogger();
  enterSomeFolder(codexHome, log);
  /** Ports that this daemon listens on itself. */
  const ports: number[] = [];
  const services = await createServices({ codexHome, options, log, ownPorts: () => ports, outbox: () => server });
  if (options.printStartupConfig) {
    const configRequirements = await services.configRequirements();
    const startup = { appServerVersion: PROTOCOL_VERSION, configRequirements };
    process.stdout.write(`${JSON.stringify(startup)}\n`);
    return 0;
  }

  const requests: Record<string, number> = {};
  const server: RpcServer = createRpcServer({
    handlers: services.handlers,
    initialize: (_params, { client }) => ({
      userAgent: userAgent(client),
      codexHome,
      platformFamily: process.platform === 'win32' ? 'windows' : 'unix',
      platformOs: PLATFORM_NAMES[process.platform] ?? process.platform,
    }),
    afterInitialized: services.greet,
    interruptible: INTERRUPTIBLE,
    countRequest: (family) => void (requests[family] = (requests[family] ?? 0) + 1),
    metrics: { type: METRICS_TYPE, text: () => services.metrics({ connections: byTransport(server), requests }) },
    readiness: () => (packageChanged() ? 'the files of codexd were replaced while it ran: restart it\n' : null),
    log: log.child('codexd::rpc'),
  });
  const endings = superviseEnd({
    transport: options.transports.some(({ kind }) => kind === 'stdio') ? 'stdio' : 'listener',
    busy: services.busy,
    idle: services.idle,
    end: () => server.shutdown(services.close),
    log,
  });
  try {
    // Whoever sees a listener may replace the package; a client on stdio gets its first answers before that.
    if (options.transports.some(({ kind }) => kind !== 'stdio')) await keepEverything();
    else setTimeout(keepParts, KEEP_DELAY_MS).unref();
    for (const transport of options.transports) {
      const port = await serve(server, transport, options.webSocketAuth, codexHome, endings.inputEnded);
      if (port !== null) ports.push(port);
    }
  } catch (error) {
    await server.shutdown(services.close); // The first listener does not outlive the failure of the second.
    throw error;
  }
}

/** An editor's project folder may be gone before its server starts; threads that name a folder of their own do not mind. */
function enterSomeFolder(codexHome: string, log: Logger): void {
  if (workingFolder() !== null) return;
  const folder = isFolder(codexHome) ? codexHome : '/';
  process.chdir(folder);
  log.warn(`the current folder does not exist any more: ${folder} is used in its place`);
}

function byTransport(server: RpcServer): Record<string, number> {
  const counts: Record<string, number> = { stdio: 0, websocket: 0, unix: 0 };
  for (const { transport } of server.callers()) counts[transport] = (counts[transport] ?? 0) + 1;
  return counts;
}

/** As the protocol names them (spec/transport.md §2). */
const PLATFORM_NAMES: Readonly<Record<string, string>> = { darwin: 'macos', win32: 'windows' };

/** Milliseconds: behind the first messages of a client, and before an upgrade can be done. */
const KEEP_DELAY_MS = 2000;

/** What is loaded by need, kept for the time after an upgrade; native code can only be loaded. */
async function keepEverything(): Promise<void> {
  keepParts();
  (await import('./exec/process-pty.js')).loadTerminals();
}

/** Their answer waits for a command to end, which is no reason for the daemon to wait. */
const INTERRUPTIBLE: ReadonlySet<string> = new Set(['command/exec']);

/** Opens one transport. Resolves to its TCP port, null when it has none. */
async function serve(
  server: RpcServer,
  transport: Transport,
  auth: WebSocketAuth | null,
  codexHome: string,
  onInputEnd: () => void,
): Promise<number | null> {
  switch (transport.kind) {
    case 'stdio':
      server.attachStdio(onInputEnd);
      return null;
    case 'unix': {
      const file = path.resolve(transport.path ?? controlSocketPath(codexHome));
      await server.listenUnix(file);
      process.stderr.write(unixSocketBanner(file));
      return null;
    }
    case 'websocket': {
      const { address } = await server.listenTcp({ ...transport, auth });
      process.stderr.write(listenerBanner(address));
      return Number(address.slice(address.lastIndexOf(':') + 1));
    }
    case 'off':
      throw new StartError('no transport configured; use --listen or enable remote control');
  }
}
