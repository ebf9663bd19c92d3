import * as account from './account.js';
import * as accountUsage from './account-usage.js';
import * as app from './app.js';
import * as commandExec from './command-exec.js';
import * as config from './config.js';
import * as envelope from './envelope.js';
import * as environment from './environment.js';
import * as externalAgent from './external-agent.js';
import * as fs from './fs.js';
import * as fuzzyFileSearch from './fuzzy-file-search.js';
import * as guardian from './guardian.js';
import * as hooks from './hooks.js';
import * as item from './item.js';
import * as itemEvents from './item-events.js';
import * as mcp from './mcp.js';
import * as model from './model.js';
import * as modelProvider from './model-provider.js';
import * as process from './process.js';
import * as project from './project.js';
import * as realtime from './realtime.js';
import * as remoteControl from './remote-control.js';
import * as skills from './skills.js';
import * as thread from './thread.js';
import * as threadAttachment from './thread-attachment.js';
import * as threadControl from './thread-control.js';
import * as threadGoal from './thread-goal.js';
import * as threadHistory from './thread-history.js';
import * as threadList from './thread-list.js';
import * as threadQueue from './thread-queue.js';
import * as threadSection from './thread-section.js';
import * as threadUsage from './thread-usage.js';
import * as turn from './turn.js';
import * as warnings from './warnings.js';
import * as windows from './windows.js';

/** Every notification of the server, with its params. */
export const serverNotifications = {
  error: turn.ErrorNotification,
  'thread/started': thread.ThreadStartedNotification,
  'thread/status/changed': thread.ThreadStatusChangedNotification,
  'thread/readState/changed': threadList.ThreadReadStateChangedNotification,
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
