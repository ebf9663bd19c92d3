/** The parts of one daemon on which its methods stand. Each is loaded and made at its first use. */
import path from 'node:path';
import { codexHomeNames } from '../config/settings/codex-home.js';
import { windowsSettings } from '../config/settings/windows-settings.js';
import type { RuleBook } from '../config/rules/rule-book.js';
import type { ConfigService } from '../config/settings/config-service.js';
import type { StartupCheck } from '../config/settings/startup.js';
import { operatorsMay } from '../config/settings/operators.js';
import type { ObservedCommands } from '../exec/observe/observed-commands.js';
import type { RecentLine } from '../log/recent-lines.js';
import type { Supervisor } from '../exec/supervisor.js';
import type { Logger } from '../log/log.js';
import type { createNetworkApproval as CreateNetworkApproval } from '../network-approval/approval-service.js';
import type { Decisions } from '../network-approval/audit/decisions.js';
import type { Account } from '../sessions/account/index.js';
import type { SandboxStatus } from '../sandbox/policy/sandbox.js';
import type { Sessions } from '../sessions/create-sessions.js';
import type { Outbox } from '../sessions/live/outbox.js';
import type { RpcServer } from '../rpc/server.js';
import { CODEXD_VERSION } from '../package/package-version.js';
import { once, type Once } from './once.js';
import type { AppServerOptions } from './options.js';

export interface DaemonOptions {
  readonly codexHome: string;
  readonly options: AppServerOptions;
  readonly log: Logger;
  /** The daemon's own TCP listeners: no command reaches them, whatever its policy allows. */
  readonly ownPorts: () => readonly number[];
  /** Requests of clients that wait or run. */
  readonly requestsInFlight: () => number;
  /** How clients are reached; there once the first request has come. */
  readonly rpc: () => RpcServer;
  /** Where clients connect, and why the daemon should get no new work, for operators. */
  readonly listeners: () => readonly string[];
  readonly unready: () => string | null;
  /** What the last look at the sandbox found. */
  readonly sandboxStatus: () => Promise<SandboxStatus>;
  readonly recentErrors: () => RecentLine[];
}

export interface DaemonParts extends Pick<
  DaemonOptions,
  'requestsInFlight' | 'rpc' | 'listeners' | 'unready' | 'sandboxStatus' | 'recentErrors' | 'ownPorts'
> {
  readonly codexHome: string;
  readonly log: Logger;
  readonly outbox: () => Outbox;
  /** The daemon's own folder and environment: every command inherits them. */
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** `check` says what is wrong with the configuration (docs/protocol/config.md §2). */
  readonly configuration: Once<{ readonly source: ConfigService; readonly check: () => StartupCheck }>;
  /** `$CODEX_HOME/rules/*.rules`, and the rules of the requirements. */
  readonly ruleBook: Once<RuleBook>;
  /** What the network policy decided: kept in memory and, where it is configured, in a file. */
  readonly decisions: Once<Decisions>;
  /** What starts commands, and what judges where they connect. */
  readonly commands: Once<{
    readonly supervisor: Supervisor;
    readonly approvals: ReturnType<typeof CreateNetworkApproval>;
    readonly observed: ObservedCommands;
  }>;
  /** The login with an account, and what it is for. */
  readonly account: Once<Account>;
  /** Threads and their turns. */
  readonly sessions: Once<Sessions>;
}

