import os from 'node:os';
import path from 'node:path';
import { systemConfigDir } from './codex-home.js';
import { contradiction, createEffectiveConfigReader } from '../layers/effective-config.js';
import { createFileReader } from '../layers/config-file.js';
import { markers, projectRoot, trustOf } from '../layers/project-layers.js';
import { NO_OVERRIDES, sessionFlags } from '../layers/overrides.js';
import { checkManagedRules, checkNetworkRules, networkAccess, proxyFeature } from './network-settings.js';
import { READ_ONLY } from '../permissions/permission-profile.js';
import { isDefined, resolveProfile } from '../permissions/profiles.js';
import { selectProfile } from '../permissions/select.js';
import { problemText } from '../layers/config-problem.js';
import {
  assertAllowed,
  assertConsistent,
  modeRefusal,
  profileRefusal,
  sandboxModeOf,
} from '../requirements/allowed.js';
import { clampApprovalPolicy } from './clamp-warnings.js';
import { denialsOf, enforceRequirements } from './enforce-requirements.js';
import { isElsewhere, type ModelRequirements } from '../requirements/model-requirements.js';
import { withDenials, withManagedProfiles } from '../requirements/managed-permissions.js';
import { pinned } from '../requirements/pins.js';
import { createRequirementsReader } from '../requirements/requirements-reader.js';
import { ConfigError } from '../../errors/config-error.js';
import { DEFAULT_SHELL_ENVIRONMENT, shellEnvironmentPolicy } from './shell-environment.js';
import { isTable, newTable, tableAt } from '../toml/value.js';
import { noRequirements } from '../requirements/requirements.js';
import type { ConfigProblem, EffectiveConfig } from '../layers/effective-config.js';
import type { FileReader } from '../layers/config-file.js';
import type { LayerSources } from '../layers/load-layers.js';
import type { CommandLineConfig } from '../layers/overrides.js';
import type { NetworkAccess } from '../permissions/network-policy.js';
import type { ProxyFeature } from './network-settings.js';
import type { PermissionProfile } from '../permissions/permission-profile.js';
import type { ResolvedProfile } from '../permissions/profiles.js';
import type { Requirements } from '../requirements/requirements.js';
import type { AskedPermissions } from '../permissions/select.js';
import type { NetworkPrompts, CommandSettings, SettingsReader } from './command-settings.js';
import type { TomlTable } from '../toml/value.js';
import type { ResolvedConfig, ClampedBy } from './resolved-config.js';

export interface ConfigServiceOptions {
  readonly codexHome: string;
  readonly commandLine?: CommandLineConfig;
  /** The daemon's environment and working folder. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Unknown keys make the configuration unusable (`--strict-config`). */
  readonly strict?: boolean;
  /** Reads files (default: a reader of its own, which waits for files that are being saved). */
  readonly read?: FileReader;
  /** Told what a person should hear about while the daemon runs: a file that lost its text. */
  readonly onWarning?: (text: string) => void;
}

/** What a thread says for itself. */
export interface ThreadAddition {
  /** Its own configuration, over the session flags. */
  readonly config?: TomlTable | undefined;
  readonly asked?: AskedPermissions | undefined;
}

/** Configuration of one daemon: what commands need, and what the config/* methods show. */
export interface ConfigService extends SettingsReader {
  readonly sources: LayerSources;
  /** What commands are held to; the error when the requirements could never be understood. */
  enforcedRequirements(): Requirements | ConfigError;
  /** `cwd` undefined: without project layers. `thread`: what a thread adds; nothing of it is remembered here. */
  resolve(cwd?: string, thread?: ThreadAddition): ResolvedConfig;
  /** Reads requirements.toml afresh. Throws ConfigError. */
  requirements(): Requirements;
}

