/**
 * The services of one daemon, each made when it is first needed, and the handlers on top of them: one line a family.
 * A method's handler lies in the file that is named for it.
 */
import path from 'node:path';
import type { AppServerOptions } from './options.js';
import type { RequestResult } from '../../schema/registry.js';
import type { MetricSources } from './daemon-metrics.js';
import { codexHomeNames } from '../config/settings/codex-home.js';
import type { ConfigService } from '../config/settings/config-service.js';
import { shutdownTimeout } from '../config/settings/shutdown-timeout.js';
import { startCanFail } from '../config/settings/start-check.js';
import type { ConfigMethod } from '../config/handlers/index.js';
import { lazyHandlers } from './lazy-handlers.js';
import { SERVICE_METHODS } from '../services/service-methods.js';
import { SESSION_METHODS } from '../sessions/session-methods.js';
import type { Outbox } from '../sessions/live/outbox.js';
import type { Finding } from '../doctor/findings/finding.js';
import { createHealth, type Health } from '../doctor/health.js';
import type { Logger } from '../log/log.js';
import type { Caller, HandlerTable } from '../rpc/connection/caller.js';
import { invalidRequest, RpcError } from '../errors/rpc-error.js';
import type { Sessions } from '../sessions/create-sessions.js';
import { StartError } from '../errors/start-error.js';
import { CODEXD_VERSION } from '../package/package-version.js';
import { widenThreadPool } from '../system/node/thread-pool.js';

export interface Services {
  readonly handlers: HandlerTable;
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
  /** How long turns may run on once the daemon is told to end, in milliseconds. */
  readonly shutdownTimeout: () => number;
  /** Ends every turn and every command, and gives back what the services hold. */
  readonly close: () => Promise<void>;
}

export interface ServicesOptions {
  readonly codexHome: string;
  readonly options: AppServerOptions;
  readonly log: Logger;
  /** The daemon's own TCP listeners: no command reaches them, whatever its policy allows. */
  readonly ownPorts: () => readonly number[];
  /** How clients are reached; there once the first request has come. */
  readonly outbox: () => Outbox;
}

