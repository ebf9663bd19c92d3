/**
 * Runs one command from the shell in the same way as the daemon (docs/architecture.md): Supervisor, sandbox, lane,
 * proxy.
 *
 * Threat: a command runs with fewer limits than its policy has, because a part of the policy could not be understood or
 * enforced.
 *
 * Rule: such a part is an error that names it, and nothing runs. A daemon with an unusable configuration continues with
 * closed defaults; this command ends.
 *
 * Non-scope: the terminal. The command shares it with the shell, as any other program of the shell does. The system
 * call filter blocks TIOCSTI, which types into the terminal.
 */
import fs from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { codexHomeNames, resolveCodexHome } from '../../config/settings/codex-home.js';
import type { CommandLineConfig } from '../../config/layers/overrides.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import { windowsSettings } from '../../config/settings/windows-settings.js';
import { ruleWarnings } from '../../config/settings/rule-warnings.js';
import { withManagedRules } from '../../config/requirements/merged-rules.js';
import { createRuleBook } from '../../config/rules/rule-book.js';
import type { RuleSet } from '../../config/rules/rule-set.js';
import { createConfigService, type ConfigService } from '../../config/settings/config-service.js';
import type { NetworkAccess } from '../../config/permissions/network-policy.js';
import type { CommandSettings } from '../../config/settings/command-settings.js';
import { ConfigError } from '../../errors/config-error.js';
import { checkStartup } from '../../config/settings/startup.js';
import { networkWarnings } from '../../config/settings/network-warnings.js';
import { osCode } from '../../errors/os-code.js';
import type { CommandEnd, CommandSpec } from '../../exec/start/command.js';
import { commandEnvironment } from '../../exec/start/command-environment.js';
import { closeInherited } from '../../exec/process/inherited-descriptors.js';
import { hasTerminal } from '../../exec/start/launch.js';
import type { OutputSink } from '../../exec/run/output.js';
import { needsSandbox, permissionsOf } from '../../exec/start/permissions.js';
import { startFailure } from '../../exec/methods/start-errors.js';
import { createSupervisor } from '../../exec/supervisor.js';
import { createLogger } from '../../log/log.js';
import { createNetworkApproval } from '../../network-approval/approval-service.js';
import { openDecisionLog } from '../../network-approval/audit/decisions.js';
import { createPlatformLanes } from '../../network-approval/lanes/platform-lanes.js';
import { RpcError } from '../../errors/rpc-error.js';
import { StartError } from '../../errors/start-error.js';
import { createSandbox } from '../../sandbox/create-sandbox.js';
import { noFolderText } from '../options/no-folder.js';
import { denialReport, noNetworkReport } from './denial-report.js';
import { isFolder } from '../../system/files/look.js';
import { systemSignals } from '../../system/node/signals.js';

export interface SandboxedRun {
  readonly argv: readonly string[];
  /** null: use the configuration. */
  readonly profile: string | null;
  /** As written. null: the current folder. */
  readonly folder: string | null;
  readonly logDenials: boolean;
  readonly onDenial: 'refuse' | 'cancel';
  /** `--transparent-tcp`: also where the configuration says no. Refused without a proxied network. */
  readonly transparentTcp: boolean;
  readonly config: CommandLineConfig;
  /** `--strict-config`. */
  readonly strict: boolean;
}

/** Resolves to the command's exit code. Throws StartError or ConfigError when the command did not run. */
export async function runSandboxed(run: SandboxedRun): Promise<number> {
  closeInherited();
  const codexHome = resolveCodexHome();
  const cwd = path.resolve(run.folder ?? '.');
  if (!isFolder(cwd)) throw new StartError(noFolderText(cwd));
  const source = createConfigService({ codexHome, commandLine: run.config, cwd, strict: run.strict });
  const settings = usableSettings(source);
  const profile = profileOf(settings, run.profile);
  const rules = withManagedRules(createRuleBook({ codexHome }), source);
  for (const text of warningsFor(source, settings, profile, rules.current())) say(`warning: ${text}`);
  const configured = permissionsOf(settings, profile, [cwd]);
  const network = run.transparentTcp ? transparent(configured.network, source) : configured.network;
  const permissions = { ...configured, network, onNetworkDenial: run.onDenial };

  const log = await createLogger();
  const decisions = openDecisionLog(source, log.child('codexd::network'));
  const { hiddenPaths } = decisions;
  const sandbox = createSandbox({
    codexHome,
    windows: () => windowsSettings(source.resolve(cwd).effective.table, source.requirements()),
    log: log.child('codexd::sandbox'),
    hiddenPaths,
    homeNames: codexHomeNames(),
  });
  const lanes = createPlatformLanes({
    status: () => sandbox.status(),
    size: { pairsPerLane: 1, maxLanes: 1 },
    codexHome,
    log: log.child('codexd::network'),
  });
  const approvals = createNetworkApproval({
    log: log.child('codexd::network'),
    decisionLog: decisions.log,
    sandbox,
    codexHome,
    ruleFiles: () => rules.forNetwork(),
    lanes,
  });
  const supervisor = createSupervisor({ sandbox, approvals, requirements: source, log: log.child('codexd::exec') });
  const signals = listenToSignals();
  const spec: CommandSpec = {
    argv: run.argv,
    cwd,
    env: commandEnvironment(settings, process.env, {}, needsSandbox(permissions)),
    permissions,
    io: { kind: 'inherit' },
    timeoutMs: null,
    // There is no client to ask. A request that the policy would ask about is refused.
    owner: { kind: 'connection', connectionId: 0, requestId: 'sandbox', processId: null },
    gone: signals.gone,
    stdout: STDERR,
    stderr: STDERR,
  };
  try {
    const end = await started(() => supervisor.start(spec), signals);
    if (end?.denial) say(`codexd: ${end.denial.message}`);
    const exitCode = signals.exitCode() ?? end?.exitCode ?? 1;
    if (run.logDenials) {
      // A command without a network gets no denials, but may fail for this reason.
      const offline = settings.networkAccess(profile).kind === 'offline';
      say(offline && exitCode !== 0 ? noNetworkReport(profile.id) : denialReport(decisions.log));
    }
    return exitCode;
  } finally {
    signals.stop();
    await supervisor.close();
    await approvals.close();
    await decisions.close();
  }
}

