/** Network policy as clients see it (docs/protocol/network.md). */
import { bool, dict, list, nullish, omitted, oneOf, struct, text, u16 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';

export const NetworkDomainPermission = oneOf('NetworkDomainPermission', ['allow', 'deny']);
export type NetworkDomainPermission = Wire<typeof NetworkDomainPermission>;

export const NetworkPolicyRuleAction = oneOf('NetworkPolicyRuleAction', ['allow', 'deny']);
export type NetworkPolicyRuleAction = Wire<typeof NetworkPolicyRuleAction>;

export const NetworkPolicyAmendment = struct('NetworkPolicyAmendment', {
  host: text,
  action: NetworkPolicyRuleAction,
});
export type NetworkPolicyAmendment = Wire<typeof NetworkPolicyAmendment>;

export const NetworkUnixSocketPermission = oneOf('NetworkUnixSocketPermission', ['allow', 'deny']);
export type NetworkUnixSocketPermission = Wire<typeof NetworkUnixSocketPermission>;

export const NetworkRequirements = struct('NetworkRequirements', {
  enabled: nullish(bool),
  httpPort: nullish(u16),
  socksPort: nullish(u16),
  allowUpstreamProxy: nullish(bool),
  transparentTcp: omitted(bool),
  dangerouslyAllowNonLoopbackProxy: nullish(bool),
  dangerouslyAllowAllUnixSockets: nullish(bool),
  domains: nullish(dict(NetworkDomainPermission)),
  reviewDomains: nullish(list(text)),
  managedAllowedDomainsOnly: nullish(bool),
  allowedDomains: nullish(list(text)),
  deniedDomains: nullish(list(text)),
  unixSockets: nullish(dict(NetworkUnixSocketPermission)),
  allowUnixSockets: nullish(list(text)),
  allowLocalBinding: nullish(bool),
});
export type NetworkRequirements = Wire<typeof NetworkRequirements>;
