/**
 * `[rules]` of the requirements: commands of agents that are forbidden or need an approval.
 *
 * Rule: such a rule can only restrict. The daemon does not start with a rule that allows, or that is invalid.
 * Scope: reading the rules. Merging with the rules files, where the strictest rule decides:
 * requirements/merged-rules.ts.
 */
import { ConfigError } from '../../errors/config-error.js';
import { isList, isTable } from '../toml/value.js';
import type { PrefixRule } from '../rules/rule-set.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/** `section`: its types are checked; `source`: the file. Throws ConfigError, whose message names the rule. */
export function readManagedRules(section: TomlTable, source: string): readonly PrefixRule[] {
  const { prefix_rules: rules } = section;
  const refuse = (what: string): ConfigError =>
    new ConfigError(`invalid rules in requirements (set by ${source}): rules ${what}`, { origin: 'requirements' });
  if (!isList(rules) || rules.length === 0) throw refuse('prefix_rules cannot be empty');
  return rules.map((rule, index) => {
    const at = `prefix_rule at index ${index}`;
    if (!isTable(rule)) throw refuse(`${at} is no table`);
    const { pattern, decision, justification } = rule;
    if (!isList(pattern) || pattern.length === 0) throw refuse(`${at} has an empty pattern`);
    const words = pattern.map((token, n) => {
      const found = alternatives(token);
      if (typeof found === 'string') throw refuse(`${at} has an invalid pattern token at index ${n}: ${found}`);
      return found;
    });
    if (decision === undefined) throw refuse(`${at} is missing a decision`);
    if (decision === 'allow') {
      throw refuse(
        `${at} has decision 'allow', which requirements cannot have: the most restrictive rule of all files decides (use 'prompt', 'prompt-user', or 'forbidden')`,
      );
    }
    if (typeof justification === 'string' && justification.trim() === '')
      throw refuse(`${at} has an empty justification`);
    return {
      path: source,
      line: 1,
      pattern: words,
      decision: decision === 'forbidden' ? 'forbidden' : 'prompt',
      justification:
        typeof justification === 'string'
          ? justification
          : decision === 'forbidden'
            ? `the requirements forbid commands that begin with it (rule ${index + 1} of ${source})`
            : null,
    };
  });
}

/** The alternative words of a token, or the reason why the token is invalid. */
function alternatives(token: TomlValue): readonly string[] | string {
  if (!isTable(token)) return 'set either token or any_of';
  const { token: word, any_of: words } = token;
  if (word !== undefined && words !== undefined) return 'set either token or any_of, not both';
  if (typeof word === 'string') return word.trim() === '' ? 'token cannot be empty' : [word];
  if (!isList(words)) return 'set either token or any_of';
  if (words.length === 0) return 'any_of cannot be empty';
  const texts = words.filter((one): one is string => typeof one === 'string' && one.trim() !== '');
  return texts.length === words.length ? texts : 'any_of cannot include empty tokens';
}
