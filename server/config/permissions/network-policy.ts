/**
 * What a command may reach, resolved from config.toml and the managed requirements (docs/protocol/network.md §1,
 * docs/protocol/config.md §10). Pure data: patterns are compiled and judged in server/network-approval.
 */

/** Who wrote a rule. Deny rules win whoever wrote them; the source is told with a denial. */
export type RuleSource = 'managed' | 'profile' | 'feature' | 'session' | 'execpolicy';

export interface DomainRule {
  /** As written: `a.test`, `*.a.test`, `**.a.test`, `*`, `host:443`, an IP literal … */
  readonly pattern: string;
  readonly verdict: 'allow' | 'deny';
  readonly source: RuleSource;
  /** Only requests of this protocol; absent: of any. */
  readonly protocol?: 'http' | 'https' | 'socks5Tcp' | 'socks5Udp';
  /** What a denial tells instead of the pattern. */
  readonly name?: string;
}

export interface UnixSocketRule {
  readonly path: string;
  readonly verdict: 'allow' | 'deny';
  readonly source: RuleSource;
}

export interface NetworkPolicy {
  /** `limited`: GET, HEAD and OPTIONS only. */
  readonly mode: 'full' | 'limited';
  readonly domains: readonly DomainRule[];
  /** Patterns that are asked about even though a rule allows them (managed only). */
  readonly reviewDomains: readonly string[];
  readonly unixSockets: readonly UnixSocketRule[];
  readonly allowLocalBinding: boolean;
  readonly allowUpstreamProxy: boolean;
  readonly enableSocks5: boolean;
  readonly enableSocks5Udp: boolean;
  readonly dangerouslyAllowAllUnixSockets: boolean;
  /** The managed requirements hold `[experimental_network]` with `enabled = true`. */
  readonly managed: boolean;
  /** Only managed allow rules count, and a miss is never asked about. */
  readonly managedAllowedDomainsOnly: boolean;
  /** Changes when any field above changes; every decision names it. */
  readonly revision: string;
}

/** How a command gets at the network. There is no fourth way. */
export type NetworkAccess =
  /** No network at all. */
  | { readonly kind: 'offline' }
  /** The host's network, unfiltered (network on, proxy feature off). */
  | { readonly kind: 'direct' }
  /** Through a lane and the policy proxy only. */
  | { readonly kind: 'proxied'; readonly policy: NetworkPolicy };