/** Makes the source; reads nothing yet. Throws ConfigError when the command line cannot be understood. */
export function createConfigService(options: ConfigServiceOptions): ConfigService {
  const env = options.env ?? process.env;
  const systemDir = systemConfigDir(env);
  const sources: LayerSources = {
    codexHome: options.codexHome,
    systemDir,
    home: env.HOME || os.homedir(),
    cwd: options.cwd ?? process.cwd(),
    flags: sessionFlags(options.commandLine ?? NO_OVERRIDES),
    profile: options.commandLine?.profile ?? null,
    ignoresUserFile: options.commandLine?.ignoresUserFile ?? false,
    read:
      options.read ??
      createFileReader({ keeps: administrators(systemDir), onWarning: options.onWarning ?? (() => {}) }),
    strict: options.strict ?? false,
    requiredPermissions() {
      const requirements = requirementsReader.lastGood();
      return requirements instanceof ConfigError ? null : requirements.defaultPermissions;
    },
  };
  const effective = createEffectiveConfigReader(sources);
  const requirementsReader = createRequirementsReader(sources);
  const memory = new WeakMap<EffectiveConfig, { readonly trust: TrustLevel; readonly resolved: ResolvedConfig }>();
  const pins = createPinnedConfig();

  function resolve(cwd?: string, thread?: ThreadAddition): ResolvedConfig {
    const requirements = requirementsReader.lastGood();
    const now = pins(effective(cwd, thread?.config), requirements);
    const trust = cwd === undefined ? null : trustLevel(cwd, now, sources);
    if (thread?.asked !== undefined) return resolveAll(now, requirements, trust, sources, thread.asked);
    const last = memory.get(now);
    if (last?.trust === trust && last.resolved.requirements === requirements) return last.resolved;
    const resolved = resolveAll(now, requirements, trust, sources);
    memory.set(now, { trust, resolved });
    return resolved;
  }

  return {
    sources,
    resolve,
    requirements: requirementsReader.current,
    enforcedRequirements: requirementsReader.lastGood,
    settings: ({ cwd = sources.cwd } = {}) => resolve(cwd).settings,
    enforce: (asked) =>
      enforceRequirements(asked, {
        requirements: requirementsReader.lastGood(),
        home: sources.home,
        networkAccess: (profile) => resolve(sources.cwd).settings.networkAccess(profile),
      }),
  };
}

/** The configuration with what the requirements pin in it; the same object as long as neither changes. */
function createPinnedConfig(): (
  effective: EffectiveConfig,
  requirements: Requirements | ConfigError,
) => EffectiveConfig {
  const memory = new WeakMap<
    EffectiveConfig,
    { readonly requirements: Requirements; readonly result: EffectiveConfig }
  >();
  return (effective, requirements) => {
    if (requirements instanceof ConfigError || effective.problem?.kind === 'layers') return effective;
    const known = memory.get(effective);
    if (known?.requirements === requirements) return known.result;
    const table = pinned(effective.table, requirements.table);
    const result =
      table === effective.table ? effective : { ...effective, table, problem: problemWith(effective, table) };
    memory.set(effective, { requirements, result });
    return result;
  };
}

/** A value of the wrong type is one, whatever is pinned over it; what does not go together may go together now. */
function problemWith({ problem }: EffectiveConfig, table: TomlTable): ConfigProblem | null {
  if (problem?.kind === 'value') return problem;
  return contradiction(table);
}

/** A problem of values that do not go together; what the requirements cause ends the start. */
const meaningProblem = ({ message, origin, key }: ConfigError): ConfigProblem => ({
  kind: 'meaning',
  text: message,
  key: key?.join('.') ?? null,
  endsStart: origin === 'requirements',
});

/** What an administrator demanded does not end because its file is gone, while the daemon runs. */
function administrators(systemDir: string): (file: string) => boolean {
  const files = ['requirements.toml', 'managed_config.toml'].map((name) => path.join(systemDir, name));
  return (file) => files.includes(file);
}

type TrustLevel = 'trusted' | 'untrusted' | null;

/** Variables that hold the daemon's own credentials whatever is configured (docs/protocol/exec.md §3). */
const CREDENTIALS = ['OPENAI_API_KEY', 'CODEX_API_KEY'];

