/**
 * The network policy of a command, made from config.toml and the requirements (docs/protocol/network.md §1,
 * docs/protocol/config.md §10). Data only: server/network-approval compiles and evaluates the patterns.
 */

import type { MitmHook } from './mitm-hooks.js';

/** The source of a rule. A deny rule has precedence, from any source. Denials name the source. */
export type RuleSource = 'managed' | 'profile' | 'feature' | 'session' | 'execpolicy';

export interface DomainRule {
  /** As written: `a.test`, `*.a.test`, `**.a.test`, `*`, `host:443`, an IP literal … */
  readonly pattern: string;
  readonly verdict: 'allow' | 'deny';
  readonly source: RuleSource;
  /** The protocol of the requests; absent: any. */
  readonly protocol?: 'http' | 'https' | 'socks5Tcp' | 'socks5Udp';
  /** The name of the rule in denials; absent: the pattern. */
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
  /** Patterns of hosts that need an approval although a rule allows them (managed only). */
  readonly reviewDomains: readonly string[];
  readonly unixSockets: readonly UnixSocketRule[];
  readonly allowLocalBinding: boolean;
  readonly allowUpstreamProxy: boolean;
  readonly enableSocks5: boolean;
  /** Keys that are set and that nothing here follows: a warning names each (settings/network-warnings.ts). */
  readonly withoutEffect: readonly string[];
  /** Programs that know no proxy reach allowed hosts, too (network-approval/transparent). */
  readonly transparentTcp: boolean;
  readonly dangerouslyAllowAllUnixSockets: boolean;
  /** Requests to their hosts are judged and changed one by one, inside TLS (network-approval/hooks). */
  readonly hooks: readonly MitmHook[];
  /** Whether the requirements have `[experimental_network]` with `enabled = true`. */
  readonly managed: boolean;
  /** Whether only managed allow rules count; other hosts are denied without a question. */
  readonly managedAllowedDomainsOnly: boolean;
  /** Changes when any field above changes; every decision names it. */
  readonly revision: string;
}

/** The network access of a command. */
export type NetworkAccess =
  /** No network. */
  | { readonly kind: 'offline' }
  /** The host's network, unfiltered (network on, proxy feature off). */
  | { readonly kind: 'direct' }
  /** Through a lane and the policy proxy only. */
  | { readonly kind: 'proxied'; readonly policy: NetworkPolicy };
