/**
 * The services of one daemon, each made when it is first needed, and the handlers on top of them: one line a family.
 * A method's handler lies in the file that is named for it.
 */
import type { AppServerOptions } from './cli/app-server-options.js';
import { configHandlers } from './config/handlers/index.js';
import { readConfigRequirements } from './config/handlers/config-requirements-read.js';
import { ConfigError } from './config/settings.js';
import { createSettingsSource } from './config/settings-source.js';
import type { RequestResult } from '../schema/registry.js';
import { checkStartup } from './config/startup.js';
import { lazyHandlers } from './lazy-handlers.js';
import type { Logger } from './log.js';
import type { Caller, HandlerTable } from './rpc/caller.js';

export interface Services {
  readonly handlers: HandlerTable;
  /** The answer of configRequirements/read, for `--print-startup-config`. */
  readonly configRequirements: () => RequestResult<'configRequirements/read'>;
  /** What follows the answer to `initialize` on that connection. */
  readonly greet: (caller: Caller) => void;
  /** Ends every command and gives back what the services hold. */
  readonly close: () => Promise<void>;
}

export interface ServicesOptions {
  readonly codexHome: string;
  readonly options: AppServerOptions;
  readonly log: Logger;
}

/** Throws ConfigError when the configuration does not let the daemon start (spec/config.md §2, "at start"). */
export function createServices({ codexHome, options, log }: ServicesOptions): Services {
  const cwd = process.cwd();
  const source = createSettingsSource({ codexHome, commandLine: options.config, cwd });
  const { fatal } = checkStartup(source, { strict: options.strictConfig });
  if (fatal !== null) throw new ConfigError(fatal);

  const commands = once(async () => {
    const [{ createSandbox }, { createNetworkApproval }, { createDecisionLog }, { createSupervisor }] =
      await Promise.all([
        import('./sandbox/create-sandbox.js'),
        import('./network-approval/approval-service.js'),
        import('./network-approval/decision-log.js'),
        import('./exec/supervisor.js'),
      ]);
    const sandbox = createSandbox({ codexHome, log: log.child('codexd::sandbox') });
    const approvals = createNetworkApproval({
      log: log.child('codexd::network'),
      decisionLog: createDecisionLog(),
      sandbox,
    });
    const supervisor = createSupervisor({ sandbox, approvals, log: log.child('codexd::exec') });
    return { supervisor, approvals };
  });

  const handlers: HandlerTable = {
    ...configHandlers({ source }),
    ...lazyHandlers(
      ['command/exec', 'command/exec/write', 'command/exec/resize', 'command/exec/terminate'],
      async () => {
        const { commandExecHandlers } = await import('./exec/command-exec.js');
        const { supervisor } = await commands();
        return commandExecHandlers({ supervisor, settings: source, cwd, env: process.env });
      },
    ),
    ...lazyHandlers(['process/spawn', 'process/writeStdin', 'process/kill', 'process/resizePty'], async () => {
      const { processHandlers } = await import('./exec/process-spawn.js');
      const { supervisor } = await commands();
      return processHandlers({ supervisor, env: process.env, log: log.child('codexd::exec') });
    }),
    ...lazyHandlers(['thread/loaded/list'], async () => {
      const { threadLoadedListHandler } = await import('./sessions/thread-loaded-list.js');
      // Threads cannot be started yet, so none is ever loaded.
      return { 'thread/loaded/list': threadLoadedListHandler(() => []) };
    }),
  };

  return {
    handlers,
    configRequirements: () => readConfigRequirements(source),
    greet: (caller) => {
      for (const warning of checkStartup(source).warnings) caller.notify('configWarning', warning);
    },
    close: async () => {
      if (!commands.made()) return;
      const { supervisor, approvals } = await commands();
      await supervisor.close();
      await approvals.close();
    },
  };
}

/** A service that is made at its first use. */
function once<T>(make: () => Promise<T>): { (): Promise<T>; made(): boolean } {
  let made: Promise<T> | undefined;
  return Object.assign(() => (made ??= make()), { made: () => made !== undefined });
}