function resolveAll(
  effective: EffectiveConfig,
  requirements: Requirements | ConfigError,
  trust: TrustLevel,
  sources: LayerSources,
  asked?: AskedPermissions,
): ResolvedConfig {
  const { table, problem } = effective;
  const base = { effective, requirements };
  const closed = (why: ConfigProblem | null, reason: ConfigError): ResolvedConfig => ({
    ...base,
    problem: why,
    selected: null,
    clampedBy: null,
    settings: closedSettings(reason, problem === null ? table : null, requirements, sources.home),
  });
  if (problem !== null) return closed(problem, new ConfigError(problemText(effective, problem)));
  if (requirements instanceof ConfigError) return closed(null, requirements);
  try {
    // What the administrator wrote is judged first: the selection may fall back on it.
    if (requirements.contradiction !== null)
      throw new ConfigError(requirements.contradiction, { origin: 'requirements' });
    const permissions = withManagedProfiles(table, requirements.permissions.profiles);
    assertConsistent(requirements, (id) => isDefined(id, permissions));
    const selected = selectProfile({
      layers: effective.layers,
      table,
      permissions,
      trust,
      home: sources.home,
      required: requirements.defaultPermissions,
      asked,
    });
    const feature = proxyFeature(table, requirements.features?.network_proxy);
    if (selected.profile.networkEnabled) checkNetworkRules(selected.network, feature);
    if (requirements.network !== null) checkManagedRules(requirements.network, requirements.source);
    const { allowed, clampedBy } = clamp(selected, permissions, requirements, sources.home);
    const settings = openSettings({ table, permissions, requirements, feature, selected: allowed, home: sources.home });
    return { ...base, problem: null, selected, clampedBy, settings };
  } catch (error) {
    if (error instanceof ConfigError) return closed(meaningProblem(error), error);
    throw error;
  }
}

/** The configured profile, or what the requirements put in its place (docs/protocol/config.md §7). */
function clamp(
  selected: ResolvedProfile,
  permissions: TomlTable | undefined,
  requirements: Requirements,
  home: string,
): { readonly allowed: ResolvedProfile; readonly clampedBy: ClampedBy } {
  const replaced = profileRefusal(selected.profile, requirements) !== null;
  const allowed = replaced
    ? resolveProfile(requirements.defaultPermissions ?? ':read-only', permissions, home)
    : selected;
  if (modeRefusal(allowed.profile, requirements) === null) return { allowed, clampedBy: replaced ? 'profile' : null };
  return { allowed: { profile: READ_ONLY, network: newTable(), warnings: [] }, clampedBy: 'mode' };
}

interface OpenParts {
  readonly table: TomlTable;
  /** All profiles by name. */
  readonly permissions: TomlTable | undefined;
  readonly requirements: Requirements;
  readonly feature: ProxyFeature;
  readonly selected: ResolvedProfile;
  readonly home: string;
}

function openSettings({
  table,
  permissions,
  requirements,
  feature,
  selected: chosen,
  home,
}: OpenParts): CommandSettings {
  const denials = denialsOf(requirements, home);
  const denied = (one: ResolvedProfile): ResolvedProfile => ({ ...one, profile: withDenials(one.profile, denials) });
  const selected = denied(chosen);
  const resolved = new Map<string, ResolvedProfile>();
  const access = new WeakMap<PermissionProfile, NetworkAccess>();
  const byName = (name: string): ResolvedProfile => {
    const known = resolved.get(name) ?? denied(resolveProfile(name, permissions, home));
    resolved.set(name, known);
    return known;
  };
  if (selected.profile.id !== null) resolved.set(selected.profile.id, selected);
  return {
    defaultProfile: selected.profile,
    profile(name) {
      const { profile } = byName(name);
      const refusal = profileRefusal(profile, requirements);
      if (refusal !== null) throw new ConfigError(refusal, { origin: 'requirements' });
      return profile;
    },
    assertAllowed: (profile) => assertAllowed(profile, requirements),
    networkAccess(profile) {
      const known = access.get(profile);
      if (known !== undefined) return known;
      const answer = networkAccess({
        profile,
        configured: profile.id !== null || profile === selected.profile,
        // A policy that a client wrote into its request has no rules of its own: those of the configured profile hold,
        // as they do for every other command of this daemon (docs/protocol/network.md §6).
        network: profile.id === null ? selected.network : byName(profile.id).network,
        feature,
        managed: requirements.network,
      });
      access.set(profile, answer);
      return answer;
    },
    shellEnvironment: shellEnvironmentPolicy(table),
    credentialNames: credentialNames(table),
    codexd: {
      commandExec: { onNetworkDenial: onNetworkDenial(table) },
      networkPrompts: networkPrompts(table),
      rulesWithoutSandbox: rulesWithoutSandbox(table),
    },
    neverAsks: clampApprovalPolicy(table.approval_policy, requirements).value === 'never',
    modelRequirements: withOwnStore(requirements.modelRequirements, table),
    managedDenials: denials,
  };
}

