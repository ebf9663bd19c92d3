import { createHash } from 'node:crypto';
import { mergeTables } from '../layers/merge.js';
import { ConfigError } from '../../errors/config-error.js';
import { refuseDenyAll } from '../permissions/profiles.js';
import { isTable, newTable, tableAt } from '../toml/value.js';
import type {
  DomainRule,
  NetworkAccess,
  NetworkPolicy,
  RuleSource,
  UnixSocketRule,
} from '../permissions/network-policy.js';
import type { PermissionProfile } from '../permissions/permission-profile.js';
import type { NetworkRequirements, Verdict } from '../requirements/network-requirements.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/**
 * How a command gets at the network (docs/protocol/config.md §10, docs/security.md).
 *
 * Threat: a switch in one place that opens what another place has closed. Rule: a command without network has none;
 * with network it goes through the policy proxy as soon as the feature or the managed requirements say so, whoever
 * asked for the command and however its files are sandboxed; only with both silent is the network direct.
 * Non-scope: what the proxy then lets through.
 */

/** `features.network_proxy`: a switch or a table of settings. */
export interface ProxyFeature {
  readonly enabled: boolean;
  /** Settings that lie over the profile's; empty for a plain switch. */
  readonly settings: TomlTable;
}

/** `pin`: what the requirements demand of the feature, if anything. */
export function proxyFeature(config: TomlTable, pin: boolean | undefined): ProxyFeature {
  const value: TomlValue | undefined = tableAt(config, 'features').network_proxy;
  const settings = isTable(value) ? value : newTable();
  const enabled = isTable(value) ? value.enabled === true : value === true;
  return { enabled: pin ?? enabled, settings };
}

/** What decides about one command. */
export interface NetworkQuestion {
  readonly profile: PermissionProfile;
  /**
   * The profile comes from configuration rather than from a policy that a client wrote into its request: an explicit
   * offline policy is offline even where the managed proxy is on.
   */
  readonly configured: boolean;
  /** `[permissions.NAME.network]` of the profile; empty for built-ins and legacy modes. */
  readonly network: TomlTable;
  readonly feature: ProxyFeature;
  readonly managed: NetworkRequirements | null;
}

/** The table of docs/security.md. */
export function networkAccess(question: NetworkQuestion): NetworkAccess {
  const { profile, configured, feature, managed } = question;
  const managedProxy = managed?.enabled === true;
  if (!profile.networkEnabled && !(managedProxy && configured)) return { kind: 'offline' };
  if (!managedProxy && !feature.enabled) return { kind: 'direct' };
  return { kind: 'proxied', policy: networkPolicy(question) };
}

/** The rules of all sources in one list: managed first, then the profile's with the feature's settings over them. */
export function networkPolicy({ network, feature, managed }: NetworkQuestion): NetworkPolicy {
  const own = mergeTables(network, feature.settings);
  const flag = (key: string, fallback: boolean): boolean => (typeof own[key] === 'boolean' ? own[key] : fallback);
  const sourceOf = (kind: string, key: string): RuleSource =>
    tableAt(feature.settings, kind)[key] === undefined ? 'profile' : 'feature';
  const domains: DomainRule[] = [
    ...managedRules(managed?.domains ?? null).map(([pattern, verdict]) => ({
      pattern,
      verdict,
      source: 'managed' as const,
    })),
    ...rules(tableAt(own, 'domains')).map(([pattern, verdict]) => ({
      pattern,
      verdict,
      source: sourceOf('domains', pattern),
    })),
  ];
  const unixSockets: UnixSocketRule[] = [
    ...managedRules(managed?.unixSockets ?? null).map(([path, verdict]) => ({
      path,
      verdict,
      source: 'managed' as const,
    })),
    ...rules(tableAt(own, 'unix_sockets')).map(([path, verdict]) => ({
      path,
      verdict,
      source: sourceOf('unix_sockets', path),
    })),
  ];
  const policy = {
    mode: own.mode === 'limited' ? ('limited' as const) : ('full' as const),
    domains,
    reviewDomains: managed?.reviewDomains ?? [],
    unixSockets,
    // What an administrator has said holds; what is not said is the user's choice.
    allowLocalBinding: managed?.allowLocalBinding ?? flag('allow_local_binding', false),
    allowUpstreamProxy: managed?.allowUpstreamProxy ?? flag('allow_upstream_proxy', false),
    enableSocks5: flag('enable_socks5', true),
    enableSocks5Udp: flag('enable_socks5_udp', true),
    dangerouslyAllowAllUnixSockets:
      managed?.dangerouslyAllowAllUnixSockets ?? flag('dangerously_allow_all_unix_sockets', false),
    managed: managed?.enabled === true,
    managedAllowedDomainsOnly: managed?.managedAllowedDomainsOnly === true,
  };
  return { ...policy, revision: createHash('sha256').update(JSON.stringify(policy)).digest('hex').slice(0, 16) };
}

/**
 * Patterns that cannot be meant, refused when the configuration is read (docs/protocol/config.md §6 and §8). Throws
 * ConfigError.
 */
export function checkNetworkRules(network: TomlTable, feature: ProxyFeature): void {
  refuseDenyAll(tableAt(mergeTables(network, feature.settings), 'domains'));
}

/** The same for managed rules: there, `*` cannot be allowed either. */
export function checkManagedRules(managed: NetworkRequirements, source: string): void {
  const verdict = managed.domains?.['*'];
  if (verdict === undefined) return;
  const list = verdict === 'deny' ? 'denied_domains' : 'allowed_domains';
  throw new ConfigError(
    `failed to build managed network proxy from ${source}: network proxy constraints are invalid: invalid value for network.${list}: * (allowed exact hosts or scoped wildcards like *.example.com or **.example.com)`,
    { origin: 'requirements' },
  );
}

/** What is neither "allow" nor "deny" has been refused before; if it got here, it denies. */
function rules(table: TomlTable): [string, Verdict][] {
  return Object.keys(table).map((key) => [key, table[key] === 'allow' ? 'allow' : 'deny']);
}

const managedRules = (map: Readonly<Record<string, Verdict>> | null): [string, Verdict][] =>
  map === null ? [] : Object.keys(map).map((key) => [key, map[key] === 'allow' ? 'allow' : 'deny']);
