/**
 * The rules of the requirements (`[rules]`) together with those of the rules files: the strictest of all decides, so
 * that no file undoes what an administrator forbids. While the requirements could never be understood, nothing is
 * allowed.
 */
import { ConfigError } from '../../errors/config-error.js';
import type { Requirements } from './requirements.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { RuleSet } from '../rules/rule.js';

export interface RuleDemands {
  /** What holds at this moment. */
  demands(): Requirements | ConfigError;
}

export function withManagedRules(book: RuleBook, source: RuleDemands): RuleBook {
  let last: { readonly own: RuleSet; readonly demands: Requirements | ConfigError; readonly both: RuleSet } | null =
    null;
  return {
    ...book,
    current() {
      const own = book.current();
      const demands = source.demands();
      if (last?.own !== own || last.demands !== demands) last = { own, demands, both: merged(own, demands) };
      return last.both;
    },
  };
}

function merged(own: RuleSet, demands: Requirements | ConfigError): RuleSet {
  if (demands instanceof ConfigError) {
    const problem = { path: 'requirements.toml', line: 1, reason: demands.message, consequence: 'closed' } as const;
    return { ...own, commandsClosed: own.commandsClosed ?? problem };
  }
  if (demands.prefixRules.length === 0) return own;
  const prefixRules = [...own.prefixRules, ...demands.prefixRules];
  return { ...own, prefixRules, revision: `${own.revision}+${JSON.stringify(demands.prefixRules)}` };
}
