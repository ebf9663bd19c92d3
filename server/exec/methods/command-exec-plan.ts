/** Validates a command/exec request in the order of docs/protocol/exec.md §1.1: the first failure wins. */
import os from 'node:os';
import path from 'node:path';
import type { RequestParams } from '../../../schema/registry.js';
import { fromSandboxPolicy } from '../../config/permissions/legacy-sandbox-policy.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import type { CommandSettings, SettingsReader } from '../../config/settings/command-settings.js';
import { ConfigError } from '../../errors/config-error.js';
import { paths } from '../../system/files/paths.js';
import { internalError, invalidParams, invalidRequest } from '../../errors/rpc-error.js';
import type { CommandIo, CommandSpec } from '../start/command.js';
import { promptsAllowed } from './connection-prompter.js';
import { commandEnvironment, defined } from '../start/command-environment.js';
import { withPatchProgram } from '../start/patch-program.js';
import { needsSandbox, permissionsOf, type CommandPermissions } from '../start/permissions.js';
import { assertSize } from './process-controls.js';
import { assertLocalEnvironment } from './start-errors.js';

type Params = RequestParams<'command/exec'>;
export interface CommandExecPlan extends Pick<
  CommandSpec,
  'argv' | 'cwd' | 'env' | 'permissions' | 'io' | 'timeoutMs'
> {
  /** Whether the settings allow prompts for the command's network requests. */
  readonly prompts: boolean;
}

interface PlanOptions {
  readonly settings: SettingsReader;
  readonly cwd: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
}

/** docs/protocol/exec.md §1 and §5. */
const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_SIZE = { rows: 24, cols: 80 };
export const ZERO_SIZE = 'command/exec size rows and cols must be greater than 0';

/** Throws RpcError. */
export function planCommandExec(params: Params, options: PlanOptions): CommandExecPlan {
  assertLocalEnvironment(options.env);
  if (!params.command.length) throw invalidRequest('command must not be empty');
  if (params.permissionProfile !== null && params.sandboxPolicy !== null) {
    throw invalidRequest('`permissionProfile` cannot be combined with `sandboxPolicy`');
  }
  if (params.size && !params.tty) throw invalidParams('command/exec size requires tty: true');
  if (params.outputBytesCap !== null && params.disableOutputCap) {
    throw invalidParams('command/exec cannot set both outputBytesCap and disableOutputCap');
  }
  const timeoutMs = timeoutOf(params);
  const cwd = resolveCwd(params.cwd, options);
  const settings = options.settings.settings({ cwd: options.cwd });
  const permissions = permissionsFor(params, settings, cwd, options.cwd);
  if (params.size) assertSize(params.size, ZERO_SIZE);
  if (params.processId === null && (params.tty || params.streamStdin || params.streamStdoutStderr)) {
    throw invalidRequest('command/exec tty or streaming requires a client-supplied processId');
  }
  const base = withPatchProgram(defined(options.env));
  const env = commandEnvironment(settings, base, params.env ?? {}, needsSandbox(permissions));
  const prompts = promptsAllowed(settings, permissions.network);
  return { argv: params.command, cwd, env, permissions, io: ioOf(params), timeoutMs, prompts };
}

function timeoutOf({ timeoutMs, disableTimeout }: Params): number | null {
  if (timeoutMs !== null && disableTimeout) {
    throw invalidParams('command/exec cannot set both timeoutMs and disableTimeout');
  }
  if (timeoutMs !== null && timeoutMs < 0) {
    throw invalidParams(`command/exec timeoutMs must be non-negative, got ${timeoutMs}`);
  }
  return disableTimeout ? null : (timeoutMs ?? DEFAULT_TIMEOUT_MS);
}

function ioOf({ tty, size, streamStdin }: Params): CommandIo {
  return tty ? { kind: 'terminal', size: size ?? DEFAULT_SIZE } : { kind: 'pipes', stdin: streamStdin };
}

/** A relative path starts from the daemon's folder; `~` is the daemon's HOME (docs/protocol/exec.md §1). */
function resolveCwd(cwd: string | null, { cwd: own, env }: PlanOptions): string {
  if (cwd === null) return own;
  const inHome = paths.inHome(cwd, env.HOME || os.homedir());
  return inHome === null ? path.resolve(own, cwd) : path.normalize(inHome);
}

/**
 * Returns the request's own policy or profile, else the configured one. The prefix of each refusal names its source.
 */
function permissionsFor(params: Params, settings: CommandSettings, cwd: string, ownCwd: string): CommandPermissions {
  const { sandboxPolicy, permissionProfile } = params;
  if (sandboxPolicy !== null) {
    const profile = fromSandboxPolicy(sandboxPolicy);
    orRefuse('invalid sandbox policy', () => settings.assertAllowed(profile));
    return networkOf(settings, profile, [ownCwd]);
  }
  if (permissionProfile !== null) {
    const profile = orRefuse('invalid permission profile', () => {
      const named = settings.profile(permissionProfile);
      settings.assertAllowed(named);
      return named;
    });
    // A profile named for this command applies to the command's folder; every other profile applies to the daemon's
    // folder (docs/protocol/exec.md §7, §8).
    return networkOf(settings, profile, [cwd]);
  }
  return networkOf(settings, settings.defaultProfile, [ownCwd]);
}

function networkOf(
  settings: CommandSettings,
  profile: PermissionProfile,
  roots: readonly string[],
): CommandPermissions {
  try {
    return permissionsOf(settings, profile, roots);
  } catch (error) {
    if (error instanceof ConfigError) throw internalError(error.message);
    throw error;
  }
}

function orRefuse<T>(what: string, judge: () => T): T {
  try {
    return judge();
  } catch (error) {
    if (error instanceof ConfigError) throw invalidRequest(`${what}: ${error.message}`);
    throw error;
  }
}
