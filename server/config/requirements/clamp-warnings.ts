import { isTable } from '../toml/value.js';
import { modeRefusal, profileAllowed } from './allowed.js';
import { pascalCase } from './requirements.js';
import type { Resolved } from '../settings-source.js';
import type { TomlValue } from '../toml/value.js';
import type { Requirements, WebSearchMode } from './requirements.js';

/**
 * What the requirements put in the place of configured values, one sentence each (spec/config.md §7). `approval`: the
 * policy that a request asked for instead of the configured one.
 */
export function clampWarnings(resolved: Resolved, requirements: Requirements, approval?: TomlValue): string[] {
  const { table } = resolved.effective;
  const warnings: string[] = [];
  const policy = clampApprovalPolicy(approval ?? table.approval_policy, requirements);
  if (policy.warning !== null) warnings.push(policy.warning);
  const profile = resolved.selected?.profile;
  if (profile !== undefined) {
    if (profile.id !== null && !profileAllowed(profile.id, requirements)) {
      const fallback = requirements.defaultPermissions ?? ':read-only';
      warnings.push(
        `Configured value for \`permission_profile\` is disallowed by requirements; falling back from \`${profile.id}\` to required value \`${fallback}\`.`,
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

/** A value after the requirements had their say; `warning` says why it is another one. */
export interface Clamped<T> {
  readonly value: T;
  readonly warning: string | null;
}

/** `approval_policy`: one that is not allowed becomes the first that is. */
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

/** `web_search`: one that is not allowed becomes the first that is. */
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
  const refusal = `invalid value for \`web_search_mode\`: \`${pascalCase(String(configured))}\` is not in the allowed set [${allowed.join(', ')}] (set by ${source})`;
  return { value: first, warning: disallowed('web_search_mode', pascalCase(first), refusal) };
}

const SEARCH_MODES: readonly WebSearchMode[] = ['disabled', 'cached', 'indexed', 'live'];

/** Names that refusals use; `untrusted` has a name of its own (spec/config.md §7). */
function policyName(policy: TomlValue): string {
  if (policy === 'untrusted') return 'UnlessTrusted';
  if (policy === 'on-failure') return 'OnRequest';
  return isTable(policy) ? 'Granular' : pascalCase(String(policy));
}

function disallowed(key: string, fallback: string, details: string): string {
  return `Configured value for \`${key}\` is disallowed by requirements; falling back to required value ${fallback}. Details: ${details}`;
}
