import * as account from './protocol/services/account.js';
import * as accountUsage from './protocol/services/account-usage.js';
import * as app from './protocol/services/app.js';
import * as commandExec from './protocol/exec/command-exec.js';
import * as config from './protocol/config/config.js';
import * as envelope from './protocol/common/envelope.js';
import * as environment from './protocol/common/environment.js';
import * as externalAgent from './protocol/services/external-agent.js';
import * as fs from './protocol/exec/fs.js';
import * as fuzzyFileSearch from './protocol/exec/fuzzy-file-search.js';
import * as guardian from './protocol/approvals/guardian.js';
import * as hooks from './protocol/services/hooks.js';
import * as item from './protocol/threads/item.js';
import * as itemEvents from './protocol/threads/item-events.js';
import * as mcp from './protocol/services/mcp.js';
import * as model from './protocol/services/model.js';
import * as modelProvider from './protocol/services/model-provider.js';
import * as process from './protocol/exec/process.js';
import * as project from './protocol/services/project.js';
import * as realtime from './protocol/threads/realtime.js';
import * as remoteControl from './protocol/services/remote-control.js';
import * as skills from './protocol/services/skills.js';
import * as thread from './protocol/threads/thread.js';
import * as threadAttachment from './protocol/threads/thread-attachment.js';
import * as threadControl from './protocol/threads/thread-control.js';
import * as threadGoal from './protocol/threads/thread-goal.js';
import * as threadHistory from './protocol/threads/thread-history.js';
import * as threadList from './protocol/threads/thread-list.js';
import * as threadQueue from './protocol/threads/thread-queue.js';
import * as threadSection from './protocol/threads/thread-section.js';
import * as threadUsage from './protocol/threads/thread-usage.js';
import * as turn from './protocol/threads/turn.js';
import * as warnings from './protocol/common/warnings.js';
import * as windows from './protocol/exec/windows.js';

