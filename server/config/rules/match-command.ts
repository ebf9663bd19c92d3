import { paths, type LocalPaths } from '../../system/files/paths.js';
import { begins } from './interpret.js';
import { isProgramPath, programKey } from './program-name.js';
import type { CommandDecision, PrefixRule, RuleSet } from './rule-set.js';

export interface CommandRuleMatch {
  readonly decision: CommandDecision;
  /** The rule that decides: the one with the longest pattern among the rules with this decision. */
  readonly rule: PrefixRule;
}

const STRICTNESS: Readonly<Record<CommandDecision, number>> = { allow: 0, prompt: 1, forbidden: 2 };

/**
 * The strictest rule that matches a command (a list of words, not a shell line); null: no rule matches. A rule for the
 * name of a program also matches the program at any path. An allowing rule matches only the paths that
 * `host_executable` lists, because a file called `git` in the workspace is not git. If `rules.commandsClosed` is set,
 * an allowed command needs an approval.
 */
export function matchCommand(
  rules: RuleSet,
  argv: readonly string[],
  cwd: string,
  system: LocalPaths = paths,
): CommandRuleMatch | null {
  const [program = '', ...rest] = argv;
  const absolute = isProgramPath(program, system) ? system.native.resolve(cwd, program) : null;
  // On Windows also a bare name has several spellings.
  const name = absolute !== null || system.windows ? programKey(program, system) : null;
  const known = name !== null && absolute !== null && rules.executables.get(name)?.has(system.key(absolute)) === true;
  let found: CommandRuleMatch | null = null;
  for (const rule of rules.prefixRules) {
    const asWritten =
      begins(argv, rule.pattern) ||
      (absolute !== null && beginsWith((word) => system.same(word, absolute), rest, rule.pattern));
    const byName =
      name !== null &&
      (known || rule.decision !== 'allow') &&
      beginsWith((word) => !isProgramPath(word, system) && programKey(word, system) === name, rest, rule.pattern);
    if ((asWritten || byName) && (found === null || stricter(rule, found.rule)))
      found = { decision: rule.decision, rule };
  }
  if (found?.decision === 'allow' && rules.commandsClosed !== null) return { ...found, decision: 'prompt' };
  return found;
}

/** Whether a command begins with the words of a pattern, if `isProgram` decides about the first one. */
const beginsWith = (
  isProgram: (word: string) => boolean,
  rest: readonly string[],
  [first = [], ...more]: PrefixRule['pattern'],
): boolean => first.some(isProgram) && begins(rest, more);

function stricter(a: PrefixRule, b: PrefixRule): boolean {
  const difference = STRICTNESS[a.decision] - STRICTNESS[b.decision];
  return difference === 0 ? a.pattern.length > b.pattern.length : difference > 0;
}

/** The strictest match of the commands of a script. An unmatched command (null) is neither allowed nor forbidden. */
export function strictest(judgements: readonly (CommandRuleMatch | null)[]): CommandRuleMatch | null {
  let found: CommandRuleMatch | null = null;
  let unmatched = judgements.length === 0;
  for (const judgement of judgements) {
    if (judgement === null) unmatched = true;
    else if (found === null || stricter(judgement.rule, found.rule)) found = judgement;
  }
  // A script is allowed only if rules allow all of its commands (docs/protocol/turns.md §6).
  return found?.decision === 'allow' && unmatched ? null : found;
}
