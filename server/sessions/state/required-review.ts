/** The effect of the requirements on models whose actions must be reviewed (`[auto_review] required_on_models`). */
import { legacyProfile } from '../../config/permissions/select.js';
import { sandboxModeOf } from '../../config/requirements/allowed.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import type { TomlTable } from '../../config/toml/value.js';

/**
 * Without a sandbox there would be no approvals and so no review: such a model gets the profile that writes its
 * workspace only.
 */
export function confinedProfile(profile: PermissionProfile, table: TomlTable): PermissionProfile {
  const mode = sandboxModeOf(profile);
  const confined = mode === 'read-only' || mode === 'workspace-write';
  return confined ? profile : legacyProfile('workspace-write', table).profile;
}
