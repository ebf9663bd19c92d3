import type { NetworkAccess } from '../permissions/network-policy.js';
import type { FilesystemEntry, PermissionProfile } from '../permissions/permission-profile.js';
import type { ModelRequirements } from '../requirements/model-requirements.js';
import type { ShellEnvironmentPolicy } from './shell-environment.js';

/** The effective configuration at one moment, as far as commands need it. Immutable. */
export interface CommandSettings {
  /** From `sandbox_mode` or `default_permissions`; `:read-only` when the configuration is invalid (it fails closed). */
  readonly defaultProfile: PermissionProfile;
  /** A profile by name, built-in or configured. Throws ConfigError with the texts of docs/protocol/config.md §8. */
  profile(name: string): PermissionProfile;
  /** Throws ConfigError (text of docs/protocol/config.md §7) when the managed requirements do not allow the profile. */
  assertAllowed(profile: PermissionProfile): void;
  /**
   * How a command under this profile gets at the network: the table of docs/protocol/config.md §10, closed where the
   * reference is not.
   */
  networkAccess(profile: PermissionProfile): NetworkAccess;
  readonly shellEnvironment: ShellEnvironmentPolicy;
  /** Names of environment variables that hold the daemon's own credentials (docs/protocol/exec.md §3). */
  readonly credentialNames: readonly string[];
  /** Our own `[codexd]` section (docs/configuration.md). */
  readonly codexd: {
    /** Beginnings of commands that leave the sandbox when a rule allows them, whatever they obey. */
    readonly rulesWithoutSandbox: readonly (readonly string[])[];
    readonly commandExec: { readonly onNetworkDenial: 'cancel' | 'refuse' };
    readonly networkPrompts: NetworkPrompts;
  };
  /** `approval_policy` is `never`. */
  readonly neverAsks: boolean;
  /** What the requirements demand beside permissions. */
  readonly modelRequirements: ModelRequirements;
  /** What the requirements let nobody read. */
  readonly managedDenials: readonly FilesystemEntry[];
}

/** What a command may do, as whoever starts it says. */
export interface RequestedAccess {
  readonly profile: PermissionProfile;
  readonly network: NetworkAccess;
}

/** What the requirements make of the permissions of every command, whoever starts it. */
export interface PermissionEnforcer {
  /**
   * What they are held to at this moment: managed denials are in the profile, and where the managed proxy is on there
   * is no network beside it. Throws ConfigError, with the requirement's name, when they are not allowed.
   */
  enforce(asked: RequestedAccess): RequestedAccess;
}

/** When a network request that no rule allows is asked about: always, only under a managed policy, or never. */
export type NetworkPrompts = 'always' | 'managed' | 'never';

/** Reads configuration afresh: an edit on disk is visible at the next call (docs/protocol/config.md §1). */
export interface SettingsReader extends PermissionEnforcer {
  /**
   * For commands in `cwd` (default: the daemon's own folder), its project layers included. Never throws for a bad
   * configuration: it answers the closed defaults.
   */
  settings(options?: { readonly cwd?: string }): CommandSettings;
}
