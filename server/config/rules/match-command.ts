import path from 'node:path';
import { begins } from './interpret.js';
import type { CommandDecision, PrefixRule, RuleSet } from './rule-set.js';

export interface CommandRuleMatch {
  readonly decision: CommandDecision;
  /** The rule that decided: of those with this decision, the one with the longest pattern. */
  readonly rule: PrefixRule;
}

const STRICTNESS: Readonly<Record<CommandDecision, number>> = { allow: 0, prompt: 1, forbidden: 2 };

/**
 * What the rules files say about one command (no shell line); null when no rule matches. The strictest matching rule
 * decides. A rule for a program's name also means the program at any path, except that it allows only those paths that
 * `host_executable` lists: a file called `git` in the workspace is not git. While a rule that may forbid anything
 * cannot be understood, what would be allowed is asked about.
 */
export function matchCommand(rules: RuleSet, argv: readonly string[], cwd: string): CommandRuleMatch | null {
  const [program = '', ...rest] = argv;
  const absolute = program.includes('/') ? path.resolve(cwd, program) : null;
  const name = absolute === null ? null : path.basename(absolute);
  const known = name === null || absolute === null ? false : rules.executables.get(name)?.has(absolute) === true;
  let found: CommandRuleMatch | null = null;
  for (const rule of rules.prefixRules) {
    const asWritten = begins(argv, rule.pattern) || (absolute !== null && begins([absolute, ...rest], rule.pattern));
    const byName = name !== null && (known || rule.decision !== 'allow') && begins([name, ...rest], rule.pattern);
    if ((asWritten || byName) && (found === null || stricter(rule, found.rule)))
      found = { decision: rule.decision, rule };
  }
  if (found?.decision === 'allow' && rules.commandsClosed !== null) return { ...found, decision: 'prompt' };
  return found;
}

function stricter(a: PrefixRule, b: PrefixRule): boolean {
  const difference = STRICTNESS[a.decision] - STRICTNESS[b.decision];
  return difference === 0 ? a.pattern.length > b.pattern.length : difference > 0;
}

/** The strictest of several commands (those of a script); null, no rule, counts as neither allowed nor forbidden. */
export function strictest(judgements: readonly (CommandRuleMatch | null)[]): CommandRuleMatch | null {
  let found: CommandRuleMatch | null = null;
  let unmatched = judgements.length === 0;
  for (const judgement of judgements) {
    if (judgement === null) unmatched = true;
    else if (found === null || stricter(judgement.rule, found.rule)) found = judgement;
  }
  // An allowance covers a script only when it covers all of its commands (docs/protocol/turns.md §6).
  return found?.decision === 'allow' && unmatched ? null : found;
}
