import type { NetworkAccess } from '../permissions/network-policy.js';
import type { FilesystemEntry, PermissionProfile } from '../permissions/permission-profile.js';
import type { ModelRequirements } from '../requirements/model-requirements.js';
import type { ShellEnvironmentPolicy } from './shell-environment.js';

/** The part of the configuration that commands need, for one folder at one moment. Immutable. */
export interface CommandSettings {
  /** From `sandbox_mode` or `default_permissions`; `:read-only` if the configuration is invalid (it fails closed). */
  readonly defaultProfile: PermissionProfile;
  /** A profile by name, built-in or configured. Throws ConfigError with the texts of docs/protocol/config.md §8. */
  profile(name: string): PermissionProfile;
  /** Throws ConfigError (text of docs/protocol/config.md §7) when the managed requirements do not allow the profile. */
  assertAllowed(profile: PermissionProfile): void;
  /**
   * The network access of a command under this profile: the table of docs/protocol/config.md §10, stricter than the
   * reference in some cases.
   */
  networkAccess(profile: PermissionProfile): NetworkAccess;
  readonly shellEnvironment: ShellEnvironmentPolicy;
  /** Names of environment variables that hold the daemon's own credentials (docs/protocol/exec.md §3). */
  readonly credentialNames: readonly string[];
  /** The `[codexd]` section (docs/configuration.md). */
  readonly codexd: {
    /** Command prefixes that run without the sandbox when a rule allows them, although they obey files of a project. */
    readonly rulesWithoutSandbox: readonly (readonly string[])[];
    readonly commandExec: { readonly onNetworkDenial: 'cancel' | 'refuse' };
    readonly networkPrompts: NetworkPrompts;
  };
  /** Whether `approval_policy` is `never`. */
  readonly neverAsks: boolean;
  /** The requirements for models, logins and reviewers. */
  readonly modelRequirements: ModelRequirements;
  /** The paths that no command may read, by the requirements. */
  readonly managedDenials: readonly FilesystemEntry[];
}

/** The permissions that the starter of a command asks for. */
export interface RequestedAccess {
  readonly profile: PermissionProfile;
  readonly network: NetworkAccess;
}

/** Applies the requirements to the permissions of every command. */
export interface PermissionEnforcer {
  /**
   * The permissions under the current requirements: the profile contains the managed denials, and if the managed proxy
   * is on, all network access uses it. Throws ConfigError, which names the requirement, if they are not allowed.
   */
  enforce(asked: RequestedAccess): RequestedAccess;
}

/** When the user is asked about a network request without a rule: always, only under a managed policy, or never. */
export type NetworkPrompts = 'always' | 'managed' | 'never';

/** Reads the configuration at each call: an edit on disk counts for the next call (docs/protocol/config.md §1). */
export interface SettingsReader extends PermissionEnforcer {
  /**
   * The settings for commands in `cwd` (default: the daemon's folder), project layers included. Never throws for an
   * invalid configuration: it returns the most restrictive settings then.
   */
  settings(options?: { readonly cwd?: string }): CommandSettings;
}
