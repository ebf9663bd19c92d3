/**
 * The composition root of `codexd app-server`: creates the services, passes each handler its dependencies, and serves.
 *
 * Parts that `initialize` does not need are created with the first request that needs them: see daemon-parts.ts and
 * method-families.ts.
 */
import { describe } from '../errors/describe.js';
import type { AppServerOptions } from './options.js';
import { resolveCodexHome } from '../config/settings/codex-home.js';
import { createLogger, type Logger, type RootLogger } from '../log/log.js';
import { withRecentLines, type RecentLine } from '../log/recent-lines.js';
import { METRICS_TYPE } from '../metrics/metrics.js';
import { openTransport } from './open-transport.js';
import type { Handler, HandlerTable } from '../rpc/connection/caller.js';
import { superviseEnd } from '../rpc/endings.js';
import { createRpcServer, type RpcServer } from '../rpc/server.js';
import { invalidRequest } from '../errors/rpc-error.js';
import { StartError } from '../errors/start-error.js';
import { createServices } from './services.js';
import { keepParts } from '../package/package-parts.js';
import { jsonText } from '../system/node/json-text.js';
import { isFolder, workingFolder } from '../system/files/look.js';
import type { ServiceManager } from '../system/programs/service-manager.js';
import { CODEXD_VERSION, PROTOCOL_VERSION } from '../package/package-version.js';
import { userAgent } from '../package/user-agent.js';

/**
 * Serves until the daemon and its process end; resolves to an exit code if there is nothing to serve. Throws StartError
 * or ConfigError if it cannot start with these options.
 */
export async function startApp(options: AppServerOptions): Promise<number | void> {
  const { log, recent } = withRecentLines(await createLogger({ filter: options.logFilter, format: options.logFormat }));
  if (log.format === 'plain') return serve(options, log, recent);
  // From here on all output of the daemon is JSON, from its first line to its last.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => log.warn(message, { warning: name }));
  try {
    return await serve(options, log, recent);
  } catch (error) {
    const details = error instanceof StartError && error.details.length > 0 ? { details: error.details } : {};
    log.error(...describe('codexd cannot start', error, details));
    return 1;
  }
}

async function serve(
  options: AppServerOptions,
  log: RootLogger,
  recentErrors: () => RecentLine[],
): Promise<number | void> {
  const codexHome = resolveCodexHome();
  enterSomeFolder(codexHome, log);
  const versions = { version: CODEXD_VERSION, protocol: PROTOCOL_VERSION, node: process.version };
  log.info('starting', { ...versions, pid: process.pid, home: codexHome });
  // Before anything starts that would inherit its address.
  const manager = process.env.NOTIFY_SOCKET === undefined ? null : await openManager(log);
  /** The ports on which this daemon listens. */
  const ports: number[] = [];
  const urls: string[] = [];
  const services = await createServices({
    codexHome,
    options,
    log,
    ownPorts: () => ports,
    requestsInFlight: () => server.inFlight(),
    rpc: () => server,
    listeners: () => urls,
    unready: () => (endings.draining() ? 'codexd is ending' : services.health.unready()),
    sandboxStatus: () => services.health.sandbox(),
    recentErrors,
  });
  if (options.printStartupConfig) {
    const configRequirements = await services.configRequirements();
    const startup = { appServerVersion: PROTOCOL_VERSION, configRequirements };
    process.stdout.write(`${jsonText(startup)}\n`);
    return 0;
  }

  const requests: Record<string, number> = {};
  const server: RpcServer = createRpcServer({
    handlers: refusingOnceEnding(services.handlers, () => endings.draining()),
    initialize: (_params, { client }) => ({
      userAgent: userAgent(client),
      codexHome,
      platformFamily: PLATFORM_FAMILIES[process.platform] ?? 'unix',
      platformOs: PLATFORM_NAMES[process.platform] ?? process.platform,
    }),
    afterInitialized: services.greet,
    interruptible: INTERRUPTIBLE,
    countRequest: (family) => void (requests[family] = (requests[family] ?? 0) + 1),
    metrics: {
      type: METRICS_TYPE,
      text: () => services.metrics({ connections: byTransport(server), requests, refused: server.refused() }),
    },
    readiness: () => (endings.draining() ? 'codexd is ending\n' : services.health.unready()),
    log: log.child('codexd::rpc'),
  });
  const endings = superviseEnd({
    transport: options.transports.some(({ kind }) => kind === 'stdio') ? 'stdio' : 'listener',
    busy: services.busy,
    idle: services.idle,
    end: () => server.shutdown(services.close),
    drainLimitMs: services.shutdownTimeout,
    reload: (await reloads(options)) ? () => server.reload() : null,
    onEnding(limitMs) {
      const message =
        limitMs === null
          ? 'The server is ending.'
          : `The server ends when the turns that run are over, in ${Math.ceil(limitMs / 1000)} seconds at the latest. It starts no new ones.`;
      manager?.stopping(message);
      // An immediate end needs no message: connections are closed with the reason, and the client on stdio requested
      // it.
      if (limitMs !== null) server.broadcast('warning', { threadId: null, message });
    },
    log,
  });
  try {
    // A program that sees a listener may replace the package. A client on stdio gets its first answers before that.
    if (options.transports.some(({ kind }) => kind !== 'stdio')) {
      await Promise.all([keepEverything(), services.health.problems()]);
    } else setTimeout(keepParts, KEEP_DELAY_MS).unref();
    for (const transport of options.transports) {
      const parts = { server, options, codexHome, log, onInputEnd: endings.inputEnded };
      const { url, port } = await openTransport(transport, parts);
      if (port !== null) ports.push(port);
      urls.push(url);
    }
    manager?.ready(`listening on ${urls.join(', ')}`);
  } catch (error) {
    await server.shutdown(services.close); // The first listener does not outlive the failure of the second.
    throw error;
  }
}

