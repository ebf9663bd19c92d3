/** The settings of a thread by where they come from: a request, or what held before. */
import type { TurnEnvironmentParams } from '../../../schema/protocol/common/environment.js';
import type { ThreadSettings } from '../../../schema/protocol/threads/thread.js';
import type { Wire } from '../../../schema/shape/kit.js';
import type { SandboxPolicy } from '../../config/permissions/legacy-sandbox-policy.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import type { SandboxMode } from '../../config/permissions/select.js';
import type { TomlTable } from '../../config/toml/value.js';
import type { ThreadState } from '../live/live-thread.js';

export type Maybe<T> = T | null | undefined;

/**
 * The settings in a request. Null and absent members request nothing; only a null `serviceTier` requests the default
 * tier.
 */
export interface RequestedSettings {
  readonly model?: Maybe<string>;
  readonly modelProvider?: Maybe<string>;
  readonly serviceTier?: Maybe<string>;
  readonly cwd?: Maybe<string>;
  readonly runtimeWorkspaceRoots?: Maybe<readonly string[]>;
  readonly environments?: Maybe<readonly Wire<typeof TurnEnvironmentParams>[]>;
  readonly approvalPolicy?: unknown;
  readonly approvalsReviewer?: Maybe<string>;
  readonly sandbox?: Maybe<SandboxMode>;
  readonly sandboxPolicy?: Maybe<SandboxPolicy>;
  readonly permissions?: Maybe<string>;
  readonly config?: Maybe<Readonly<Record<string, unknown>>>;
  readonly baseInstructions?: Maybe<string>;
  readonly developerInstructions?: Maybe<string>;
  readonly personality?: Maybe<ThreadSettings['personality']>;
  readonly effort?: Maybe<string>;
  readonly summary?: Maybe<ThreadSettings['summary']>;
  readonly collaborationMode?: Maybe<ThreadSettings['collaborationMode']>;
  readonly disabledPluginIds?: Maybe<readonly string[]>;
  readonly dynamicTools?: Maybe<readonly unknown[]>;
}

/** The earlier settings; absent members are unknown. */
export interface EarlierSettings {
  readonly model?: string;
  readonly modelProvider?: string;
  readonly serviceTier?: string | null;
  readonly cwd: string;
  readonly roots?: readonly string[];
  readonly approvalPolicy?: unknown;
  readonly approvalsReviewer?: string;
  /** A profile by name. It counts before `profile` if it is still configured. */
  readonly profileId?: string;
  readonly profile?: PermissionProfile;
  readonly baseInstructions?: string | null;
  readonly developerInstructions?: string | null;
  readonly personality?: ThreadSettings['personality'];
  readonly effort?: string | null;
  readonly summary?: ThreadSettings['summary'];
  readonly collaborationMode?: ThreadSettings['collaborationMode'];
  readonly disabledPluginIds?: readonly string[];
  readonly environments?: ThreadSettings['environments'];
  readonly dynamicTools?: readonly unknown[];
  readonly own?: TomlTable;
  /** Recorded values that were not understood, one sentence each. */
  readonly warnings?: readonly string[];
}

/** The settings of a loaded thread, for a thread that continues it. */
export function settingsBefore(state: ThreadState): EarlierSettings {
  const { wire } = state;
  return {
    ...wire,
    serviceTier: wire.serviceTier ?? null,
    effort: wire.effort ?? null,
    roots: state.runtimeWorkspaceRoots,
    profile: state.profile,
    ...(wire.activePermissionProfile ? { profileId: wire.activePermissionProfile.id } : {}),
    baseInstructions: state.baseInstructions,
    developerInstructions: state.developerInstructions,
    dynamicTools: state.dynamicTools,
    own: state.own,
  };
}
