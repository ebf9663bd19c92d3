import type { DomainRule, NetworkPolicy } from '../../../server/config/permissions/network-policy.js';

let revisions = 0;

/** A policy from `{ 'a.test': 'allow' }`; each one has a revision of its own, as the configuration would give it. */
export function policyOf(
  domains: Readonly<Record<string, 'allow' | 'deny'>>,
  changes: Partial<NetworkPolicy> = {},
): NetworkPolicy {
  return {
    mode: 'full',
    domains: Object.entries(domains).map(([pattern, verdict]): DomainRule => ({ pattern, verdict, source: 'profile' })),
    reviewDomains: [],
    unixSockets: [],
    allowLocalBinding: false,
    allowUpstreamProxy: false,
    enableSocks5: true,
    withoutEffect: [],
    transparentTcp: false,
    dangerouslyAllowAllUnixSockets: false,
    hooks: [],
    managed: false,
    managedAllowedDomainsOnly: false,
    revision: `test ${revisions++}`,
    ...changes,
  };
}
