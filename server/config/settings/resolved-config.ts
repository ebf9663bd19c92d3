import type { EffectiveConfig, ConfigProblem } from '../layers/effective-config.js';
import type { Requirements } from '../requirements/requirements.js';
import type { ConfigError } from '../../errors/config-error.js';
import type { ResolvedProfile } from '../permissions/profiles.js';
import type { CommandSettings } from './command-settings.js';

/** What configuration amounts to for one folder at one moment. Immutable. */
export interface ResolvedConfig {
  readonly effective: EffectiveConfig;
  /** Null: it can be used. */
  readonly problem: ConfigProblem | null;
  /** What commands are held to; the error when the requirements could never be understood. */
  readonly requirements: Requirements | ConfigError;
  /** The configured profile before the requirements had a say; null while there is a problem. */
  readonly selected: ResolvedProfile | null;
  /** Which requirement put another profile in its place, if one did. */
  readonly clampedBy: ClampedBy;
  readonly settings: CommandSettings;
}

/**
 * `profile`: allowed_permission_profiles, whose default took its place; `mode`: allowed_sandbox_modes, and it is
 * read-only.
 */
export type ClampedBy = 'profile' | 'mode' | null;
