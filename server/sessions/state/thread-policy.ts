/**
 * The policy of a thread's commands: from the request, else the earlier one, else the configured one.
 *
 * Threat: a continued thread gets more permissions than before; a change that the requirements forbid takes effect.
 * Rule: a policy that the request names has precedence, and only one may be named. An earlier policy that is not
 * understood any more is replaced by what it last allowed, with a warning. Scope: which policy holds. Non-scope: the
 * clamping of what the configuration says (config/thread/thread-config.ts).
 */
import { fromSandboxPolicy } from '../../config/permissions/legacy-sandbox-policy.js';
import type { PermissionProfile } from '../../config/permissions/permission-profile.js';
import { modeRefusal, profileAllowed } from '../../config/requirements/allowed.js';
import { approvalPolicyRefusal, reviewerRefusal } from '../../config/settings/clamp-warnings.js';
import type { ConfigService } from '../../config/settings/config-service.js';
import { threadConfiguration, type ThreadConfiguration } from '../../config/thread/thread-config.js';
import type { TomlTable } from '../../config/toml/value.js';
import { fromJson } from '../../config/write/apply-edits.js';
import { ConfigError } from '../../errors/config-error.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import type { ThreadState } from '../live/live-thread.js';
import type { EarlierSettings, RequestedSettings } from './requested-settings.js';
import { reviewerOf } from './state-parts.js';

/** Throws RpcError. The text depends on the parameters that conflict: see docs/protocol/config.md §8. */
export function refuseTwoPolicies({ permissions, sandbox, sandboxPolicy }: RequestedSettings): void {
  if (permissions === null || permissions === undefined) return;
  if (sandbox) throw invalidRequest('`permissions` cannot be combined with `sandbox`');
  if (sandboxPolicy) throw invalidRequest('`permissions` cannot be combined with `sandboxPolicy`');
}

/** Keys of a request's `config` that choose a policy: then no earlier policy counts. */
const POLICY_KEYS = ['sandbox_mode', 'default_permissions', 'permissions', 'sandbox_workspace_write'] as const;

/**
 * The configuration of the thread with its policy. `asked`: the keys of the request's `config`. Adds to `warnings`.
 * Throws RpcError.
 */
export function configure(
  source: ConfigService,
  wishes: RequestedSettings & { readonly cwd: string },
  asked: TomlTable,
  before: EarlierSettings | null,
  warnings: string[],
): ThreadConfiguration {
  const { cwd, sandbox, permissions, sandboxPolicy, config } = wishes;
  const approvalPolicy =
    wishes.approvalPolicy ?? (asked.approval_policy === undefined ? before?.approvalPolicy : undefined);
  const request = { cwd, config, own: before?.own, approvalPolicy };
  const resolve = (policy: object): ThreadConfiguration => {
    const configuration = threadConfiguration(source, { ...request, ...policy });
    warnings.push(...configuration.warnings);
    return configuration;
  };
  return orRefused(() => {
    if (sandboxPolicy) return resolve({ profile: fromSandboxPolicy(sandboxPolicy) });
    const chosen = sandbox || (permissions ?? null) !== null || POLICY_KEYS.some((key) => asked[key] !== undefined);
    if (chosen || before === null) return resolve({ sandbox, permissions });
    const { profileId, profile } = before;
    if (profileId !== undefined) {
      try {
        return resolve({ permissions: profileId });
      } catch (error) {
        if (!(error instanceof ConfigError) || profile === undefined) throw error;
        const last = resolve({ profile });
        warnings.push(
          `The permission profile \`${profileId}\` of this thread cannot be used any more (${error.message}); what it last allowed holds.`,
        );
        return last;
      }
    }
    return resolve(profile === undefined ? {} : { profile });
  });
}

/** Like `refuseForbidden`, for the reviewer of approvals. */
export function refuseReviewer(source: ConfigService, state: ThreadState, wishes: RequestedSettings): void {
  const { modelRequirements } = source.settings({ cwd: state.wire.cwd });
  const { approvalsReviewer: wish, model, collaborationMode } = wishes;
  if (wish === null || wish === undefined) return;
  const refusal = reviewerRefusal(reviewerOf(wish), modelRequirements);
  if (refusal !== null) throw invalidRequest(`invalid thread settings override: ${refusal}`);
  const used = collaborationMode?.settings.model ?? model ?? state.wire.model;
  if (reviewerOf(wish) === 'auto_review' || !modelRequirements.reviewRequiredOn.includes(used)) return;
  throw invalidRequest(`invalid thread settings override: To use model \`${used}\`, you need to use auto review.`);
}

/** Refuses a change of a loaded thread that the requirements forbid; it is not clamped (docs/protocol/config.md §7). */
export function refuseForbidden(
  source: ConfigService,
  { approvalPolicy, sandboxPolicy, permissions }: RequestedSettings,
): void {
  const refuse = (reason: string | null): void => {
    if (reason !== null) throw invalidRequest(`invalid thread settings override: ${reason}`);
  };
  const requirements = orRefused(() => source.requirements());
  if (approvalPolicy !== null && approvalPolicy !== undefined)
    refuse(approvalPolicyRefusal(fromJson(approvalPolicy), requirements));
  if (sandboxPolicy) refuse(modeRefusal(fromSandboxPolicy(sandboxPolicy), requirements));
  if (permissions === null || permissions === undefined) return;
  let profile: PermissionProfile;
  try {
    profile = source.settings().profile(permissions);
  } catch (error) {
    // The profile does not exist; build() reports that.
    if (error instanceof ConfigError && profileAllowed(permissions, requirements)) return;
    throw error instanceof ConfigError ? invalidRequest(`invalid thread settings override: ${error.message}`) : error;
  }
  refuse(modeRefusal(profile, requirements));
}

/** The result of the work; a configuration that cannot be used is the error of the request. */
export function orRefused<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ConfigError) throw invalidRequest(`failed to load configuration: ${error.message}`);
    throw error;
  }
}
