import { problemLine, type RuleSet } from '../rules/rule-set.js';
import type { ConfigWarning } from './startup.js';

/** The warnings for clients about rules that cannot be parsed: one for each rule. */
export function ruleWarnings({ problems }: RuleSet): ConfigWarning[] {
  return problems.map((problem) => {
    const at = { line: problem.line, column: 1 };
    return {
      summary: SUMMARIES[problem.consequence],
      details: problemLine(problem),
      path: problem.path,
      range: { start: at, end: at },
    };
  });
}

const SUMMARIES = {
  skipped: 'Error parsing rules; one rule is not applied.',
  enforced: 'Error parsing rules; one denial is applied as far as it is understood.',
  closed: 'Error parsing rules; one possible denial cannot be understood, so nothing it may deny is allowed.',
} as const;
