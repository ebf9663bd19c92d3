/** Actions on a whole thread. */
import {
  bool,
  dict,
  gated,
  i64,
  list,
  nullish,
  omittable,
  omitted,
  oneOf,
  optional,
  patch,
  path,
  struct,
  tagged,
  text,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { RequestId } from '../common/envelope.js';
import { TurnEnvironmentParams } from '../common/environment.js';
import {
  CollaborationMode,
  MultiAgentMode,
  Personality,
  ReasoningEffort,
  ReasoningSummary,
} from '../common/model-settings.js';
import { ApprovalsReviewer, AskForApproval, SandboxPolicy } from '../common/permissions.js';
import { Thread, ThreadSource } from './thread.js';

export const ThreadArchiveParams = struct('ThreadArchiveParams', {
  threadId: text,
});
export type ThreadArchiveParams = Wire<typeof ThreadArchiveParams>;

export const ThreadArchiveResponse = struct('ThreadArchiveResponse', {});
export type ThreadArchiveResponse = Wire<typeof ThreadArchiveResponse>;

export const ThreadArchivedNotification = struct('ThreadArchivedNotification', {
  threadId: text,
});
export type ThreadArchivedNotification = Wire<typeof ThreadArchivedNotification>;

export const ThreadClosedNotification = struct('ThreadClosedNotification', {
  threadId: text,
});
export type ThreadClosedNotification = Wire<typeof ThreadClosedNotification>;

export const ThreadCompactStartParams = struct('ThreadCompactStartParams', {
  threadId: text,
});
export type ThreadCompactStartParams = Wire<typeof ThreadCompactStartParams>;

export const ThreadCompactStartResponse = struct('ThreadCompactStartResponse', {});
export type ThreadCompactStartResponse = Wire<typeof ThreadCompactStartResponse>;

export const ThreadDecrementElicitationParams = struct('ThreadDecrementElicitationParams', {
  threadId: text,
});
export type ThreadDecrementElicitationParams = Wire<typeof ThreadDecrementElicitationParams>;

export const ThreadDecrementElicitationResponse = struct('ThreadDecrementElicitationResponse', {
  count: i64,
  paused: bool,
});
export type ThreadDecrementElicitationResponse = Wire<typeof ThreadDecrementElicitationResponse>;

export const ThreadDeleteParams = struct('ThreadDeleteParams', {
  threadId: text,
});
export type ThreadDeleteParams = Wire<typeof ThreadDeleteParams>;

export const ThreadDeleteResponse = struct('ThreadDeleteResponse', {});
export type ThreadDeleteResponse = Wire<typeof ThreadDeleteResponse>;

export const ThreadDeletedNotification = struct('ThreadDeletedNotification', {
  threadId: text,
});
export type ThreadDeletedNotification = Wire<typeof ThreadDeletedNotification>;

export const ThreadIncrementElicitationParams = struct('ThreadIncrementElicitationParams', {
  threadId: text,
});
export type ThreadIncrementElicitationParams = Wire<typeof ThreadIncrementElicitationParams>;

export const ThreadIncrementElicitationResponse = struct('ThreadIncrementElicitationResponse', {
  count: i64,
  paused: bool,
});
export type ThreadIncrementElicitationResponse = Wire<typeof ThreadIncrementElicitationResponse>;

export const ThreadMetadataGitInfoUpdateParams = struct('ThreadMetadataGitInfoUpdateParams', {
  sha: patch(text),
  branch: patch(text),
  originUrl: patch(text),
});
export type ThreadMetadataGitInfoUpdateParams = Wire<typeof ThreadMetadataGitInfoUpdateParams>;

export const ThreadMetadataUpdateParams = struct('ThreadMetadataUpdateParams', {
  threadId: text,
  projectId: gated(optional(text)),
  gitInfo: optional(ThreadMetadataGitInfoUpdateParams),
  daybreakEnabled: gated(optional(bool)),
});
export type ThreadMetadataUpdateParams = Wire<typeof ThreadMetadataUpdateParams>;

export const ThreadMetadataUpdateResponse = struct('ThreadMetadataUpdateResponse', {
  thread: Thread,
});
export type ThreadMetadataUpdateResponse = Wire<typeof ThreadMetadataUpdateResponse>;

export const ThreadNameUpdatedNotification = struct('ThreadNameUpdatedNotification', {
  threadId: text,
  threadName: omitted(text),
});
export type ThreadNameUpdatedNotification = Wire<typeof ThreadNameUpdatedNotification>;

export const ThreadPredictionRequestParams = struct('ThreadPredictionRequestParams', {
  threadId: text,
  sourceTurnId: text,
});
export type ThreadPredictionRequestParams = Wire<typeof ThreadPredictionRequestParams>;

export const ThreadPredictionRequestResponse = struct('ThreadPredictionRequestResponse', {});
export type ThreadPredictionRequestResponse = Wire<typeof ThreadPredictionRequestResponse>;

export const ThreadPredictionResult = tagged('ThreadPredictionResult', 'type', {
  completed: {
    text: nullish(text),
  },
  failed: {},
});
export type ThreadPredictionResult = Wire<typeof ThreadPredictionResult>;

export const ThreadPredictionUpdatedNotification = struct('ThreadPredictionUpdatedNotification', {
  threadId: text,
  sourceTurnId: text,
  result: ThreadPredictionResult,
});
export type ThreadPredictionUpdatedNotification = Wire<typeof ThreadPredictionUpdatedNotification>;

export const ThreadSampleCancelParams = struct(
  'ThreadSampleCancelParams',
  {
    requestId: RequestId,
  },
  { strict: true },
);
export type ThreadSampleCancelParams = Wire<typeof ThreadSampleCancelParams>;

export const ThreadSampleCancelResponse = struct('ThreadSampleCancelResponse', {});
export type ThreadSampleCancelResponse = Wire<typeof ThreadSampleCancelResponse>;

export const ThreadSampleParams = struct('ThreadSampleParams', {
  threadId: text,
  expectedTurnId: text,
  allowInProgressTurn: omittable(bool, false),
  prompt: text,
  effort: optional(ReasoningEffort),
  threadSource: optional(ThreadSource),
  turnTrigger: optional(text),
  responsesapiClientMetadata: optional(dict(text)),
  disableMcp: omittable(bool, false),
  interruptOnCancel: optional(bool),
});
export type ThreadSampleParams = Wire<typeof ThreadSampleParams>;

export const ThreadSampleResponse = struct('ThreadSampleResponse', {
  sourceTurnId: text,
  responseId: text,
  text: nullish(text),
  inputTokens: nullish(i64),
  cachedInputTokens: nullish(i64),
  outputTokens: nullish(i64),
});
export type ThreadSampleResponse = Wire<typeof ThreadSampleResponse>;

export const ThreadSetNameParams = struct('ThreadSetNameParams', {
  threadId: text,
  name: text,
});
export type ThreadSetNameParams = Wire<typeof ThreadSetNameParams>;

export const ThreadSetNameResponse = struct('ThreadSetNameResponse', {});
export type ThreadSetNameResponse = Wire<typeof ThreadSetNameResponse>;

export const ThreadSettingsUpdateParams = struct('ThreadSettingsUpdateParams', {
  threadId: text,
  disabledPluginIds: optional(list(text)),
  cwd: optional(path),
  environments: optional(list(TurnEnvironmentParams)),
  approvalPolicy: optional(AskForApproval),
  approvalsReviewer: optional(ApprovalsReviewer),
  sandboxPolicy: optional(SandboxPolicy),
  permissions: optional(text),
  model: optional(text),
  serviceTier: patch(text),
  effort: optional(ReasoningEffort),
  summary: optional(ReasoningSummary),
  collaborationMode: optional(CollaborationMode),
  multiAgentMode: optional(MultiAgentMode),
  personality: optional(Personality),
});
export type ThreadSettingsUpdateParams = Wire<typeof ThreadSettingsUpdateParams>;

export const ThreadSettingsUpdateResponse = struct('ThreadSettingsUpdateResponse', {});
export type ThreadSettingsUpdateResponse = Wire<typeof ThreadSettingsUpdateResponse>;

export const ThreadShellCommandParams = struct('ThreadShellCommandParams', {
  threadId: text,
  command: text,
  timeoutMs: optional(i64),
});
export type ThreadShellCommandParams = Wire<typeof ThreadShellCommandParams>;

export const ThreadShellCommandResponse = struct('ThreadShellCommandResponse', {});
export type ThreadShellCommandResponse = Wire<typeof ThreadShellCommandResponse>;

export const ThreadUnarchiveParams = struct('ThreadUnarchiveParams', {
  threadId: text,
});
export type ThreadUnarchiveParams = Wire<typeof ThreadUnarchiveParams>;

export const ThreadUnarchiveResponse = struct('ThreadUnarchiveResponse', {
  thread: Thread,
});
export type ThreadUnarchiveResponse = Wire<typeof ThreadUnarchiveResponse>;

export const ThreadUnarchivedNotification = struct('ThreadUnarchivedNotification', {
  threadId: text,
});
export type ThreadUnarchivedNotification = Wire<typeof ThreadUnarchivedNotification>;

export const ThreadUnsubscribeParams = struct('ThreadUnsubscribeParams', {
  threadId: text,
});
export type ThreadUnsubscribeParams = Wire<typeof ThreadUnsubscribeParams>;

export const ThreadUnsubscribeStatus = oneOf('ThreadUnsubscribeStatus', ['notLoaded', 'notSubscribed', 'unsubscribed']);
export type ThreadUnsubscribeStatus = Wire<typeof ThreadUnsubscribeStatus>;

export const ThreadUnsubscribeResponse = struct('ThreadUnsubscribeResponse', {
  status: ThreadUnsubscribeStatus,
});
export type ThreadUnsubscribeResponse = Wire<typeof ThreadUnsubscribeResponse>;
