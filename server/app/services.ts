/** The parts of `codexd app-server`: the methods of one daemon, its measurements and reports, and its end. */
import type { RequestResult } from '../../schema/registry.js';
import type { MetricSources } from './daemon-metrics.js';
import { shutdownTimeout } from '../config/settings/shutdown-timeout.js';
import { startCanFail } from '../config/settings/start-check.js';
import { daemonParts, type DaemonOptions, type DaemonParts } from './daemon-parts.js';
import { createHealth, type Health } from '../doctor/health.js';
import { createGreeting } from './greet.js';
import { methodHandlers, type OfferedHandlers } from './method-handlers.js';
import { describe } from '../errors/describe.js';
import { isOperator } from '../operator/rights.js';
import { once } from './once.js';
import type { Caller } from '../rpc/connection/caller.js';
import { RpcError } from '../errors/rpc-error.js';
import { StartError } from '../errors/start-error.js';
import { CODEXD_VERSION } from '../package/package-version.js';
import { widenThreadPool } from '../system/node/thread-pool.js';

export interface Services {
  readonly handlers: OfferedHandlers;
  /** The answer of configRequirements/read, for `--print-startup-config`. */
  readonly configRequirements: () => Promise<RequestResult<'configRequirements/read'>>;
  /** The text of /metrics. `rpc`: what the rpc side has counted. */
  readonly metrics: (rpc: MetricSources['rpc']) => Promise<string>;
  /** Whether commands can be run as they have to be. */
  readonly health: Health;
  /** What follows the answer to `initialize` on that connection. */
  readonly greet: (caller: Caller) => void;
  /** Turns that run: the daemon waits for them before it ends (rpc/endings.ts). */
  readonly busy: () => boolean;
  readonly idle: () => Promise<void>;
  /** How long turns may continue after the daemon received a signal to end, in milliseconds. */
  readonly shutdownTimeout: () => number;
  /** Ends every turn and every command, and gives back what the services hold. */
  readonly close: () => Promise<void>;
}

/** Throws ConfigError when the configuration does not let the daemon start (docs/protocol/config.md §2, "at start"). */
export async function createServices(daemonOptions: DaemonOptions): Promise<Services> {
  const { codexHome, options, log } = daemonOptions;
  const parts = daemonParts(daemonOptions);
  widenThreadPool();
  const { configuration, sessions } = parts;
  if (startCanFail({ codexHome, commandLine: options.config, strict: options.strictConfig })) {
    const { fatal, warnings } = (await configuration()).check();
    if (fatal !== null) throw new StartError(fatal);
    for (const { summary, details } of warnings) log.warn(details === null ? summary : `${summary} ${details}`);
  }
  const health = createHealth({ codexHome, settings: async () => (await configuration()).source });
  const greet = createGreeting(parts, health);
  const notifying = once(async () => (await import('./operator-options.js')).startNotifying(parts));
  return {
    handlers: methodHandlers(parts),
    health,
    configRequirements: async () => {
      const [{ source }, { readConfigRequirements }] = await Promise.all([
        configuration(),
        import('../config/handlers/config-requirements-read.js'),
      ]);
      try {
        return readConfigRequirements(source);
      } catch (error) {
        if (error instanceof RpcError) throw new StartError(error.message.trimEnd());
        throw error;
      }
    },
    greet: (caller) => {
      greet(caller);
      if (isOperator(caller))
        notifying().catch((error: unknown) => log.error(...describe('operators are not notified', error)));
    },
    metrics: (rpc) => metricsOf(parts, rpc),
    busy: () => sessions.made()?.threads.busy() ?? false,
    idle: () => sessions.made()?.threads.idle() ?? Promise.resolve(),
    shutdownTimeout: () => {
      // Turns run only where the configuration was read.
      const { source } = configuration.made() ?? {};
      return source === undefined ? 0 : shutdownTimeout(source.resolve(source.sources.cwd).effective.table);
    },
    close: () => close(parts),
  };
}

async function metricsOf({ commands, decisions, sessions }: DaemonParts, rpc: MetricSources['rpc']): Promise<string> {
  const { daemonMetrics } = await import('./daemon-metrics.js');
  // What no command has needed yet is not made for a scrape.
  const made = commands.begun() ? await commands() : null;
  const kept = decisions.begun() ? await decisions() : null;
  return daemonMetrics({
    rpc,
    commands: made?.supervisor.counts() ?? null,
    sessions: sessions.made()?.counts() ?? null,
    network: made?.approvals.counts() ?? null,
    decisions: kept?.log ?? null,
    audit: kept?.audit ?? null,
    version: CODEXD_VERSION,
  });
}

async function close({ account, sessions, commands, decisions }: DaemonParts): Promise<void> {
  // Turns first: their ends are written while their commands still can be ended.
  await sessions.made()?.close();
  // A renewal that has begun is on disk before the daemon ends.
  await account.made()?.close();
  if (commands.begun()) {
    const { supervisor, approvals } = await commands();
    await supervisor.close();
    await approvals.close();
  }
  if (decisions.begun()) await (await decisions()).close();
}
