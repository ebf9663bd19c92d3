/** The settings of commands, made from a valid configuration, or the most restrictive ones for an invalid one. */
import { networkAccess } from './network-settings.js';
import { READ_ONLY } from '../permissions/permission-profile.js';
import { resolveProfile } from '../permissions/profiles.js';
import { assertAllowed, profileRefusal, sandboxModeOf } from '../requirements/allowed.js';
import { clampApprovalPolicy } from './clamp-warnings.js';
import { denialsOf } from './enforce-requirements.js';
import { isElsewhere, type ModelRequirements } from '../requirements/model-requirements.js';
import { withDenials } from '../requirements/managed-permissions.js';
import { ConfigError } from '../../errors/config-error.js';
import { DEFAULT_SHELL_ENVIRONMENT, shellEnvironmentPolicy } from './shell-environment.js';
import { isTable, tableAt } from '../toml/value.js';
import { noRequirements } from '../requirements/requirements.js';
import type { NetworkAccess } from '../permissions/network-policy.js';
import type { ProxyFeature } from './network-settings.js';
import type { PermissionProfile } from '../permissions/permission-profile.js';
import type { ResolvedProfile } from '../permissions/profiles.js';
import type { Requirements } from '../requirements/requirements.js';
import type { NetworkPrompts, CommandSettings } from './command-settings.js';
import type { TomlTable } from '../toml/value.js';

/** Variables that always contain the daemon's own credentials (docs/protocol/exec.md §3). */
const CREDENTIALS = ['OPENAI_API_KEY', 'CODEX_API_KEY'];

interface SettingsParts {
  readonly table: TomlTable;
  /** All profiles by name. */
  readonly permissions: TomlTable | undefined;
  readonly requirements: Requirements;
  readonly feature: ProxyFeature;
  readonly selected: ResolvedProfile;
  readonly home: string;
}

/** The settings under a valid configuration. */
export function buildSettings({
  table,
  permissions,
  requirements,
  feature,
  selected: chosen,
  home,
}: SettingsParts): CommandSettings {
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
        // A policy from a client's request has no network rules, so the rules of the configured profile apply, as for
        // every other command of this daemon (docs/protocol/network.md §6).
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
 * The settings under an invalid configuration: read-only and offline. Every named profile is refused with the reason.
 * If the requirements are unknown, only reading is allowed.
 */
export function restrictedSettings(
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

/** The user's `cli_auth_credentials_store` has the same effect as the administrator's. */
function withOwnStore(requirements: ModelRequirements, table: TomlTable): ModelRequirements {
  const own = requirements.loginInFileForbiddenBy === null && isElsewhere(table.cli_auth_credentials_store);
  return own ? { ...requirements, loginInFileForbiddenBy: 'config.toml' } : requirements;
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
