import type { EffectiveConfig, ConfigProblem } from '../layers/effective-config.js';
import type { Requirements } from '../requirements/requirements.js';
import type { ConfigError } from '../../errors/config-error.js';
import type { ResolvedProfile } from '../permissions/profiles.js';
import type { CommandSettings } from './command-settings.js';

/**
 * The configuration of one folder after the requirements were applied: the merged layers, the requirements, the
 * selected profile, and the settings for commands. Immutable.
 */
export interface ResolvedConfig {
  readonly effective: EffectiveConfig;
  /** Null: the configuration is valid. */
  readonly problem: ConfigProblem | null;
  /** The enforced requirements; ConfigError: no valid ones have been read since the start. */
  readonly requirements: Requirements | ConfigError;
  /** The configured profile, before the requirements are applied; null if there is a problem. */
  readonly selected: ResolvedProfile | null;
  /** The requirement that replaced the configured profile; null: it was not replaced. */
  readonly clampedBy: ClampedBy;
  readonly settings: CommandSettings;
}

/**
 * `profile`: allowed_permission_profiles, replaced by the requirements' default. `mode`: allowed_sandbox_modes,
 * replaced by read-only.
 */
export type ClampedBy = 'profile' | 'mode' | null;
