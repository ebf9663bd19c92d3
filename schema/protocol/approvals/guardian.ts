/** Automatic review of approvals. */
import { i64, json, list, nullish, oneOf, optional, struct, tagged, text, u16 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AbsolutePathBuf, LegacyAppPathString } from '../common/paths.js';
import { NetworkApprovalProtocol, RequestPermissionProfile } from '../common/permissions.js';

export const AutoReviewDecisionSource = oneOf('AutoReviewDecisionSource', ['agent']);
export type AutoReviewDecisionSource = Wire<typeof AutoReviewDecisionSource>;

export const GuardianApprovalReviewStatus = oneOf('GuardianApprovalReviewStatus', [
  'inProgress',
  'approved',
  'denied',
  'timedOut',
  'aborted',
]);
export type GuardianApprovalReviewStatus = Wire<typeof GuardianApprovalReviewStatus>;

export const GuardianRiskLevel = oneOf('GuardianRiskLevel', ['low', 'medium', 'high', 'critical']);
export type GuardianRiskLevel = Wire<typeof GuardianRiskLevel>;

export const GuardianUserAuthorization = oneOf('GuardianUserAuthorization', ['unknown', 'low', 'medium', 'high']);
export type GuardianUserAuthorization = Wire<typeof GuardianUserAuthorization>;

export const GuardianApprovalReview = struct('GuardianApprovalReview', {
  status: GuardianApprovalReviewStatus,
  riskLevel: nullish(GuardianRiskLevel),
  userAuthorization: nullish(GuardianUserAuthorization),
  rationale: nullish(text),
});
export type GuardianApprovalReview = Wire<typeof GuardianApprovalReview>;

export const GuardianCommandSource = oneOf('GuardianCommandSource', ['shell', 'unifiedExec']);
export type GuardianCommandSource = Wire<typeof GuardianCommandSource>;

export const GuardianApprovalReviewAction = tagged('GuardianApprovalReviewAction', 'type', {
  command: {
    source: GuardianCommandSource,
    command: text,
    cwd: LegacyAppPathString,
  },
  execve: {
    source: GuardianCommandSource,
    program: text,
    argv: list(text),
    cwd: AbsolutePathBuf,
  },
  writeStdin: {
    approvalId: text,
    processId: text,
    stdin: text,
    cwd: LegacyAppPathString,
  },
  applyPatch: {
    cwd: LegacyAppPathString,
    files: list(LegacyAppPathString),
  },
  networkAccess: {
    target: text,
    host: text,
    protocol: NetworkApprovalProtocol,
    port: u16,
  },
  mcpToolCall: {
    server: text,
    toolName: text,
    connectorId: nullish(text),
    connectorName: nullish(text),
    toolTitle: nullish(text),
  },
  requestPermissions: {
    reason: nullish(text),
    permissions: RequestPermissionProfile,
  },
});
export type GuardianApprovalReviewAction = Wire<typeof GuardianApprovalReviewAction>;

export const GuardianWarningNotification = struct('GuardianWarningNotification', {
  threadId: text,
  message: text,
});
export type GuardianWarningNotification = Wire<typeof GuardianWarningNotification>;

export const ItemGuardianApprovalReviewCompletedNotification = struct(
  'ItemGuardianApprovalReviewCompletedNotification',
  {
    threadId: text,
    turnId: text,
    startedAtMs: i64,
    completedAtMs: i64,
    reviewId: text,
    targetItemId: nullish(text),
    decisionSource: AutoReviewDecisionSource,
    review: GuardianApprovalReview,
    action: GuardianApprovalReviewAction,
  },
);
export type ItemGuardianApprovalReviewCompletedNotification = Wire<
  typeof ItemGuardianApprovalReviewCompletedNotification
>;

export const ItemGuardianApprovalReviewStartedNotification = struct('ItemGuardianApprovalReviewStartedNotification', {
  threadId: text,
  turnId: text,
  startedAtMs: i64,
  reviewId: text,
  targetItemId: nullish(text),
  review: GuardianApprovalReview,
  action: GuardianApprovalReviewAction,
});
export type ItemGuardianApprovalReviewStartedNotification = Wire<typeof ItemGuardianApprovalReviewStartedNotification>;

export const StrictReviewRequiredNotification = struct('StrictReviewRequiredNotification', {
  threadId: text,
  turnId: text,
  startedAtMs: i64,
});
export type StrictReviewRequiredNotification = Wire<typeof StrictReviewRequiredNotification>;

export const ThreadApproveGuardianDeniedActionParams = struct('ThreadApproveGuardianDeniedActionParams', {
  threadId: text,
  event: json,
});
export type ThreadApproveGuardianDeniedActionParams = Wire<typeof ThreadApproveGuardianDeniedActionParams>;

export const ThreadApproveGuardianDeniedActionResponse = struct('ThreadApproveGuardianDeniedActionResponse', {});
export type ThreadApproveGuardianDeniedActionResponse = Wire<typeof ThreadApproveGuardianDeniedActionResponse>;

export const GuardianAssessmentOutcome = oneOf('GuardianAssessmentOutcome', ['allow', 'deny']);
export type GuardianAssessmentOutcome = Wire<typeof GuardianAssessmentOutcome>;

export const ThreadGuardianAssessment = struct('ThreadGuardianAssessment', {
  outcome: GuardianAssessmentOutcome,
  riskLevel: GuardianRiskLevel,
  userAuthorization: GuardianUserAuthorization,
  rationale: text,
});
export type ThreadGuardianAssessment = Wire<typeof ThreadGuardianAssessment>;

export const ThreadGuardianReviewParams = struct('ThreadGuardianReviewParams', {
  threadId: text,
});
export type ThreadGuardianReviewParams = Wire<typeof ThreadGuardianReviewParams>;

export const ThreadGuardianReviewResponse = struct('ThreadGuardianReviewResponse', {
  callId: text,
  assessment: nullish(ThreadGuardianAssessment),
});
export type ThreadGuardianReviewResponse = Wire<typeof ThreadGuardianReviewResponse>;

export const ThreadPrepareApprovedPlanParams = struct('ThreadPrepareApprovedPlanParams', {
  threadId: text,
  markdown: text,
  attachmentPath: optional(text),
});
export type ThreadPrepareApprovedPlanParams = Wire<typeof ThreadPrepareApprovedPlanParams>;

export const ThreadPrepareApprovedPlanResponse = struct('ThreadPrepareApprovedPlanResponse', {
  prompt: text,
});
export type ThreadPrepareApprovedPlanResponse = Wire<typeof ThreadPrepareApprovedPlanResponse>;
