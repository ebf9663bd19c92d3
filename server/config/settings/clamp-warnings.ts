import { jsonText } from '../../system/node/json-text.js';
import { isTable, toJson } from '../toml/value.js';
import { modeRefusal, profileRefusal } from '../requirements/allowed.js';
import { pascalCase } from '../requirements/requirements.js';
import type { ResolvedConfig } from './resolved-config.js';
import type { TomlValue } from '../toml/value.js';
import type { ModelRequirements, Reviewer } from '../requirements/model-requirements.js';
import type { Requirements, WebSearchMode } from '../requirements/requirements.js';

/**
 * One sentence for each configured value that the requirements replace (docs/protocol/config.md §7). `approval`: the
 * policy of a request, which is used instead of the configured one.
 */
export function clampWarnings(resolved: ResolvedConfig, requirements: Requirements, approval?: TomlValue): string[] {
  const { table } = resolved.effective;
  const warnings: string[] = [];
  const policy = clampApprovalPolicy(approval ?? table.approval_policy, requirements);
  if (policy.warning !== null) warnings.push(policy.warning);
  const profile = resolved.selected?.profile;
  if (profile !== undefined) {
    if (profileRefusal(profile, requirements) !== null) {
      const fallback = requirements.defaultPermissions ?? ':read-only';
      const from = profile.id === null ? 'the configured sandbox mode' : `\`${profile.id}\``;
      warnings.push(
        `Configured value for \`permission_profile\` is disallowed by requirements; falling back from ${from} to required value \`${fallback}\`.`,
      );
    } else {
      const refusal = modeRefusal(profile, requirements);
      if (refusal !== null) warnings.push(disallowed('permission_profile', 'ReadOnly', refusal));
    }
  }
  const search = clampWebSearch(table.web_search, requirements);
  if (search.warning !== null) warnings.push(search.warning);
  return warnings;
}

/** A value that the requirements allow. `warning` says why it differs from the configured value; null: it does not. */
export interface Clamped<T> {
  readonly value: T;
  readonly warning: string | null;
}

/** `approval_policy`: the first allowed policy replaces one that is not allowed. */
export function clampApprovalPolicy(
  configured: TomlValue | undefined,
  requirements: Requirements,
): Clamped<TomlValue | undefined> {
  const [first] = requirements.approvalPolicies ?? [];
  if (first === undefined || configured === undefined) return { value: configured ?? first, warning: null };
  const refusal = approvalPolicyRefusal(configured, requirements);
  if (refusal === null) return { value: configured, warning: null };
  return { value: first, warning: disallowed('approval_policy', policyName(first), refusal) };
}

/** ``invalid value for `approval_policy`: …``, or null when the policy is allowed. */
export function approvalPolicyRefusal(
  policy: TomlValue,
  { approvalPolicies, source }: Pick<Requirements, 'approvalPolicies' | 'source'>,
): string | null {
  if (approvalPolicies === null || approvalPolicies.length === 0) return null;
  if (approvalPolicies.some((allowed) => policyName(allowed) === policyName(policy))) return null;
  return `invalid value for \`approval_policy\`: \`${policyName(policy)}\` is not in the allowed set [${approvalPolicies.map(policyName).join(', ')}] (set by ${source})`;
}

/** `web_search`: the first allowed mode replaces one that is not allowed. */
export function clampWebSearch(
  configured: TomlValue | undefined,
  { webSearchModes, source }: Requirements,
): Clamped<TomlValue | undefined> {
  const [first] = webSearchModes ?? [];
  if (webSearchModes === null || first === undefined || configured === undefined) {
    return { value: configured, warning: null };
  }
  if (webSearchModes.some((mode) => mode === configured)) return { value: configured, warning: null };
  const allowed = SEARCH_MODES.filter((mode) => webSearchModes.includes(mode)).map(pascalCase);
  const refusal = `invalid value for \`web_search_mode\`: \`${pascalCase(textOf(configured))}\` is not in the allowed set [${allowed.join(', ')}] (set by ${source})`;
  return { value: first, warning: disallowed('web_search_mode', pascalCase(first), refusal) };
}

/** `approvals_reviewer`: the first allowed reviewer replaces one that is not allowed. */
export function clampReviewer(asked: Reviewer | null, { reviewers, source }: ModelRequirements): Clamped<Reviewer> {
  const value = asked ?? 'user';
  const [first] = reviewers ?? [];
  if (reviewers === null || first === undefined || reviewers.includes(value)) return { value, warning: null };
  // Nobody asked for a reviewer, so no warning is due.
  if (asked === null) return { value: first, warning: null };
  return {
    value: first,
    warning: disallowed('approvals_reviewer', reviewerName(first), reviewerRefusal(asked, { reviewers, source }) ?? ''),
  };
}

/** ``invalid value for `approvals_reviewer`: …``, or null when the reviewer is allowed. */
export function reviewerRefusal(
  asked: Reviewer,
  { reviewers, source }: Pick<ModelRequirements, 'reviewers' | 'source'>,
): string | null {
  if (reviewers === null || reviewers.includes(asked)) return null;
  return `invalid value for \`approvals_reviewer\`: \`${reviewerName(asked)}\` is not in the allowed set [${reviewers.map(reviewerName).join(', ')}] (set by ${source})`;
}

const reviewerName = (reviewer: Reviewer): string => pascalCase(reviewer.replace('_', '-'));

const SEARCH_MODES: readonly WebSearchMode[] = ['disabled', 'cached', 'indexed', 'live'];

/** The name of a policy in refusals; `untrusted` has a special name (docs/protocol/config.md §7). */
function policyName(policy: TomlValue): string {
  if (policy === 'untrusted') return 'UnlessTrusted';
  if (policy === 'on-failure') return 'OnRequest';
  return isTable(policy) ? 'Granular' : pascalCase(textOf(policy));
}

/** A value of the wrong kind is refused elsewhere; here it only needs a text. */
const textOf = (value: TomlValue): string => (typeof value === 'string' ? value : (jsonText(toJson(value)) ?? ''));

function disallowed(key: string, fallback: string, details: string): string {
  return `Configured value for \`${key}\` is disallowed by requirements; falling back to required value ${fallback}. Details: ${details}`;
}
