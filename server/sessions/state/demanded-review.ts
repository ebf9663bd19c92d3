/** What the requirements demand of models whose actions are to be reviewed (`[auto_review] required_on_models`). */
import { legacyProfile } from '../../config/permissions/select.js';
import { sandboxModeOf } from '../../config/requirements/allowed.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import type { TomlTable } from '../../config/toml/value.js';

/**
 * Where nothing is confined there is nothing to be asked about: a model that is to be reviewed writes its workspace.
 */
export function confinedProfile(profile: PermissionProfile, table: TomlTable): PermissionProfile {
  const mode = sandboxModeOf(profile);
  const confined = mode === 'read-only' || mode === 'workspace-write';
  return confined ? profile : legacyProfile('workspace-write', table).profile;
}
