/**
 * Warns that allow rules for unix sockets have no effect (docs/security.md, "Unix sockets").
 *
 * A lane blocks connect(2) on unix sockets with a system call filter. The filter sees a pointer and not a path, so it
 * cannot allow single sockets. To allow the family and hide all other sockets would not cover sockets that are made
 * later. A socket to another command could also transfer that command's connections (SCM_RIGHTS): then a request could
 * not be assigned to a command. Therefore the rules have no effect, and a warning says so.
 */
import type { RuleSource, UnixSocketRule } from '../permissions/network-policy.js';
import type { PermissionProfile } from '../permissions/permission-profile.js';
import type { CommandSettings } from './command-settings.js';
import { ConfigError } from '../../errors/config-error.js';

/** One sentence for each such rule of the profile; empty if its network does not use the proxy. */
export function unixSocketWarnings(settings: CommandSettings, profile: PermissionProfile): string[] {
  const policy = proxiedPolicy(settings, profile);
  if (policy === null) return [];
  const rules = policy.unixSockets.filter(({ verdict }) => verdict === 'allow');
  const { dangerouslyAllowAllUnixSockets } = policy;
  return [
    ...rules.map((rule) => `${describe(rule, profile)} has no effect: ${WHY}`),
    ...(dangerouslyAllowAllUnixSockets ? [`\`dangerously_allow_all_unix_sockets = true\` has no effect: ${WHY}`] : []),
  ];
}

const WHY =
  'commands behind the network proxy cannot connect to unix sockets on Linux, where no socket can be opened to them without the others. Let the service listen on a loopback port and allow that (`allow_local_binding = true` and a domain rule such as `"127.0.0.1:2375" = "allow"`), or use a profile whose network does not go through the proxy.';

/** The policy of a profile whose network goes through the proxy; null: it does not, or its policy does not compile. */
export function proxiedPolicy(settings: CommandSettings, profile: PermissionProfile) {
  try {
    const access = settings.networkAccess(profile);
    return access.kind === 'proxied' ? access.policy : null;
  } catch (error) {
    if (error instanceof ConfigError) return null; // The command that uses the profile reports it.
    throw error;
  }
}

const describe = ({ path, source }: UnixSocketRule, profile: PermissionProfile): string =>
  `The rule \`${JSON.stringify(path)} = "allow"\` for unix sockets (${place(source, profile)})`;

function place(source: RuleSource, { id }: PermissionProfile): string {
  if (source === 'managed') return 'requirements, [experimental_network.unix_sockets]';
  if (source === 'feature') return '[features.network_proxy.unix_sockets]';
  return `[permissions.${id ?? '<profile>'}.network.unix_sockets]`;
}