async function openManager(log: Logger): Promise<ServiceManager | null> {
  const { serviceManager } = await import('../system/programs/service-manager.js');
  return serviceManager(process.env, (message) => log.warn(message));
}

/**
 * Whether SIGHUP means to read credentials again. Closing the terminal of a daemon should end it, and has another
 * meaning.
 */
async function reloads({ webSocketAuth }: AppServerOptions): Promise<boolean> {
  if (webSocketAuth === null || 'tokenSha256' in webSocketAuth) return false;
  const { isatty } = await import('node:tty');
  return ![0, 1, 2].some((descriptor) => isatty(descriptor));
}

/** A daemon that is ending starts no more turns: it would have to wait for them or interrupt them. */
function refusingOnceEnding(handlers: HandlerTable, ending: () => boolean): HandlerTable {
  const table: Record<string, unknown> = { ...handlers };
  for (const method of STARTS_TURNS) {
    const handle = handlers[method] as Handler<typeof method> | undefined;
    if (handle === undefined) continue;
    table[method] = ((params, caller, context) => {
      if (ending()) throw invalidRequest('the server is ending: it starts no new turns');
      return handle(params, caller, context);
    }) satisfies Handler<typeof method>;
  }
  return table;
}
const STARTS_TURNS = ['turn/start', 'review/start', 'thread/compact/start', 'thread/shellCommand'] as const;

/**
 * An editor's project folder may have been removed before its server starts; threads that name their own folder work
 * nevertheless.
 */
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

/** The protocol's names (docs/protocol/transport.md §2). */
const PLATFORM_NAMES: Readonly<Record<string, string>> = { darwin: 'macos', win32: 'windows' };
const PLATFORM_FAMILIES: Readonly<Record<string, string>> = { win32: 'windows' };

/** Milliseconds: after the first messages of a client, and before an upgrade can happen. */
const KEEP_DELAY_MS = 2000;

/** Reads the files that are loaded on demand, for the time after an upgrade. Native code can only be loaded. */
async function keepEverything(): Promise<void> {
  keepParts();
  (await import('../exec/process/process-pty.js')).loadTerminals();
}

/** Their answer waits for a command to end, which is no reason for the daemon to wait. */
const INTERRUPTIBLE: ReadonlySet<string> = new Set(['command/exec']);
