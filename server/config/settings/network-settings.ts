import { createHash } from 'node:crypto';
import { mergeTables } from '../layers/merge.js';
import { ConfigError } from '../../errors/config-error.js';
import { readMitmHooks } from '../permissions/mitm-hooks.js';
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
 * The network access of a command (docs/protocol/config.md §10, docs/security.md).
 *
 * Threat: one setting opens the network although another setting closes it.
 * Rule: a command whose profile has no network stays offline. A command with network uses the policy proxy if the
 * feature or the managed requirements demand it, for every client and every file sandbox. Only if neither demands the
 * proxy is the network direct.
 * Non-scope: which requests the proxy allows.
 */

/** `features.network_proxy`: a switch or a table of settings. */
export interface ProxyFeature {
  readonly enabled: boolean;
  /** Settings with precedence over those of the profile; empty for a plain switch. */
  readonly settings: TomlTable;
}

/** `pin`: the value that the requirements demand for the feature; undefined: none. */
export function proxyFeature(config: TomlTable, pin: boolean | undefined): ProxyFeature {
  const value: TomlValue | undefined = tableAt(config, 'features').network_proxy;
  const settings = isTable(value) ? value : newTable();
  const enabled = isTable(value) ? value.enabled === true : value === true;
  return { enabled: pin ?? enabled, settings };
}

/** The facts that decide the network access of one command. */
export interface NetworkQuestion {
  readonly profile: PermissionProfile;
  /**
   * Whether the profile comes from the configuration. False: from a policy in a client's request; such a policy stays
   * offline also when the managed proxy is on.
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

/** The rules of all sources in one list: the managed rules, then the profile's rules overridden by the feature's. */
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
    // A managed value has precedence; without one the user's value counts.
    allowLocalBinding: managed?.allowLocalBinding ?? flag('allow_local_binding', false),
    allowUpstreamProxy: managed?.allowUpstreamProxy ?? flag('allow_upstream_proxy', false),
    enableSocks5: flag('enable_socks5', true),
    withoutEffect: withoutEffect(own, managed),
    transparentTcp: managed?.transparentTcp ?? flag('transparent_tcp', false),
    dangerouslyAllowAllUnixSockets:
      managed?.dangerouslyAllowAllUnixSockets ?? flag('dangerously_allow_all_unix_sockets', false),
    hooks: readMitmHooks(own),
    managed: managed?.enabled === true,
    managedAllowedDomainsOnly: managed?.managedAllowedDomainsOnly === true,
  };
  return { ...policy, revision: createHash('sha256').update(JSON.stringify(policy)).digest('hex').slice(0, 16) };
}

function withoutEffect(own: TomlTable, managed: NetworkRequirements | null): string[] {
  const isSet: Readonly<Record<string, boolean>> = {
    enable_socks5_udp: own.enable_socks5_udp === true,
    dangerously_allow_non_loopback_proxy:
      (managed?.dangerouslyAllowNonLoopbackProxy ?? own.dangerously_allow_non_loopback_proxy) === true,
    proxy_url: own.proxy_url !== undefined,
    socks_url: own.socks_url !== undefined,
    http_port: (managed?.httpPort ?? null) !== null,
    socks_port: (managed?.socksPort ?? null) !== null,
  };
  return Object.keys(isSet).filter((key) => isSet[key]);
}

/**
 * Refuses patterns that are certainly mistakes (docs/protocol/config.md §6 and §8). Called when the configuration is
 * read. Throws ConfigError.
 */
export function checkNetworkRules(network: TomlTable, feature: ProxyFeature): void {
  refuseDenyAll(tableAt(mergeTables(network, feature.settings), 'domains'));
}

/** As checkNetworkRules, for managed rules: `*` can be neither denied nor allowed. */
export function checkManagedRules(managed: NetworkRequirements, source: string): void {
  const verdict = managed.domains?.['*'];
  if (verdict === undefined) return;
  const list = verdict === 'deny' ? 'denied_domains' : 'allowed_domains';
  throw new ConfigError(
    `failed to build managed network proxy from ${source}: network proxy constraints are invalid: invalid value for network.${list}: * (allowed exact hosts or scoped wildcards like *.example.com or **.example.com)`,
    { origin: 'requirements' },
  );
}

/** Values other than "allow" and "deny" were refused before; should one get here, it denies. */
function rules(table: TomlTable): [string, Verdict][] {
  return Object.keys(table).map((key) => [key, table[key] === 'allow' ? 'allow' : 'deny']);
}

const managedRules = (map: Readonly<Record<string, Verdict>> | null): [string, Verdict][] =>
  map === null ? [] : Object.keys(map).map((key) => [key, map[key] === 'allow' ? 'allow' : 'deny']);
