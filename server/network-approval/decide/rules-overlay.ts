/**
 * What rules files say about the network, laid over a policy (docs/protocol/network.md §4).
 *
 * Threat: a rules file opens what somebody else has closed, or its denials are lost to a mistake.
 * Rule: a denial of a rules file wins over every allowance of the configuration; an allowance counts as the user's own,
 * so that every denial, and `managed_allowed_domains_only`, win over it; what cannot be compiled denies, or does
 * nothing.
 */
import { BoundedMap } from '../../system/node/bounded-map.js';
import type { DomainRule, NetworkPolicy } from '../../config/permissions/network-policy.js';
import type { NetworkRule, RuleSet } from '../../config/rules/rule-set.js';
import { parsePattern } from './patterns.js';

/** Policies that are kept, by revision: commands under one policy share one. */
const KEPT = 8;
const kept = new BoundedMap<string, NetworkPolicy>(KEPT);

/** Never throws. */
export function withRuleFiles(policy: NetworkPolicy, rules: RuleSet): NetworkPolicy {
  if (rules.revision === '') return policy;
  const revision = `${policy.revision}+${rules.revision}`;
  const known = kept.get(revision);
  if (known !== undefined) return known;
  const laid = { ...overlay(policy, rules), revision };
  kept.set(revision, laid);
  return laid;
}

function overlay(policy: NetworkPolicy, { networkRules, networkClosed }: RuleSet): NetworkPolicy {
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

/** Nobody can say what it denies. */
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
    return false; // what becomes of it is decided above
  }
}
