/** With what one command's requests are decided: its policy under the rules files of the moment. */
import type { NetworkPolicy } from '../config/permissions/network-policy.js';
import { NO_RULES, type NetworkRules } from '../config/rules/rule-set.js';
import type { AccessRequest, Answer, DecisionContext } from './decide/decide.js';
import { hookedHosts } from './hooks/command-hooks.js';
import { compileRules, type CompiledRules } from './decide/domain-rules.js';
import { withRuleFiles } from './decide/rules-overlay.js';
import type { Work } from './registration/work.js';

export interface DecisionContextOptions extends Pick<DecisionContext, 'resolver' | 'ownEndpoints'> {
  /** The current content of the rules files. Absent: nothing. */
  readonly ruleFiles?: (() => NetworkRules) | undefined;
  readonly ask: (request: AccessRequest, work: Work | null) => Promise<Answer>;
  readonly mayAsk: (work: Work | null) => boolean;
}

/**
 * The context of a decision, by the work that the command does at the moment. `heard`: gets the answer to a question.
 * The rules are compiled when the rules files change, and not for each request. Throws `network.policy`.
 */
export function decisionContexts(
  policy: NetworkPolicy,
  { ruleFiles = () => NO_RULES, resolver, ask, mayAsk, ownEndpoints }: DecisionContextOptions,
): (work: Work | null, heard?: (answer: Answer) => void) => DecisionContext {
  let rules: NetworkRules = NO_RULES;
  let compiled = compileRules(policy);
  const hooked = hookedHosts(policy.hooks);
  const currentRules = (): CompiledRules => {
    const now = ruleFiles();
    if (now !== rules) {
      rules = now;
      compiled = compileRules(withRuleFiles(policy, now));
    }
    return compiled;
  };
  /** A class: an object with a getter of its own takes long to make, and each request has one. */
  class Context implements DecisionContext {
    readonly policy = policy;
    readonly hooked = hooked;
    readonly resolver = resolver;
    readonly ownEndpoints = ownEndpoints;
    readonly #work: Work | null;
    readonly #heard: ((answer: Answer) => void) | undefined;

    constructor(work: Work | null, heard: ((answer: Answer) => void) | undefined) {
      this.#work = work;
      this.#heard = heard;
    }

    get rules(): CompiledRules {
      return currentRules();
    }

    async ask(request: AccessRequest): Promise<Answer> {
      const answer = await ask(request, this.#work);
      this.#heard?.(answer);
      return answer;
    }

    mayAsk(): boolean {
      return mayAsk(this.#work);
    }
  }
  return (work, heard) => new Context(work, heard);
}