/** Loads and makes nothing yet. */
export function daemonParts(daemonOptions: DaemonOptions): DaemonParts {
  const { codexHome, options, log, ownPorts, requestsInFlight, rpc } = daemonOptions;
  const { listeners, unready, sandboxStatus, recentErrors } = daemonOptions;
  const outbox: () => Outbox = rpc;
  const cwd = process.cwd();
  /** A plain object: reading all of process.env costs a tenth of a millisecond, and every command inherits it. */
  const env = { ...process.env };
  const tellAll = (summary: string): void => {
    log.warn(summary);
    outbox().broadcast('configWarning', { summary, details: null });
  };

  const configuration: DaemonParts['configuration'] = once(async () => {
    const [{ createConfigService }, { checkStartup }] = await Promise.all([
      import('../config/settings/config-service.js'),
      import('../config/settings/startup.js'),
    ]);
    const source = createConfigService({
      codexHome,
      commandLine: options.config,
      cwd,
      strict: options.strictConfig,
      onWarning: tellAll,
    });
    return { source, check: () => checkStartup(source) };
  });

  const decisions: DaemonParts['decisions'] = once(async () => {
    const [{ openDecisionLog }, { source }] = await Promise.all([
      import('../network-approval/audit/decisions.js'),
      configuration(),
    ]);
    return openDecisionLog(source, log.child('codexd::network'));
  });

  const ruleBook: DaemonParts['ruleBook'] = once(async () => {
    const [{ createRuleBook }, { withManagedRules }, { source }] = await Promise.all([
      import('../config/rules/rule-book.js'),
      import('../config/requirements/merged-rules.js'),
      configuration(),
    ]);
    return withManagedRules(createRuleBook({ codexHome, ignored: options.ignoresRules, onWarning: tellAll }), source);
  });

  const commands: DaemonParts['commands'] = once(async () => {
    const { log: decisionLog, hiddenPaths } = await decisions();
    const rules = await ruleBook();
    const [
      { createSandbox },
      { createNetworkApproval },
      { createAsk },
      { createSupervisor },
      { createObservedCommands },
      descriptors,
    ] = await Promise.all([
      import('../sandbox/create-sandbox.js'),
      import('../network-approval/approval-service.js'),
      import('../network-approval/prompts/ask.js'),
      import('../exec/supervisor.js'),
      import('../exec/observe/observed-commands.js'),
      import('../exec/process/inherited-descriptors.js'),
    ]);
    descriptors.closeInherited();
    const { source } = await configuration();
    const sandbox = createSandbox({
      codexHome,
      windows: () => windowsSettings(source.resolve(cwd).effective.table, source.requirements()),
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
      ruleFiles: () => rules.forNetwork(),
      ask: createAsk({ rules, log: log.child('codexd::network') }),
      ownEndpoints: () => ownPorts().map((port) => ({ port })),
    });
    const observed = createObservedCommands();
    const supervisor = createSupervisor({
      sandbox,
      approvals,
      requirements: source,
      // What operators may do later is judged then; what they may never see is not kept.
      ...(operatorsMay(source.resolve().effective.table) === 'none' ? {} : { observed }),
      log: log.child('codexd::exec'),
    });
    return { supervisor, approvals, observed };
  });

  const account: DaemonParts['account'] = once(async () => {
    const [{ createAccount }, { accountSettings }, { source }] = await Promise.all([
      import('../sessions/account/index.js'),
      import('../sessions/account/account-settings.js'),
      configuration(),
    ]);
    return createAccount({
      codexHome,
      env,
      settings: () =>
        accountSettings(source.resolve(cwd).effective.table, env, source.settings().modelRequirements.workspaces),
      modelRequirements: () => source.settings().modelRequirements,
      onLimits: (rateLimits) => outbox().broadcast('account/rateLimits/updated', { rateLimits }),
      userAgent: `codexd/${CODEXD_VERSION}`,
      log: log.child('codexd::account'),
    });
  });

  const sessions: DaemonParts['sessions'] = once(async () => {
    const [{ createSessions }, { source }, rules] = await Promise.all([
      import('../sessions/create-sessions.js'),
      configuration(),
      ruleBook(),
    ]);
    return createSessions({
      codexHome,
      source,
      outbox: outbox(),
      supervisor: async () => (await commands()).supervisor,
      rules,
      account: () => account(),
      sessionSource: options.sessionSource,
      recordTo: options.recordTo,
      env,
      log,
    });
  });

  return {
    codexHome,
    log,
    outbox,
    rpc,
    listeners,
    ownPorts,
    unready,
    sandboxStatus,
    recentErrors,
    requestsInFlight,
    cwd,
    env,
    configuration,
    ruleBook,
    decisions,
    commands,
    account,
    sessions,
  };
}
