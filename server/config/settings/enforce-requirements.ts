/**
 * Applies the requirements to the permissions of a command. The supervisor calls it for every command.
 *
 * Threat: one way to start a command omits this check: a process of a client, the user's own shell, an approved
 * escalation, an allowing rule, a thread that was loaded before the requirements changed.
 * Rule: the check is made once, in the code that starts commands, when a command starts. A permission that is not
 * allowed is refused, and the error names the requirement. If the managed proxy is on, a command with direct network
 * access uses the proxy instead, and an offline command with external enforcement gets codexd's own sandbox.
 * Non-scope: which hosts the proxy allows.
 */
import { ConfigError } from '../../errors/config-error.js';
import { assertAllowed, sandboxModeOf } from '../requirements/allowed.js';
import { managedDenials, withDenials } from '../requirements/managed-permissions.js';
import type { NetworkAccess } from '../permissions/network-policy.js';
import type { FilesystemEntry, PermissionProfile } from '../permissions/permission-profile.js';
import type { RequestedAccess } from './command-settings.js';
import type { Requirements } from '../requirements/requirements.js';

export interface EnforceOptions {
  /** ConfigError: no valid requirements have been read since the start. */
  readonly requirements: Requirements | ConfigError;
  /** The folder for `~` in managed denials. */
  readonly home: string;
  /** The network access of a profile under the current configuration. */
  readonly networkAccess: (profile: PermissionProfile) => NetworkAccess;
}

/** Throws ConfigError when the permissions are not allowed. */
export function enforceRequirements(
  asked: RequestedAccess,
  { requirements, home, networkAccess }: EnforceOptions,
): RequestedAccess {
  if (requirements instanceof ConfigError) return closed(asked, requirements);
  if (requirements.contradiction !== null)
    return closed(asked, new ConfigError(requirements.contradiction, { origin: 'requirements' }));
  assertAllowed(asked.profile, requirements);
  const profile = withDenials(asked.profile, denialsOf(requirements, home));
  if (requirements.network?.enabled === true) return { profile, ...managedNetwork(asked, profile, networkAccess) };
  return profile === asked.profile ? asked : { ...asked, profile };
}

/** While the requirements are unknown, only reading without network is allowed. */
function closed(asked: RequestedAccess, why: ConfigError): RequestedAccess {
  if (sandboxModeOf(asked.profile) === 'read-only' && asked.network.kind === 'offline') return asked;
  throw why;
}

function managedNetwork(
  { network, profile: asked }: RequestedAccess,
  profile: PermissionProfile,
  networkAccess: EnforceOptions['networkAccess'],
): Partial<RequestedAccess> & Pick<RequestedAccess, 'network'> {
  if (network.kind === 'offline') {
    return asked.enforcement === 'external' ? { network, profile: { ...profile, enforcement: 'ours' } } : { network };
  }
  if (network.kind === 'proxied' && network.policy.managed) return { network };
  return { network: networkAccess(asked) };
}

const memory = new WeakMap<Requirements, { readonly home: string; readonly denials: readonly FilesystemEntry[] }>();

/** The managed denials as entries: identical objects as long as the requirements do not change. */
export function denialsOf(requirements: Requirements, home: string): readonly FilesystemEntry[] {
  const known = memory.get(requirements);
  if (known?.home === home) return known.denials;
  const denials = managedDenials(requirements.permissions.denyRead, home);
  memory.set(requirements, { home, denials });
  return denials;
}
