/** The target of `codexd exec review`, from its flags. */
import type { RequestParams } from '../../../schema/registry.js';
import { isGiven, valueOf, type ParsedCommand } from '../options/command-spec.js';
import { execError } from './exec-error.js';
import { readPrompt } from './prompt.js';

export type ReviewTarget = RequestParams<'review/start'>['target'];

/** Throws `cli.exec` when the flags name no target or two targets. */
export async function reviewTarget(parsed: ParsedCommand): Promise<ReviewTarget> {
  const [base, sha] = [valueOf(parsed, 'base'), valueOf(parsed, 'commit')];
  const [prompt = null] = parsed.trailing;
  const named = isGiven(parsed, 'uncommitted') || base !== null || sha !== null;
  if (named && prompt !== null) {
    throw execError('Instructions cannot be combined with --uncommitted, --base or --commit.');
  }
  if (base !== null) return { type: 'baseBranch', branch: base };
  if (sha !== null) return { type: 'commit', sha, title: valueOf(parsed, 'title') };
  if (named) return { type: 'uncommittedChanges' };
  if (prompt !== null) return { type: 'custom', instructions: (await readPrompt(prompt, false)).text };
  throw execError('Specify --uncommitted, --base, --commit, or provide custom review instructions');
}

/** One line about the target for the user. */
export function reviewLabel(target: ReviewTarget): string {
  if (target.type === 'baseBranch') return `review: changes against ${target.branch}`;
  if (target.type === 'commit') return `review: commit ${target.sha}`;
  return target.type === 'custom' ? `review: ${target.instructions}` : 'review: uncommitted changes';
}