/** Throws ConfigError when the configuration does not let the daemon start (docs/protocol/config.md §2, "at start"). */
export async function createServices(serviceOptions: ServicesOptions): Promise<Services> {
  const { codexHome, options, log, ownPorts } = serviceOptions;
  const cwd = process.cwd();
  /** A plain object: reading all of process.env costs a tenth of a millisecond, and every command inherits it. */
  const env = { ...process.env };
  widenThreadPool();
  const tellAll = (summary: string): void => {
    log.warn(summary);
    serviceOptions.outbox().broadcast('configWarning', { summary, details: null });
  };
  let madeSource: ConfigService | null = null;
  const configuration = once(async () => {
    const [{ createConfigService }, { checkStartup }, { configHandlers }] = await Promise.all([
      import('../config/settings/config-service.js'),
      import('../config/settings/startup.js'),
      import('../config/handlers/index.js'),
    ]);
    const source = createConfigService({
      codexHome,
      commandLine: options.config,
      cwd,
      strict: options.strictConfig,
      onWarning: tellAll,
    });
    madeSource = source;
    const check = () => checkStartup(source);
    const handlers = configHandlers({
      source,
      // A thread is loaded only where sessions were made.
      threadConfig(threadId) {
        if (madeSessions !== null) return madeSessions.threadConfig(threadId);
        throw invalidRequest(`thread not found: ${threadId}`);
      },
      onReload: () => madeSessions?.reload(),
    });
    return { source, check, handlers };
  });
  if (startCanFail({ codexHome, commandLine: options.config, strict: options.strictConfig })) {
    const { fatal, warnings } = (await configuration()).check();
    if (fatal !== null) throw new StartError(fatal);
    for (const { summary, details } of warnings) log.warn(details === null ? summary : `${summary} ${details}`);
  }

  /** What the network policy decided: kept in memory and, where it is configured, in a file. */
  const decisions = once(async () => {
    const [{ openDecisionLog }, { source }] = await Promise.all([
      import('../network-approval/audit/decisions.js'),
      configuration(),
    ]);
    return openDecisionLog(source, log.child('codexd::network'));
  });

  /** `$CODEX_HOME/rules/*.rules`, and the rules of the requirements. */
  const ruleBook = once(async () => {
    const [{ createRuleBook }, { withManagedRules }, { source }] = await Promise.all([
      import('../config/rules/rule-book.js'),
      import('../config/requirements/merged-rules.js'),
      configuration(),
    ]);
    return withManagedRules(createRuleBook({ codexHome, ignored: options.ignoresRules, onWarning: tellAll }), source);
  });

  const commands = once(async () => {
    const { log: decisionLog, hiddenPaths } = await decisions();
    const rules = await ruleBook();
    const [{ createSandbox }, { createNetworkApproval }, { createAsk }, { createSupervisor }, descriptors] =
      await Promise.all([
        import('../sandbox/create-sandbox.js'),
        import('../network-approval/approval-service.js'),
        import('../network-approval/prompts/ask.js'),
        import('../exec/supervisor.js'),
        import('../exec/process/inherited-descriptors.js'),
      ]);
    descriptors.closeInherited();
    const sandbox = createSandbox({
      codexHome,
      homeNames: codexHomeNames(),
      log: log.child('codexd::sandbox'),
      hiddenPaths: [
        ...options.transports.flatMap((transport) =>
          transport.kind === 'unix' && transport.path !== null ? [path.resolve(cwd, transport.path)] : [],
        ),
        ...hiddenPaths,
      ],
    });
    const approvals = createNetworkApproval({
      log: log.child('codexd::network'),
      codexHome,
      decisionLog,
      sandbox,
      ruleFiles: () => rules.current(),
      ask: createAsk({ rules, log: log.child('codexd::network') }),
      ownEndpoints: () => ownPorts().map((port) => ({ port })),
    });
    const { source } = await configuration();
    const supervisor = createSupervisor({ sandbox, approvals, requirements: source, log: log.child('codexd::exec') });
    return { supervisor, approvals };
  });

  let madeSessions: Sessions | null = null;
  const sessions = once(async () => {
    const [{ createSessions }, { source }, rules] = await Promise.all([
      import('../sessions/create-sessions.js'),
      configuration(),
      ruleBook(),
    ]);
    madeSessions = createSessions({
      codexHome,
      source,
      outbox: serviceOptions.outbox(),
      supervisor: async () => (await commands()).supervisor,
      rules,
      sessionSource: options.sessionSource,
      recordTo: options.recordTo,
      env,
      log,
    });
    return madeSessions;
  });

  const health = createHealth({ codexHome, settings: async () => (await configuration()).source });
  /** Behind the first answers of a client: the look starts programs. */
  const healthSoon = async (): Promise<readonly Finding[]> => {
    await new Promise((resolve) => setTimeout(resolve, HEALTH_DELAY_MS).unref());
    return health.problems();
  };

  const handlers: HandlerTable = {
    ...lazyHandlers(CONFIG_METHODS, async () => (await configuration()).handlers),
    ...lazyHandlers(
      ['command/exec', 'command/exec/write', 'command/exec/resize', 'command/exec/terminate'],
      async () => {
        const { commandExecHandlers } = await import('../exec/methods/command-exec.js');
        const [{ supervisor }, { source }] = await Promise.all([commands(), configuration()]);
        return commandExecHandlers({ supervisor, settings: source, cwd, env });
      },
    ),
    ...lazyHandlers(['process/spawn', 'process/writeStdin', 'process/kill', 'process/resizePty'], async () => {
      const { processHandlers } = await import('../exec/methods/process.js');
      const { supervisor } = await commands();
      return processHandlers({ supervisor, env, log: log.child('codexd::exec') });
    }),
    ...lazyHandlers(['network/decisions/list'], async () => {
      const { decisionsListHandler } = await import('../network-approval/audit/decisions-list.js');
      return decisionsListHandler((await decisions()).log);
    }),
    ...lazyHandlers(SESSION_METHODS, async () => (await sessions()).handlers),
    ...lazyHandlers(SERVICE_METHODS, async () => {
      const { serviceHandlers } = await import('./service-handlers.js');
      const { source } = await configuration();
      const threadConfig = async (threadId: string) => (await sessions()).threadConfig(threadId);
      return serviceHandlers({ codexHome, source, outbox: serviceOptions.outbox(), threadConfig, env, log });
    }),
  };

  return {
    handlers,
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
      configuration()
        .then(async ({ check, source }) => {
          for (const warning of check().warnings) caller.notify('configWarning', warning);
          const [book, { ruleWarnings }] = await Promise.all([
            ruleBook(),
            import('../config/settings/rule-warnings.js'),
          ]);
          for (const warning of ruleWarnings(book.current())) caller.notify('configWarning', warning);
          const { skippedSettings } = await import('../services/extensions/skipped-settings.js');
          for (const warning of skippedSettings(source)) caller.notify('configWarning', warning);
          void healthSoon().then((problems) => {
            for (const { what, fix } of problems) caller.notify('configWarning', { summary: what, details: fix });
          });
          const { networkAccess, defaultProfile } = source.settings();
          // Lanes take a moment to make: where commands will want them, they are made before the first one asks.
          if (networkAccess(defaultProfile).kind === 'proxied')
            return commands().then(({ approvals }) => approvals.warm());
        })
        .catch((error: unknown) => log.error(`what follows initialize failed: ${String(error)}`));
    },
    metrics: async (rpc) => {
      const { daemonMetrics } = await import('./daemon-metrics.js');
      // What no command has needed yet is not made for a scrape.
      const made = commands.made() ? await commands() : null;
      const kept = decisions.made() ? await decisions() : null;
      return daemonMetrics({
        rpc,
        commands: made?.supervisor.counts() ?? null,
        sessions: madeSessions?.counts() ?? null,
        network: made?.approvals.counts() ?? null,
        decisions: kept?.log ?? null,
        audit: kept?.audit ?? null,
        version: CODEXD_VERSION,
      });
    },
    busy: () => madeSessions?.threads.busy() ?? false,
    idle: () => madeSessions?.threads.idle() ?? Promise.resolve(),
    // Turns run only where the configuration was read.
    shutdownTimeout: () =>
      madeSource === null ? 0 : shutdownTimeout(madeSource.resolve(madeSource.sources.cwd).effective.table),
    close: async () => {
      // Turns first: their ends are written while their commands still can be ended.
      await madeSessions?.close();
      if (commands.made()) {
        const { supervisor, approvals } = await commands();
        await supervisor.close();
        await approvals.close();
      }
      if (decisions.made()) await (await decisions()).close();
    },
  };
}

/** Milliseconds. */
const HEALTH_DELAY_MS = 1000;

const CONFIG_METHODS: readonly ConfigMethod[] = [
  'config/read',
  'configRequirements/read',
  'config/value/write',
  'config/batchWrite',
  'permissionProfile/list',
  'experimentalFeature/list',
  'experimentalFeature/enablement/set',
];

/** A service that is made at its first use. */
function once<T>(make: () => Promise<T>): { (): Promise<T>; made(): boolean } {
  let made: Promise<T> | undefined;
  return Object.assign(() => (made ??= make()), { made: () => made !== undefined });
}
