/** With what one command's requests are decided: its policy under the rules files of the moment. */
import type { NetworkPolicy } from '../config/permissions/network-policy.js';
import { NO_RULES, type RuleSet } from '../config/rules/rule-set.js';
import type { AccessRequest, Answer, DecisionContext } from './decide/decide.js';
import { hookedHosts } from './hooks/command-hooks.js';
import { compileRules } from './decide/domain-rules.js';
import { withRuleFiles } from './decide/rules-overlay.js';
import type { Work } from './registration/work.js';

export interface DecisionContextOptions extends Pick<DecisionContext, 'resolver' | 'ownEndpoints'> {
  /** The current content of the rules files. Absent: nothing. */
  readonly ruleFiles?: (() => RuleSet) | undefined;
  readonly ask: (request: AccessRequest, work: Work | null) => Promise<Answer>;
  readonly mayAsk: (work: Work | null) => boolean;
}

/**
 * The context of a decision, by the work that the command does at the moment. The rules are compiled when the rules
 * files change, and not for each request. Throws `network.policy`.
 */
export function decisionContexts(
  policy: NetworkPolicy,
  { ruleFiles = () => NO_RULES, resolver, ask, mayAsk, ownEndpoints }: DecisionContextOptions,
): (work: Work | null) => DecisionContext {
  let rules = NO_RULES;
  let compiled = compileRules(policy);
  const hooked = hookedHosts(policy.hooks);
  return (work) => ({
    policy,
    hooked,
    get rules() {
      const now = ruleFiles();
      if (now !== rules) {
        rules = now;
        compiled = compileRules(withRuleFiles(policy, now));
      }
      return compiled;
    },
    resolver,
    ask: (request) => ask(request, work),
    mayAsk: () => mayAsk(work),
    ownEndpoints,
  });
}
