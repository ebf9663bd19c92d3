/**
 * Applies the network rules of rules files to a policy (docs/protocol/network.md §4).
 *
 * Threat: a rules file opens what another source has closed, or a mistake loses its denials.
 * Rule: a denial of a rules file wins over every allowance of the configuration. An allowance counts as the user's own,
 * so every denial and `managed_allowed_domains_only` win over it. A rule that cannot be compiled denies, or has no
 * effect.
 */
import { BoundedMap } from '../../system/node/bounded-map.js';
import type { DomainRule, NetworkPolicy } from '../../config/permissions/network-policy.js';
import type { NetworkRule, NetworkRules } from '../../config/rules/rule-set.js';
import { parsePattern } from './patterns.js';

/** The number of cached policies, by revision: commands under one policy share one. */
const KEPT = 8;
const kept = new BoundedMap<string, NetworkPolicy>(KEPT);

/** Never throws. */
export function withRuleFiles(policy: NetworkPolicy, rules: NetworkRules): NetworkPolicy {
  if (rules.revision === '') return policy;
  const revision = `${policy.revision}+${rules.revision}`;
  const known = kept.get(revision);
  if (known !== undefined) return known;
  const laid = { ...overlay(policy, rules), revision };
  kept.set(revision, laid);
  return laid;
}

function overlay(policy: NetworkPolicy, { networkRules, networkClosed }: NetworkRules): NetworkPolicy {
  const domains: DomainRule[] = [];
  const reviewDomains: string[] = [];
  for (const rule of networkRules) {
    if (!compiles(rule)) {
      if (rule.decision === 'deny') domains.push(everything(rule));
    } else if (rule.decision === 'prompt') reviewDomains.push(rule.pattern);
    else domains.push(domainRule(rule));
  }
  if (networkClosed !== null) domains.push(everything(networkClosed));
  return {
    ...policy,
    domains: [...policy.domains, ...domains],
    reviewDomains: [...policy.reviewDomains, ...reviewDomains],
  };
}

const domainRule = ({ pattern, decision, protocol }: NetworkRule): DomainRule => ({
  pattern,
  verdict: decision === 'allow' ? 'allow' : 'deny',
  source: 'execpolicy',
  ...(protocol === null ? {} : { protocol }),
});

/** The targets of an invalid denial are unknown, so it denies everything. */
const everything = ({ path, line }: { readonly path: string; readonly line: number }): DomainRule => ({
  pattern: '*',
  verdict: 'deny',
  source: 'execpolicy',
  name: `${path}:${line}`,
});

function compiles({ pattern }: NetworkRule): boolean {
  try {
    parsePattern(pattern);
    return true;
  } catch {
    return false; // the code above decides about it
  }
}
