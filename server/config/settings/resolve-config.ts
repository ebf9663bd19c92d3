/** From the merged layers and the requirements to the profile and the settings that count. */
import path from 'node:path';
import { markers, projectRoot, trustOf } from '../layers/project-layers.js';
import { checkManagedRules, checkNetworkRules, proxyFeature } from './network-settings.js';
import { READ_ONLY } from '../permissions/permission-profile.js';
import { isDefined, resolveProfile } from '../permissions/profiles.js';
import { selectProfile } from '../permissions/select.js';
import { problemText } from '../layers/config-problem.js';
import { assertConsistent, modeRefusal, profileRefusal } from '../requirements/allowed.js';
import { withManagedProfiles } from '../requirements/managed-permissions.js';
import { ConfigError } from '../../errors/config-error.js';
import { buildSettings, restrictedSettings } from './build-settings.js';
import { newTable } from '../toml/value.js';
import type { ConfigProblem, EffectiveConfig } from '../layers/effective-config.js';
import type { LayerSources } from '../layers/load-layers.js';
import type { ResolvedProfile } from '../permissions/profiles.js';
import type { Requirements } from '../requirements/requirements.js';
import type { AskedPermissions } from '../permissions/select.js';
import type { TomlTable } from '../toml/value.js';
import type { ResolvedConfig, ClampedBy } from './resolved-config.js';

/** The trust level of a project; null: the configuration has no entry for it. */
export type TrustLevel = 'trusted' | 'untrusted' | null;

/** Never throws for an invalid configuration: `problem` says what is wrong, and the settings are restricted. */
export function resolveConfig(
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
    settings: restrictedSettings(reason, problem === null ? table : null, requirements, sources.home),
  });
  if (problem !== null) return closed(problem, new ConfigError(problemText(effective, problem)));
  if (requirements instanceof ConfigError) return closed(null, requirements);
  try {
    // The administrator's values are checked first, because the selection may fall back on them.
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
    const settings = buildSettings({
      table,
      permissions,
      requirements,
      feature,
      selected: allowed,
      home: sources.home,
    });
    return { ...base, problem: null, selected, clampedBy, settings };
  } catch (error) {
    if (error instanceof ConfigError) return closed(meaningProblem(error), error);
    throw error;
  }
}

/** A problem of values that do not fit together; one that the requirements cause prevents the start. */
const meaningProblem = ({ message, origin, key }: ConfigError): ConfigProblem => ({
  kind: 'meaning',
  text: message,
  key,
  endsStart: origin === 'requirements',
});

/** The configured profile, or its replacement by the requirements (docs/protocol/config.md §7). */
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

/** The trust level of the project of `cwd`. */
export function trustLevel(cwd: string, effective: EffectiveConfig, sources: LayerSources): TrustLevel {
  const folder = path.resolve(sources.cwd, cwd);
  const root = projectRoot(folder, markers(effective.table));
  return trustOf(root, folder, effective.table, path.join(sources.codexHome, 'config.toml')).level;
}
