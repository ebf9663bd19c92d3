/** Turns: starting, steering, interrupting, and their notifications (docs/protocol/turns.md). */
import {
  bool,
  defaulted,
  dict,
  gated,
  i64,
  json,
  list,
  nullish,
  omittable,
  oneOf,
  openChoice,
  optional,
  patch,
  path,
  struct,
  tagged,
  text,
  u16,
  word,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { TurnEnvironmentParams } from '../common/environment.js';
import { ThreadItem, UserInput } from './item.js';
import {
  CollaborationMode,
  CyberAccessProgram,
  MultiAgentMode,
  Personality,
  ReasoningEffort,
  ReasoningSummary,
} from '../common/model-settings.js';
import { AbsolutePathBuf } from '../common/paths.js';
import { ApprovalsReviewer, AskForApproval, SandboxPolicy } from '../common/permissions.js';
import { FunctionCallOutputBody } from './response-item.js';

export const AdditionalContextKind = oneOf('AdditionalContextKind', ['untrusted', 'application']);
export type AdditionalContextKind = Wire<typeof AdditionalContextKind>;

export const AdditionalContextEntry = struct('AdditionalContextEntry', {
  value: text,
  kind: AdditionalContextKind,
  name: optional(text),
});
export type AdditionalContextEntry = Wire<typeof AdditionalContextEntry>;

export const NonSteerableTurnKind = oneOf('NonSteerableTurnKind', ['review', 'compact']);
export type NonSteerableTurnKind = Wire<typeof NonSteerableTurnKind>;

export const CodexErrorInfo = openChoice('CodexErrorInfo', {
  contextWindowExceeded: word,
  sessionBudgetExceeded: word,
  usageLimitExceeded: word,
  rateLimitExceeded: word,
  flexUnavailable: word,
  serverOverloaded: word,
  modelNotFound: word,
  policyCapacityUnavailable: word,
  inferenceHookDenied: word,
  cyberPolicy: word,
  bioPolicy: word,
  misalignmentPolicyViolation: word,
  tooManyDenials: word,
  httpConnectionFailed: struct(null, {
    httpStatusCode: nullish(u16),
  }),
  responseStreamConnectionFailed: struct(null, {
    httpStatusCode: nullish(u16),
  }),
  internalServerError: word,
  unauthorized: word,
  badRequest: word,
  threadRollbackFailed: word,
  sandboxError: word,
  responseStreamDisconnected: struct(null, {
    httpStatusCode: nullish(u16),
  }),
  responseTooManyFailedAttempts: struct(null, {
    httpStatusCode: nullish(u16),
  }),
  activeTurnNotSteerable: struct(null, {
    turnKind: NonSteerableTurnKind,
  }),
  other: word,
});
export type CodexErrorInfo = Wire<typeof CodexErrorInfo>;

export const ContextCompactedNotification = struct('ContextCompactedNotification', {
  threadId: text,
  turnId: text,
});
export type ContextCompactedNotification = Wire<typeof ContextCompactedNotification>;

export const MisalignmentSteer = struct('MisalignmentSteer', {
  message: text,
});
export type MisalignmentSteer = Wire<typeof MisalignmentSteer>;

export const MisalignmentErrorDetails = struct('MisalignmentErrorDetails', {
  errorType: nullish(text),
  detailedExplanation: nullish(text),
  steer: nullish(MisalignmentSteer),
  reviewTarget: optional(text),
});
export type MisalignmentErrorDetails = Wire<typeof MisalignmentErrorDetails>;

export const TurnError = struct('TurnError', {
  message: text,
  codexErrorInfo: nullish(CodexErrorInfo),
  additionalDetails: nullish(text),
  misalignment: nullish(MisalignmentErrorDetails),
});
export type TurnError = Wire<typeof TurnError>;

export const ErrorNotification = struct('ErrorNotification', {
  error: TurnError,
  willRetry: bool,
  threadId: text,
  turnId: text,
});
export type ErrorNotification = Wire<typeof ErrorNotification>;

export const ReviewDelivery = oneOf('ReviewDelivery', ['inline']);
export type ReviewDelivery = Wire<typeof ReviewDelivery>;

export const ReviewTarget = tagged('ReviewTarget', 'type', {
  uncommittedChanges: {},
  baseBranch: {
    branch: text,
  },
  commit: {
    sha: text,
    title: nullish(text),
  },
  custom: {
    instructions: text,
  },
});
export type ReviewTarget = Wire<typeof ReviewTarget>;

export const ReviewStartParams = struct('ReviewStartParams', {
  threadId: text,
  target: ReviewTarget,
  delivery: optional(ReviewDelivery),
});
export type ReviewStartParams = Wire<typeof ReviewStartParams>;

export const TurnItemsView = oneOf('TurnItemsView', ['notLoaded', 'summary', 'full']);
export type TurnItemsView = Wire<typeof TurnItemsView>;

export const TurnStatus = oneOf('TurnStatus', ['completed', 'interrupted', 'failed', 'inProgress']);
export type TurnStatus = Wire<typeof TurnStatus>;

export const Turn = struct('Turn', {
  id: text,
  rootTurnId: nullish(text),
  items: list(ThreadItem),
  itemsView: defaulted(TurnItemsView, 'full'),
  status: TurnStatus,
  error: nullish(TurnError),
  startedAt: nullish(i64),
  completedAt: nullish(i64),
  durationMs: nullish(i64),
});
export type Turn = Wire<typeof Turn>;

export const ReviewStartResponse = struct('ReviewStartResponse', {
  turn: Turn,
  reviewThreadId: text,
});
export type ReviewStartResponse = Wire<typeof ReviewStartResponse>;

export const TurnsPage = struct('TurnsPage', {
  data: list(Turn),
  nextCursor: nullish(text),
  backwardsCursor: nullish(text),
});
export type TurnsPage = Wire<typeof TurnsPage>;

export const TurnCompletedNotification = struct('TurnCompletedNotification', {
  threadId: text,
  turn: Turn,
});
export type TurnCompletedNotification = Wire<typeof TurnCompletedNotification>;

export const TurnDiffUpdatedNotification = struct('TurnDiffUpdatedNotification', {
  threadId: text,
  turnId: text,
  diff: text,
});
export type TurnDiffUpdatedNotification = Wire<typeof TurnDiffUpdatedNotification>;

export const TurnInterruptParams = struct('TurnInterruptParams', {
  threadId: text,
  turnId: text,
});
export type TurnInterruptParams = Wire<typeof TurnInterruptParams>;

export const TurnInterruptResponse = struct('TurnInterruptResponse', {});
export type TurnInterruptResponse = Wire<typeof TurnInterruptResponse>;

export const TurnModerationMetadataNotification = struct('TurnModerationMetadataNotification', {
  threadId: text,
  turnId: text,
  metadata: json,
});
export type TurnModerationMetadataNotification = Wire<typeof TurnModerationMetadataNotification>;

export const TurnPlanStepStatus = oneOf('TurnPlanStepStatus', ['pending', 'inProgress', 'completed']);
export type TurnPlanStepStatus = Wire<typeof TurnPlanStepStatus>;

export const TurnPlanStep = struct('TurnPlanStep', {
  step: text,
  status: TurnPlanStepStatus,
});
export type TurnPlanStep = Wire<typeof TurnPlanStep>;

export const TurnPlanUpdatedNotification = struct('TurnPlanUpdatedNotification', {
  threadId: text,
  turnId: text,
  explanation: nullish(text),
  plan: list(TurnPlanStep),
});
export type TurnPlanUpdatedNotification = Wire<typeof TurnPlanUpdatedNotification>;

export const TurnSettingsUpdateParams = struct(
  'TurnSettingsUpdateParams',
  {
    threadId: text,
    turnId: text,
    approvalsReviewer: optional(ApprovalsReviewer),
    environments: optional(list(TurnEnvironmentParams)),
    model: optional(text),
    effort: optional(ReasoningEffort),
    summary: optional(ReasoningSummary),
    serviceTier: patch(text),
  },
  { strict: true },
);
export type TurnSettingsUpdateParams = Wire<typeof TurnSettingsUpdateParams>;

export const TurnSettingsUpdateStatus = oneOf('TurnSettingsUpdateStatus', ['applied', 'targetUnavailable']);
export type TurnSettingsUpdateStatus = Wire<typeof TurnSettingsUpdateStatus>;

export const TurnSettingsUpdateResponse = struct('TurnSettingsUpdateResponse', {
  status: TurnSettingsUpdateStatus,
});
export type TurnSettingsUpdateResponse = Wire<typeof TurnSettingsUpdateResponse>;

export const TurnToolOutput = struct('TurnToolOutput', {
  name: text,
  namespace: nullish(text),
  output: FunctionCallOutputBody,
  retain: omittable(bool, false),
});
export type TurnToolOutput = Wire<typeof TurnToolOutput>;

export const TurnStartParams = struct('TurnStartParams', {
  threadId: text,
  disabledPluginIds: optional(list(text)),
  clientUserMessageId: optional(text),
  input: list(UserInput),
  turnTrigger: optional(text),
  parentTurnId: optional(text),
  rootTurnId: optional(text),
  toolOutput: optional(TurnToolOutput),
  responsesapiClientMetadata: gated(optional(dict(text))),
  responsesapiClientMetadataPatch: gated(optional(dict(text))),
  additionalContext: gated(optional(dict(AdditionalContextEntry))),
  environments: gated(optional(list(TurnEnvironmentParams))),
  cwd: optional(path),
  runtimeWorkspaceRoots: gated(optional(list(AbsolutePathBuf))),
  approvalPolicy: optional(AskForApproval),
  approvalsReviewer: optional(ApprovalsReviewer),
  sandboxPolicy: optional(SandboxPolicy),
  permissions: gated(optional(text)),
  model: optional(text),
  serviceTier: patch(text),
  serviceTierForTurn: optional(text),
  effort: optional(ReasoningEffort),
  summary: optional(ReasoningSummary),
  personality: optional(Personality),
  outputSchema: optional(json),
  collaborationMode: gated(optional(CollaborationMode)),
  multiAgentMode: gated(optional(MultiAgentMode)),
  cyberAccessProgram: gated(optional(CyberAccessProgram)),
});
export type TurnStartParams = Wire<typeof TurnStartParams>;

export const TurnStartResponse = struct('TurnStartResponse', {
  turn: Turn,
});
export type TurnStartResponse = Wire<typeof TurnStartResponse>;

export const TurnStartedNotification = struct('TurnStartedNotification', {
  threadId: text,
  turn: Turn,
});
export type TurnStartedNotification = Wire<typeof TurnStartedNotification>;

export const TurnSteerParams = struct('TurnSteerParams', {
  threadId: text,
  clientUserMessageId: optional(text),
  input: list(UserInput),
  responsesapiClientMetadata: gated(optional(dict(text))),
  responsesapiClientMetadataPatch: gated(optional(dict(text))),
  additionalContext: gated(optional(dict(AdditionalContextEntry))),
  expectedTurnId: text,
});
export type TurnSteerParams = Wire<typeof TurnSteerParams>;

export const TurnSteerResponse = struct('TurnSteerResponse', {
  turnId: text,
});
export type TurnSteerResponse = Wire<typeof TurnSteerResponse>;