/** Every notification of the server, with its params. */
export const serverNotifications = {
  error: turn.ErrorNotification,
  'thread/started': thread.ThreadStartedNotification,
  'thread/status/changed': thread.ThreadStatusChangedNotification,
  'thread/readState/changed': threadList.ThreadReadStateChangedNotification,
  'thread/search/partial': threadList.ThreadSearchPartialNotification,
  'thread/archived': threadControl.ThreadArchivedNotification,
  'thread/deleted': threadControl.ThreadDeletedNotification,
  'thread/unarchived': threadControl.ThreadUnarchivedNotification,
  'thread/closed': threadControl.ThreadClosedNotification,
  'thread/reverted': threadHistory.ThreadRevertedNotification,
  'skills/changed': skills.SkillsChangedNotification,
  'thread/name/updated': threadControl.ThreadNameUpdatedNotification,
  'thread/section/changed': threadSection.ThreadSectionChangedNotification,
  'thread/attachment/updated': threadAttachment.ThreadAttachmentUpdatedNotification,
  'thread/goal/updated': threadGoal.ThreadGoalUpdatedNotification,
  'thread/prediction/updated': threadControl.ThreadPredictionUpdatedNotification,
  'thread/goal/cleared': threadGoal.ThreadGoalClearedNotification,
  'thread/queue/changed': threadQueue.ThreadQueueChangedNotification,
  'project/changed': project.ProjectChangedNotification,
  'thread/project/updated': project.ThreadProjectUpdatedNotification,
  'thread/environment/connected': environment.EnvironmentConnectionNotification,
  'thread/environment/disconnected': environment.EnvironmentConnectionNotification,
  'thread/settings/updated': thread.ThreadSettingsUpdatedNotification,
  'thread/tokenUsage/updated': threadUsage.ThreadTokenUsageUpdatedNotification,
  'turn/started': turn.TurnStartedNotification,
  'hook/started': hooks.HookStartedNotification,
  'turn/completed': turn.TurnCompletedNotification,
  'hook/completed': hooks.HookCompletedNotification,
  'turn/diff/updated': turn.TurnDiffUpdatedNotification,
  'turn/plan/updated': turn.TurnPlanUpdatedNotification,
  'item/started': itemEvents.ItemStartedNotification,
  'item/autoApprovalReview/started': guardian.ItemGuardianApprovalReviewStartedNotification,
  'item/autoApprovalReview/completed': guardian.ItemGuardianApprovalReviewCompletedNotification,
  'autoApprovalReview/strictReviewRequired': guardian.StrictReviewRequiredNotification,
  'item/completed': itemEvents.ItemCompletedNotification,
  'rawResponseItem/completed': itemEvents.RawResponseItemCompletedNotification,
  'rawResponse/completed': itemEvents.RawResponseCompletedNotification,
  'item/agentMessage/delta': itemEvents.AgentMessageDeltaNotification,
  'item/plan/delta': itemEvents.PlanDeltaNotification,
  'command/exec/outputDelta': commandExec.CommandExecOutputDeltaNotification,
  'process/outputDelta': process.ProcessOutputDeltaNotification,
  'process/exited': process.ProcessExitedNotification,
  'item/commandExecution/outputDelta': itemEvents.CommandExecutionOutputDeltaNotification,
  'item/commandExecution/terminalInteraction': itemEvents.TerminalInteractionNotification,
  'item/fileChange/outputDelta': itemEvents.FileChangeOutputDeltaNotification,
  'item/fileChange/patchUpdated': itemEvents.FileChangePatchUpdatedNotification,
  'serverRequest/resolved': envelope.ServerRequestResolvedNotification,
  'item/mcpToolCall/progress': item.McpToolCallProgressNotification,
  'mcpServer/oauthLogin/completed': mcp.McpServerOauthLoginCompletedNotification,
  'mcpServer/startupStatus/updated': mcp.McpServerStatusUpdatedNotification,
  'mcpServer/event/stream/notification': mcp.McpServerEventStreamNotification,
  'account/updated': account.AccountUpdatedNotification,
  'account/gatewayOAuth/changed': modelProvider.GatewayOAuthChangedNotification,
  'account/rateLimits/updated': accountUsage.AccountRateLimitsUpdatedNotification,
  'app/list/updated': app.AppListUpdatedNotification,
  'remoteControl/status/changed': remoteControl.RemoteControlStatusChangedNotification,
  'externalAgentConfig/import/progress': externalAgent.ExternalAgentConfigImportProgressNotification,
  'externalAgentConfig/import/completed': externalAgent.ExternalAgentConfigImportCompletedNotification,
  'fs/changed': fs.FsChangedNotification,
  'item/reasoning/summaryTextDelta': itemEvents.ReasoningSummaryTextDeltaNotification,
  'item/reasoning/summaryPartAdded': itemEvents.ReasoningSummaryPartAddedNotification,
  'item/reasoning/textDelta': itemEvents.ReasoningTextDeltaNotification,
  'thread/compacted': turn.ContextCompactedNotification,
  'model/rerouted': model.ModelReroutedNotification,
  'model/verification': model.ModelVerificationNotification,
  'modelProvider/authRecoveryStarted': modelProvider.AuthRecoveryNotification,
  'modelProvider/authRecoveryCompleted': modelProvider.AuthRecoveryNotification,
  'turn/moderationMetadata': turn.TurnModerationMetadataNotification,
  'model/safetyBuffering/updated': model.ModelSafetyBufferingUpdatedNotification,
  warning: warnings.WarningNotification,
  guardianWarning: guardian.GuardianWarningNotification,
  deprecationNotice: warnings.DeprecationNoticeNotification,
  configWarning: config.ConfigWarningNotification,
  'fuzzyFileSearch/sessionUpdated': fuzzyFileSearch.FuzzyFileSearchSessionUpdatedNotification,
  'fuzzyFileSearch/sessionCompleted': fuzzyFileSearch.FuzzyFileSearchSessionCompletedNotification,
  'thread/realtime/started': realtime.ThreadRealtimeStartedNotification,
  'thread/realtime/itemAdded': realtime.ThreadRealtimeItemAddedNotification,
  'thread/realtime/item/started': realtime.ThreadRealtimeItemStartedNotification,
  'thread/realtime/item/transcript/delta': realtime.ThreadRealtimeItemTranscriptDeltaNotification,
  'thread/realtime/item/completed': realtime.ThreadRealtimeItemCompletedNotification,
  'thread/realtime/transcript/delta': realtime.ThreadRealtimeTranscriptDeltaNotification,
  'thread/realtime/transcript/done': realtime.ThreadRealtimeTranscriptDoneNotification,
  'thread/realtime/outputAudio/delta': realtime.ThreadRealtimeOutputAudioDeltaNotification,
  'thread/realtime/sdp': realtime.ThreadRealtimeSdpNotification,
  'thread/realtime/error': realtime.ThreadRealtimeErrorNotification,
  'thread/realtime/closed': realtime.ThreadRealtimeClosedNotification,
  'windows/worldWritableWarning': windows.WindowsWorldWritableWarningNotification,
  'windowsSandbox/setupCompleted': windows.WindowsSandboxSetupCompletedNotification,
  'account/login/completed': account.AccountLoginCompletedNotification,
} as const;
