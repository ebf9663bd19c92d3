/**
 * Merges the rules of the requirements (`[rules]`) with the rules files. The strictest rule decides, so no file can
 * allow what an administrator forbids. If no valid requirements have been read since the start, no rule allows a
 * command.
 */
import { ConfigError } from '../../errors/config-error.js';
import type { Requirements } from './requirements.js';
import type { RuleBook } from '../rules/rule-book.js';
import type { RuleSet } from '../rules/rule-set.js';

export interface RequirementsSource {
  /** The requirements that are enforced now. */
  enforcedRequirements(): Requirements | ConfigError;
}

export function withManagedRules(book: RuleBook, source: RequirementsSource): RuleBook {
  let last: {
    readonly fileRules: RuleSet;
    readonly requirements: Requirements | ConfigError;
    readonly merged: RuleSet;
  } | null = null;
  const withRequirements = (fileRules: RuleSet): RuleSet => {
    const requirements = source.enforcedRequirements();
    if (last?.fileRules !== fileRules || last.requirements !== requirements)
      last = { fileRules, requirements, merged: mergeRules(fileRules, requirements) };
    return last.merged;
  };
  return {
    ...book,
    current: () => withRequirements(book.current()),
    latest: () => withRequirements(book.latest()),
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