/**
 * Read-only and offline; every profile by name is refused with the reason. While it is not known what the requirements
 * allow, nothing but reading is.
 */
function closedSettings(
  reason: ConfigError,
  table: TomlTable | null,
  requirements: Requirements | ConfigError,
  home: string,
): CommandSettings {
  return {
    defaultProfile: READ_ONLY,
    profile() {
      throw reason;
    },
    assertAllowed(profile) {
      if (!(requirements instanceof ConfigError)) assertAllowed(profile, requirements);
      else if (sandboxModeOf(profile) !== 'read-only') throw requirements;
    },
    networkAccess: () => ({ kind: 'offline' }),
    shellEnvironment: table === null ? DEFAULT_SHELL_ENVIRONMENT : shellEnvironmentPolicy(table),
    credentialNames: table === null ? CREDENTIALS : credentialNames(table),
    codexd: { commandExec: { onNetworkDenial: 'cancel' }, networkPrompts: 'never', rulesWithoutSandbox: [] },
    neverAsks: true,
    modelRequirements:
      requirements instanceof ConfigError ? noRequirements('').modelRequirements : requirements.modelRequirements,
    managedDenials: requirements instanceof ConfigError ? [] : denialsOf(requirements, home),
  };
}

/** The user's own `cli_auth_credentials_store` holds as the administrator's does. */
function withOwnStore(requirements: ModelRequirements, table: TomlTable): ModelRequirements {
  const own = requirements.loginInFileForbiddenBy === null && isElsewhere(table.cli_auth_credentials_store);
  return own ? { ...requirements, loginInFileForbiddenBy: 'config.toml' } : requirements;
}

function trustLevel(cwd: string, effective: EffectiveConfig, sources: LayerSources): TrustLevel {
  const folder = path.resolve(sources.cwd, cwd);
  const root = projectRoot(folder, markers(effective.table));
  return trustOf(root, folder, effective.table, path.join(sources.codexHome, 'config.toml')).level;
}

function credentialNames(table: TomlTable): readonly string[] {
  const names = new Set(CREDENTIALS);
  for (const provider of Object.values(tableAt(table, 'model_providers'))) {
    if (isTable(provider) && typeof provider.env_key === 'string') names.add(provider.env_key);
  }
  return [...names];
}

function onNetworkDenial(table: TomlTable): 'cancel' | 'refuse' {
  return tableAt(tableAt(table, 'codexd'), 'command_exec').on_network_denial === 'refuse' ? 'refuse' : 'cancel';
}

function networkPrompts(table: TomlTable): NetworkPrompts {
  const value = tableAt(table, 'codexd').network_prompts;
  return value === 'managed' || value === 'never' ? value : 'always';
}

function rulesWithoutSandbox(table: TomlTable): readonly (readonly string[])[] {
  const value = tableAt(table, 'codexd').rules_without_sandbox;
  const isWords = (item: unknown): item is readonly string[] =>
    Array.isArray(item) && item.length > 0 && item.every((word) => typeof word === 'string');
  return Array.isArray(value) ? value.filter(isWords) : [];
}
