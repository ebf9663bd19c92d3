import { internalError } from '../../errors/rpc-error.js';
import { BUILT_IN_PROFILES, configuredProfiles, resolveProfile } from '../permissions/profiles.js';
import { modeRefusal, profileAllowed } from '../requirements/allowed.js';
import { ConfigError } from '../../errors/config-error.js';
import { checkTable } from '../shape/check.js';
import { networkShapes } from '../shape/network-shape.js';
import { isTable, newTable } from '../toml/value.js';
import { pageOf } from '../../rpc/connection/offset-page.js';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import type { ConfigService } from '../settings/config-service.js';
import type { ResolvedConfig } from '../settings/resolved-config.js';
import type { TomlTable } from '../toml/value.js';

/**
 * permissionProfile/list (docs/protocol/config.md §8): the built-in profiles, then those that are configured for the
 * folder. It works if other parts of the configuration are invalid. An invalid profile is listed as not allowed.
 */
export function listPermissionProfiles(
  source: ConfigService,
  params: RequestParams<'permissionProfile/list'>,
): RequestResult<'permissionProfile/list'> {
  const resolved = source.resolve(params.cwd ?? undefined);
  if (resolved.problem?.kind === 'layers') {
    throw internalError(`failed to reload config: ${resolved.problem.error.message}`);
  }
  const permissions = permissionsOf(resolved);
  const builtIn = BUILT_IN_PROFILES.map(({ id }) => ({ id: id ?? '', description: null }));
  const data = [...builtIn, ...configuredProfiles(permissions)].map(({ id, description }) => ({
    id,
    description,
    allowed: isAllowed(id, permissions, resolved, source.sources.home),
  }));
  return pageOf(data, params, 'permission profiles');
}

function permissionsOf({ effective, requirements }: ResolvedConfig): TomlTable | undefined {
  const managed = requirements instanceof ConfigError ? null : requirements.permissions.profiles;
  const { permissions } = effective.table;
  if (!isTable(permissions)) return managed ?? undefined;
  const mismatch = checkTable(permissions, networkShapes().permissions);
  if (mismatch !== null) throw internalError(`failed to resolve permission profiles: ${mismatch.text}\n`);
  // The administrator's definition counts, also if the user's configuration is invalid.
  return Object.assign(newTable(), permissions, managed);
}

function isAllowed(
  id: string,
  permissions: TomlTable | undefined,
  { requirements }: ResolvedConfig,
  home: string,
): boolean {
  if (requirements instanceof ConfigError || !profileAllowed(id, requirements)) return false;
  try {
    return modeRefusal(resolveProfile(id, permissions, home).profile, requirements) === null;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}
