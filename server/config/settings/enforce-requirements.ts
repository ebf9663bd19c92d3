/**
 * What the requirements make of a command's permissions: asked for every command, by the supervisor itself.
 *
 * Threat: a road to a command on which nobody remembered to ask: a process of a client, a person's own shell, an
 * approved escalation, an allowing rule, a thread that was loaded before the requirements changed.
 * Rule: asked once, where commands start, at the moment they start. What is not allowed is refused by the requirement's
 * name. Where the managed proxy is on, what would reach the network directly goes through it; a command that somebody
 * else confines and that is to be offline is offline.
 * Non-scope: which hosts the proxy lets through.
 */
import { ConfigError } from '../../errors/config-error.js';
import { assertAllowed, sandboxModeOf } from '../requirements/allowed.js';
import { managedDenials, withDenials } from '../requirements/managed-permissions.js';
import type { NetworkAccess } from '../permissions/network-policy.js';
import type { FilesystemEntry, PermissionProfile } from '../permissions/permission-profile.js';
import type { RequestedAccess } from './command-settings.js';
import type { Requirements } from '../requirements/requirements.js';

export interface EnforceOptions {
  /** The error when they could never be understood. */
  readonly requirements: Requirements | ConfigError;
  /** What `~` stands for in managed denials. */
  readonly home: string;
  /** How the configuration of this moment lets a profile at the network. */
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

/** While it is not known what is allowed, nothing but reading is. */
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

/** The managed denials as entries: the very same ones while the requirements stay the same. */
export function denialsOf(requirements: Requirements, home: string): readonly FilesystemEntry[] {
  const known = memory.get(requirements);
  if (known?.home === home) return known.denials;
  const denials = managedDenials(requirements.permissions.denyRead, home);
  memory.set(requirements, { home, denials });
  return denials;
}