/** Throws StartError, without a proxied network in the official program's words, and where an administrator says no. */
function transparent(network: NetworkAccess, source: ConfigService): NetworkAccess {
  if (network.kind !== 'proxied') throw new StartError('--transparent-tcp requires a managed network proxy');
  if (source.requirements().network?.transparentTcp === false)
    throw new StartError(
      '--transparent-tcp is not allowed: the requirements of this machine say `transparent_tcp = false`',
    );
  return { ...network, policy: { ...network.policy, transparentTcp: true } };
}

/** Throws the problems that make the configuration unusable. */
function usableSettings(source: ConfigService): CommandSettings {
  const { fatal, warnings } = checkStartup(source);
  if (fatal !== null) throw new StartError(fatal);
  const { settings, problem, requirements } = source.resolve(source.sources.cwd);
  if (requirements instanceof ConfigError) throw requirements;
  const [first] = warnings;
  if (problem !== null) throw new StartError(`the configuration cannot be used: ${(first?.details ?? '').trimEnd()}`);
  return settings;
}

/** Settings without their expected effect: those of every profile, and those of this profile. */
function warningsFor(
  source: ConfigService,
  settings: CommandSettings,
  profile: PermissionProfile,
  rules: RuleSet,
): string[] {
  const general = [...checkStartup(source).warnings, ...ruleWarnings(rules)].map(({ summary, details }) =>
    details ? `${summary}\n${details}` : summary,
  );
  const ofProfile = networkWarnings(settings, profile);
  return [...new Set([...general, ...ofProfile])];
}

function profileOf(settings: CommandSettings, name: string | null): PermissionProfile {
  if (name === null) return settings.defaultProfile;
  const profile = settings.profile(name);
  settings.assertAllowed(profile);
  return profile;
}

interface Signals {
  /** Aborted when the command must end. */
  readonly gone: AbortSignal;
  /** 128 + n after signal n ended the command. */
  exitCode(): number | null;
  /**
   * From this call on, ^C and ^\ of a terminal are for the command: the terminal sends them to both processes. Windows'
   * console sends Ctrl-C and Ctrl-Break to all its programs, whatever their standard streams are.
   */
  leaveInterrupts(): void;
  stop(): void;
}

function listenToSignals(): Signals {
  const { keys, ends, keysReachAll } = systemSignals();
  const gone = new AbortController();
  let received: NodeJS.Signals | null = null;
  let interruptsLeft = false;
  const take = (signal: NodeJS.Signals): void => {
    if (interruptsLeft && keys.includes(signal)) return;
    received ??= signal;
    gone.abort();
  };
  const taken = new Set([...keys, ...ends]);
  for (const signal of taken) process.on(signal, take);
  return {
    gone: gone.signal,
    exitCode: () => (received === null ? null : 128 + constants.signals[received]),
    leaveInterrupts: () => void (interruptsLeft = keysReachAll || hasTerminal()),
    stop: () => {
      for (const signal of taken) process.off(signal, take);
    },
  };
}

/** null: a signal came before the command started. Throws StartError when the command could not start. */
async function started(
  start: () => ReturnType<ReturnType<typeof createSupervisor>['start']>,
  signals: Signals,
): Promise<CommandEnd | null> {
  let command;
  try {
    command = await start();
  } catch (error) {
    if (signals.exitCode() !== null) return null;
    const failure = startFailure(error, 'command');
    throw failure instanceof RpcError ? new StartError(failure.message) : failure;
  }
  signals.leaveInterrupts();
  return command.ended;
}

/**
 * Writes directly to the descriptor: process.stderr would make a pipe non-blocking, for the command that shares it too.
 */
function write(data: string | Buffer): void {
  try {
    fs.writeSync(2, typeof data === 'string' ? Buffer.from(data) : data);
  } catch (error) {
    const code = osCode(error) ?? '';
    // Nobody reads standard error, or the command left a full, non-blocking pipe. Neither changes the exit code.
    if (!['EPIPE', 'EAGAIN', 'EBADF', 'EIO'].includes(code)) throw error;
  }
}
const say = (text: string): void => write(`${text}\n`);
const STDERR: OutputSink = { push: (piece) => void write(piece), full: false };
