/**
 * The rules of the requirements (`[rules]`) together with those of the rules files: the strictest of all decides, so
 * that no file undoes what an administrator forbids. While the requirements could never be understood, nothing is
 * allowed.
 */
import { ConfigError } from '../../errors/config-error.js';
import type { Requirements } from './requirements.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { RuleSet } from '../rules/rule-set.js';

export interface RequirementsSource {
  /** What holds at this moment. */
  enforcedRequirements(): Requirements | ConfigError;
}

export function withManagedRules(book: RuleBook, source: RequirementsSource): RuleBook {
  let last: {
    readonly fileRules: RuleSet;
    readonly requirements: Requirements | ConfigError;
    readonly merged: RuleSet;
  } | null = null;
  return {
    ...book,
    current() {
      const fileRules = book.current();
      const requirements = source.enforcedRequirements();
      if (last?.fileRules !== fileRules || last.requirements !== requirements)
        last = { fileRules, requirements, merged: mergeRules(fileRules, requirements) };
      return last.merged;
    },
  };
}

function mergeRules(fileRules: RuleSet, requirements: Requirements | ConfigError): RuleSet {
  if (requirements instanceof ConfigError) {
    const problem = {
      path: 'requirements.toml',
      line: 1,
      reason: requirements.message,
      consequence: 'closed',
    } as const;
    return { ...fileRules, commandsClosed: fileRules.commandsClosed ?? problem };
  }
  if (requirements.prefixRules.length === 0) return fileRules;
  const prefixRules = [...fileRules.prefixRules, ...requirements.prefixRules];
  return { ...fileRules, prefixRules, revision: `${fileRules.revision}+${JSON.stringify(requirements.prefixRules)}` };
}
