/** All settings that decide how a thread's turns run. `wire` is the part that clients see. */
import type { ThreadSettings } from '../../../schema/protocol/threads/thread.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import type { CommandSettings } from '../../config/settings/command-settings.js';
import type { TomlTable } from '../../config/toml/value.js';
import type { HookSet } from '../../hooks/discover/discover-hooks.js';
import type { ActivePlugin } from '../../plugins/active-plugins.js';

export interface ThreadState {
  readonly wire: ThreadSettings;
  readonly profile: PermissionProfile;
  readonly runtimeWorkspaceRoots: readonly string[];
  /** The thread's own `config` layer, and the effective configuration with it. */
  readonly own: TomlTable;
  readonly table: TomlTable;
  readonly settings: CommandSettings;
  /** As they were read when the thread was loaded, or when a client asked for its configuration to be read again. */
  readonly hooks: HookSet;
  /** Read with the configuration; those that the thread does without are left out. */
  readonly plugins: readonly ActivePlugin[];
  readonly baseInstructions: string | null;
  readonly developerInstructions: string | null;
  readonly dynamicTools: readonly unknown[];
}
