import { gatedRequest, request } from './protocol/common/request.js';
import {
  ExtendedCommandExecResponse,
  ExtendedThreadResumeParams,
  ExtendedThreadResumeResponse,
} from './protocol/approvals/extensions.js';
import * as account from './protocol/services/account.js';
import * as accountUsage from './protocol/services/account-usage.js';
import * as app from './protocol/services/app.js';
import * as backgroundTerminals from './protocol/exec/background-terminals.js';
import * as collaborationMode from './protocol/threads/collaboration-mode.js';
import * as commandExec from './protocol/exec/command-exec.js';
import * as config from './protocol/config/config.js';
import * as configRequirements from './protocol/config/config-requirements.js';
import * as diagnostics from './protocol/common/diagnostics.js';
import * as environment from './protocol/common/environment.js';
import * as experimentalFeature from './protocol/config/experimental-feature.js';
import * as externalAgent from './protocol/services/external-agent.js';
import * as feedback from './protocol/services/feedback.js';
import * as fs from './protocol/exec/fs.js';
import * as fuzzyFileSearch from './protocol/exec/fuzzy-file-search.js';
import * as guardian from './protocol/approvals/guardian.js';
import * as hooks from './protocol/services/hooks.js';
import * as initialize from './protocol/common/initialize.js';
import * as legacy from './protocol/services/legacy.js';
import * as marketplace from './protocol/services/marketplace.js';
import * as mcp from './protocol/services/mcp.js';
import * as memory from './protocol/services/memory.js';
import * as model from './protocol/services/model.js';
import * as modelProvider from './protocol/services/model-provider.js';
import * as permissions from './protocol/common/permissions.js';
import * as plugin from './protocol/services/plugin.js';
import * as pluginShare from './protocol/services/plugin-share.js';
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
import * as turn from './protocol/threads/turn.js';
import * as userVerification from './protocol/services/user-verification.js';
import * as windows from './protocol/exec/windows.js';

/**
 * Every request of a client: family (the file of its types), params, result. The order is the order of the
 * unknown-method error (docs/protocol/transport.md §1).
 */
// prettier-ignore
export const clientRequests = {
  'initialize': request('initialize', initialize.InitializeParams, initialize.InitializeResponse),
  'server/diagnostics': gatedRequest('diagnostics', diagnostics.ServerDiagnosticsParams, diagnostics.ServerDiagnosticsResponse),
  'userVerification/status': gatedRequest('user-verification', userVerification.UserVerificationStatusParams, userVerification.UserVerificationStatusResponse),
  'userVerification/enroll': gatedRequest('user-verification', userVerification.UserVerificationEnrollParams, userVerification.UserVerificationEnrollResponse),
  'userVerification/delete': gatedRequest('user-verification', userVerification.UserVerificationDeleteParams, userVerification.UserVerificationDeleteResponse),
  'userVerification/verify': gatedRequest('user-verification', userVerification.UserVerificationVerifyParams, userVerification.UserVerificationVerifyResponse),
  'userVerification/cancel': gatedRequest('user-verification', userVerification.UserVerificationCancelParams, userVerification.UserVerificationCancelResponse),
  'thread/start': request('thread', thread.ThreadStartParams, thread.ThreadStartResponse),
  'thread/resume': request('thread', ExtendedThreadResumeParams, ExtendedThreadResumeResponse),
  'thread/fork': request('thread', thread.ThreadForkParams, thread.ThreadForkResponse),
  'thread/sample': gatedRequest('thread-control', threadControl.ThreadSampleParams, threadControl.ThreadSampleResponse),
  'thread/sample/cancel': gatedRequest('thread-control', threadControl.ThreadSampleCancelParams, threadControl.ThreadSampleCancelResponse),
  'thread/archive': request('thread-control', threadControl.ThreadArchiveParams, threadControl.ThreadArchiveResponse),
  'thread/delete': request('thread-control', threadControl.ThreadDeleteParams, threadControl.ThreadDeleteResponse),
  'thread/unsubscribe': request('thread-control', threadControl.ThreadUnsubscribeParams, threadControl.ThreadUnsubscribeResponse),
  'thread/increment_elicitation': gatedRequest('thread-control', threadControl.ThreadIncrementElicitationParams, threadControl.ThreadIncrementElicitationResponse),
  'thread/decrement_elicitation': gatedRequest('thread-control', threadControl.ThreadDecrementElicitationParams, threadControl.ThreadDecrementElicitationResponse),
  'thread/name/set': request('thread-control', threadControl.ThreadSetNameParams, threadControl.ThreadSetNameResponse),
  'thread/prediction/request': gatedRequest('thread-control', threadControl.ThreadPredictionRequestParams, threadControl.ThreadPredictionRequestResponse),
  'thread/goal/set': request('thread-goal', threadGoal.ThreadGoalSetParams, threadGoal.ThreadGoalSetResponse),
  'thread/goal/get': request('thread-goal', threadGoal.ThreadGoalGetParams, threadGoal.ThreadGoalGetResponse),
  'thread/goal/clear': request('thread-goal', threadGoal.ThreadGoalClearParams, threadGoal.ThreadGoalClearResponse),
  'thread/queue/add': gatedRequest('thread-queue', threadQueue.ThreadQueueAddParams, threadQueue.ThreadQueueAddResponse),
  'thread/queue/list': gatedRequest('thread-queue', threadQueue.ThreadQueueListParams, threadQueue.ThreadQueueListResponse),
  'thread/queue/update': gatedRequest('thread-queue', threadQueue.ThreadQueueUpdateParams, threadQueue.ThreadQueueUpdateResponse),
  'thread/queue/delete': gatedRequest('thread-queue', threadQueue.ThreadQueueDeleteParams, threadQueue.ThreadQueueDeleteResponse),
  'thread/queue/reorder': gatedRequest('thread-queue', threadQueue.ThreadQueueReorderParams, threadQueue.ThreadQueueReorderResponse),
  'thread/queue/start': gatedRequest('thread-queue', threadQueue.ThreadQueueStartParams, threadQueue.ThreadQueueStartResponse),
  'thread/metadata/update': request('thread-control', threadControl.ThreadMetadataUpdateParams, threadControl.ThreadMetadataUpdateResponse),
  'thread/attachment/add': request('thread-attachment', threadAttachment.ThreadAttachmentAddParams, threadAttachment.ThreadAttachmentAddResponse),
  'thread/attachment/list': request('thread-attachment', threadAttachment.ThreadAttachmentListParams, threadAttachment.ThreadAttachmentListResponse),
  'thread/attachmentOwner/list': request('thread-attachment', threadAttachment.ThreadAttachmentOwnerListParams, threadAttachment.ThreadAttachmentOwnerListResponse),
  'thread/attachment/remove': request('thread-attachment', threadAttachment.ThreadAttachmentRemoveParams, threadAttachment.ThreadAttachmentRemoveResponse),
  'thread/section/move': request('thread-section', threadSection.ThreadSectionMoveParams, threadSection.ThreadSectionMoveResponse),
  'thread/settings/update': gatedRequest('thread-control', threadControl.ThreadSettingsUpdateParams, threadControl.ThreadSettingsUpdateResponse),
  'thread/memoryMode/set': gatedRequest('memory', memory.ThreadMemoryModeSetParams, memory.ThreadMemoryModeSetResponse),
  'thread/memory/read': gatedRequest('memory', memory.ThreadMemoryReadParams, memory.ThreadMemoryReadResponse),
  'memory/status': gatedRequest('memory', memory.MemoryStatusParams, memory.MemoryStatusResponse),
  'memory/reset': gatedRequest('memory', null, memory.MemoryResetResponse),
  'rollout/compress': gatedRequest('memory', null, memory.RolloutCompressResponse),
  'thread/unarchive': request('thread-control', threadControl.ThreadUnarchiveParams, threadControl.ThreadUnarchiveResponse),
  'thread/compact/start': request('thread-control', threadControl.ThreadCompactStartParams, threadControl.ThreadCompactStartResponse),
  'thread/shellCommand': request('thread-control', threadControl.ThreadShellCommandParams, threadControl.ThreadShellCommandResponse),
  'thread/approveGuardianDeniedAction': request('guardian', guardian.ThreadApproveGuardianDeniedActionParams, guardian.ThreadApproveGuardianDeniedActionResponse),
  'thread/backgroundTerminals/clean': gatedRequest('background-terminals', backgroundTerminals.ThreadBackgroundTerminalsCleanParams, backgroundTerminals.ThreadBackgroundTerminalsCleanResponse),
  'thread/backgroundTerminals/list': gatedRequest('background-terminals', backgroundTerminals.ThreadBackgroundTerminalsListParams, backgroundTerminals.ThreadBackgroundTerminalsListResponse),
  'thread/backgroundTerminals/terminate': gatedRequest('background-terminals', backgroundTerminals.ThreadBackgroundTerminalsTerminateParams, backgroundTerminals.ThreadBackgroundTerminalsTerminateResponse),
  'thread/revert': request('thread-history', threadHistory.ThreadRevertParams, threadHistory.ThreadRevertResponse),
  'thread/list': request('thread-list', threadList.ThreadListParams, threadList.ThreadListResponse),
  'project/list': gatedRequest('project', project.ProjectListParams, project.ProjectListResponse),
  'project/read': gatedRequest('project', project.ProjectReadParams, project.ProjectReadResponse),
  'project/create': gatedRequest('project', project.ProjectCreateParams, project.ProjectCreateResponse),
  'project/import': gatedRequest('project', project.ProjectImportParams, project.ProjectImportResponse),
  'project/update': gatedRequest('project', project.ProjectUpdateParams, project.ProjectUpdateResponse),
  'project/move': gatedRequest('project', project.ProjectMoveParams, project.ProjectMoveResponse),
  'project/delete': gatedRequest('project', project.ProjectDeleteParams, project.ProjectDeleteResponse),
  'threadSection/list': request('thread-section', threadSection.ThreadSectionListParams, threadSection.ThreadSectionListResponse),
  'threadSection/create': request('thread-section', threadSection.ThreadSectionCreateParams, threadSection.ThreadSectionCreateResponse),
  'threadSection/update': request('thread-section', threadSection.ThreadSectionUpdateParams, threadSection.ThreadSectionUpdateResponse),
  'threadSection/delete': request('thread-section', threadSection.ThreadSectionDeleteParams, threadSection.ThreadSectionDeleteResponse),
  'thread/search': gatedRequest('thread-list', threadList.ThreadSearchParams, threadList.ThreadSearchResponse),
  'thread/search/stream': gatedRequest('thread-list', threadList.ThreadSearchParams, threadList.ThreadSearchResponse),
  'thread/search/cancel': gatedRequest('thread-list', threadList.ThreadSearchCancelParams, threadList.ThreadSearchCancelResponse),
  'thread/search/stream/cancel': gatedRequest('thread-list', threadList.ThreadSearchCancelParams, threadList.ThreadSearchCancelResponse),
  'thread/searchOccurrences': gatedRequest('thread-list', threadList.ThreadSearchOccurrencesParams, threadList.ThreadSearchOccurrencesResponse),
  'thread/loaded/list': request('thread-list', threadList.ThreadLoadedListParams, threadList.ThreadLoadedListResponse),
  'thread/read': request('thread-list', threadList.ThreadReadParams, threadList.ThreadReadResponse),
  'thread/readState/update': gatedRequest('thread-list', threadList.ThreadReadStateUpdateParams, threadList.ThreadReadStateUpdateResponse),
  'thread/turns/list': request('thread-history', threadHistory.ThreadTurnsListParams, threadHistory.ThreadTurnsListResponse),
  'thread/items/list': request('thread-history', threadHistory.ThreadItemsListParams, threadHistory.ThreadItemsListResponse),
  'thread/items/read': gatedRequest('thread-history', threadHistory.ThreadItemsReadParams, threadHistory.ThreadItemsReadResponse),
  'thread/guardianReview': gatedRequest('guardian', guardian.ThreadGuardianReviewParams, guardian.ThreadGuardianReviewResponse),
  'thread/inject_items': request('thread-history', threadHistory.ThreadInjectItemsParams, threadHistory.ThreadInjectItemsResponse),
  'thread/prepareApprovedPlan': gatedRequest('guardian', guardian.ThreadPrepareApprovedPlanParams, guardian.ThreadPrepareApprovedPlanResponse),
  'skills/list': request('skills', skills.SkillsListParams, skills.SkillsListResponse),
  'skills/extraRoots/set': request('skills', skills.SkillsExtraRootsSetParams, skills.SkillsExtraRootsSetResponse),
  'hooks/list': request('hooks', hooks.HooksListParams, hooks.HooksListResponse),
  'marketplace/add': request('marketplace', marketplace.MarketplaceAddParams, marketplace.MarketplaceAddResponse),
  'marketplace/remove': request('marketplace', marketplace.MarketplaceRemoveParams, marketplace.MarketplaceRemoveResponse),
  'marketplace/upgrade': request('marketplace', marketplace.MarketplaceUpgradeParams, marketplace.MarketplaceUpgradeResponse),
  'plugin/list': request('plugin', plugin.PluginListParams, plugin.PluginListResponse),
  'plugin/search': gatedRequest('plugin', plugin.PluginSearchParams, plugin.PluginSearchResponse),
  'plugin/installed': request('plugin', plugin.PluginInstalledParams, plugin.PluginInstalledResponse),
  'plugin/reconcile': request('plugin', plugin.PluginReconcileParams, plugin.PluginReconcileResponse),
  'plugin/read': request('plugin', plugin.PluginReadParams, plugin.PluginReadResponse),
  'plugin/skill/read': request('plugin', plugin.PluginSkillReadParams, plugin.PluginSkillReadResponse),
  'plugin/share/save': request('plugin-share', pluginShare.PluginShareSaveParams, pluginShare.PluginShareSaveResponse),
  'plugin/share/updateTargets': request('plugin-share', pluginShare.PluginShareUpdateTargetsParams, pluginShare.PluginShareUpdateTargetsResponse),
  'plugin/share/list': request('plugin-share', pluginShare.PluginShareListParams, pluginShare.PluginShareListResponse),
  'plugin/share/checkout': request('plugin-share', pluginShare.PluginShareCheckoutParams, pluginShare.PluginShareCheckoutResponse),
  'plugin/share/delete': request('plugin-share', pluginShare.PluginShareDeleteParams, pluginShare.PluginShareDeleteResponse),
  'app/read': request('app', app.AppsReadParams, app.AppsReadResponse),
  'app/list': request('app', app.AppsListParams, app.AppsListResponse),
  'app/installed': request('app', app.AppsInstalledParams, app.AppsInstalledResponse),
  'fs/readFile': request('fs', fs.FsReadFileParams, fs.FsReadFileResponse),
  'fs/writeFile': request('fs', fs.FsWriteFileParams, fs.FsWriteFileResponse),
  'fs/createDirectory': request('fs', fs.FsCreateDirectoryParams, fs.FsCreateDirectoryResponse),
  'fs/getMetadata': request('fs', fs.FsGetMetadataParams, fs.FsGetMetadataResponse),
  'fs/readDirectory': request('fs', fs.FsReadDirectoryParams, fs.FsReadDirectoryResponse),
  'fs/remove': request('fs', fs.FsRemoveParams, fs.FsRemoveResponse),
  'fs/copy': request('fs', fs.FsCopyParams, fs.FsCopyResponse),
  'fs/watch': request('fs', fs.FsWatchParams, fs.FsWatchResponse),
  'fs/unwatch': request('fs', fs.FsUnwatchParams, fs.FsUnwatchResponse),
  'skills/config/write': request('skills', skills.SkillsConfigWriteParams, skills.SkillsConfigWriteResponse),
  'plugin/install': request('plugin', plugin.PluginInstallParams, plugin.PluginInstallResponse),
  'plugin/uninstall': request('plugin', plugin.PluginUninstallParams, plugin.PluginUninstallResponse),
  'turn/start': request('turn', turn.TurnStartParams, turn.TurnStartResponse),
  'turn/settings/update': gatedRequest('turn', turn.TurnSettingsUpdateParams, turn.TurnSettingsUpdateResponse),
  'turn/steer': request('turn', turn.TurnSteerParams, turn.TurnSteerResponse),
  'turn/interrupt': request('turn', turn.TurnInterruptParams, turn.TurnInterruptResponse),
  'thread/realtime/start': gatedRequest('realtime', realtime.ThreadRealtimeStartParams, realtime.ThreadRealtimeStartResponse),
  'thread/realtime/appendAudio': gatedRequest('realtime', realtime.ThreadRealtimeAppendAudioParams, realtime.ThreadRealtimeAppendAudioResponse),
  'thread/realtime/appendText': gatedRequest('realtime', realtime.ThreadRealtimeAppendTextParams, realtime.ThreadRealtimeAppendTextResponse),
  'thread/realtime/appendSpeech': gatedRequest('realtime', realtime.ThreadRealtimeAppendSpeechParams, realtime.ThreadRealtimeAppendSpeechResponse),
  'thread/realtime/stop': gatedRequest('realtime', realtime.ThreadRealtimeStopParams, realtime.ThreadRealtimeStopResponse),
  'thread/timeline/list': gatedRequest('thread-history', threadHistory.ThreadTimelineListParams, threadHistory.ThreadTimelineListResponse),
  'thread/realtime/list': gatedRequest('realtime', realtime.ThreadRealtimeListParams, realtime.ThreadRealtimeListResponse),
  'thread/realtime/listVoices': gatedRequest('realtime', realtime.ThreadRealtimeListVoicesParams, realtime.ThreadRealtimeListVoicesResponse),
  'review/start': request('turn', turn.ReviewStartParams, turn.ReviewStartResponse),
  'model/list': request('model', model.ModelListParams, model.ModelListResponse),
  'account/gatewayOAuth/read': request('model-provider', modelProvider.GatewayOAuthReadParams, modelProvider.GatewayOAuthReadResponse, { optional: true }),
  'account/gatewayOAuth/login': request('model-provider', modelProvider.GatewayOAuthLoginParams, modelProvider.GatewayOAuthLoginResponse, { optional: true }),
  'account/gatewayOAuth/cancel': request('model-provider', null, modelProvider.GatewayOAuthCancelResponse),
  'modelProvider/list': request('model-provider', modelProvider.ModelProviderListParams, modelProvider.ModelProviderListResponse),
  'modelProvider/config/write': request('model-provider', modelProvider.ModelProviderConfigWriteParams, modelProvider.ModelProviderConfigWriteResponse),
  'modelProvider/default/set': request('model-provider', modelProvider.ModelProviderDefaultSetParams, config.ConfigWriteResponse),
  'modelProvider/capabilities/read': request('model-provider', modelProvider.ModelProviderCapabilitiesReadParams, modelProvider.ModelProviderCapabilitiesReadResponse),
  'experimentalFeature/list': request('experimental-feature', experimentalFeature.ExperimentalFeatureListParams, experimentalFeature.ExperimentalFeatureListResponse),
  'permissionProfile/list': request('permissions', permissions.PermissionProfileListParams, permissions.PermissionProfileListResponse),
  'experimentalFeature/enablement/set': request('experimental-feature', experimentalFeature.ExperimentalFeatureEnablementSetParams, experimentalFeature.ExperimentalFeatureEnablementSetResponse),
  'remoteControl/enable': gatedRequest('remote-control', remoteControl.RemoteControlEnableParams, remoteControl.RemoteControlEnableResponse, { optional: true }),
  'remoteControl/disable': gatedRequest('remote-control', remoteControl.RemoteControlDisableParams, remoteControl.RemoteControlDisableResponse, { optional: true }),
  'remoteControl/status/read': gatedRequest('remote-control', null, remoteControl.RemoteControlStatusReadResponse),
  'remoteControl/pairing/start': gatedRequest('remote-control', remoteControl.RemoteControlPairingStartParams, remoteControl.RemoteControlPairingStartResponse),
  'remoteControl/pairing/status': gatedRequest('remote-control', remoteControl.RemoteControlPairingStatusParams, remoteControl.RemoteControlPairingStatusResponse),
  'remoteControl/client/list': gatedRequest('remote-control', remoteControl.RemoteControlClientsListParams, remoteControl.RemoteControlClientsListResponse),
  'remoteControl/client/revoke': gatedRequest('remote-control', remoteControl.RemoteControlClientsRevokeParams, remoteControl.RemoteControlClientsRevokeResponse),
  'collaborationMode/list': gatedRequest('collaboration-mode', collaborationMode.CollaborationModeListParams, collaborationMode.CollaborationModeListResponse),
  'mock/experimentalMethod': gatedRequest('diagnostics', diagnostics.MockExperimentalMethodParams, diagnostics.MockExperimentalMethodResponse),
  'environment/add': gatedRequest('environment', environment.EnvironmentAddParams, environment.EnvironmentAddResponse),
  'environment/info': gatedRequest('environment', environment.EnvironmentInfoParams, environment.EnvironmentInfoResponse),
  'environment/status': gatedRequest('environment', environment.EnvironmentStatusParams, environment.EnvironmentStatusResponse),
  'mcpServer/oauth/login': request('mcp', mcp.McpServerOauthLoginParams, mcp.McpServerOauthLoginResponse),
  'config/mcpServer/reload': request('mcp', null, mcp.McpServerRefreshResponse),
  'mcpServerStatus/list': request('mcp', mcp.ListMcpServerStatusParams, mcp.ListMcpServerStatusResponse),
  'mcpServer/resource/read': request('mcp', mcp.McpResourceReadParams, mcp.McpResourceReadResponse),
  'mcpServer/event/stream/start': gatedRequest('mcp', mcp.McpServerEventStreamStartParams, mcp.McpServerEventStreamStartResponse),
  'mcpServer/event/stream/stop': gatedRequest('mcp', mcp.McpServerEventStreamStopParams, mcp.McpServerEventStreamStopResponse),
  'mcpServer/tool/call': request('mcp', mcp.McpServerToolCallParams, mcp.McpServerToolCallResponse),
  'windowsSandbox/setupStart': request('windows', windows.WindowsSandboxSetupStartParams, windows.WindowsSandboxSetupStartResponse),
  'windowsSandbox/readiness': request('windows', null, windows.WindowsSandboxReadinessResponse),
  'account/login/start': request('account', account.LoginAccountParams, account.LoginAccountResponse),
  'account/bedrock/discover': gatedRequest('model-provider', modelProvider.BedrockDiscoverParams, modelProvider.BedrockDiscoverResponse),
  'account/bedrock/setup': gatedRequest('model-provider', modelProvider.BedrockSetupParams, modelProvider.BedrockSetupResponse),
  'account/gcp/setup': gatedRequest('model-provider', modelProvider.GcpSetupParams, modelProvider.GcpSetupResponse),
  'account/bedrock/checkGovCloudRequirements': gatedRequest('model-provider', modelProvider.BedrockCheckGovCloudRequirementsParams, modelProvider.BedrockCheckGovCloudRequirementsResponse),
  'account/login/cancel': request('account', account.CancelLoginAccountParams, account.CancelLoginAccountResponse),
  'accountSession/list': gatedRequest('account', account.AccountSessionsListParams, account.AccountSessionsResponse),
  'accountSession/switch': gatedRequest('account', account.AccountSessionsSwitchParams, account.AccountSessionsSwitchResponse),
  'account/logout': request('account', null, account.LogoutAccountResponse),
  'account/securitySetup/read': request('account', null, account.GetAccountSecuritySetupResponse),
  'account/rateLimits/read': request('account-usage', accountUsage.GetAccountRateLimitsParams, accountUsage.GetAccountRateLimitsResponse, { optional: true }),
  'account/rateLimitResetCredit/consume': request('account-usage', accountUsage.ConsumeAccountRateLimitResetCreditParams, accountUsage.ConsumeAccountRateLimitResetCreditResponse),
  'account/usage/read': request('account-usage', accountUsage.GetAccountTokenUsageParams, accountUsage.GetAccountTokenUsageResponse, { optional: true }),
  'account/workspaceMessages/read': request('account-usage', null, accountUsage.GetWorkspaceMessagesResponse),
  'account/sendAddCreditsNudgeEmail': request('account-usage', accountUsage.SendAddCreditsNudgeEmailParams, accountUsage.SendAddCreditsNudgeEmailResponse),
  'feedback/upload': request('feedback', feedback.FeedbackUploadParams, feedback.FeedbackUploadResponse),
  'feedback/save': request('feedback', feedback.FeedbackSaveParams, feedback.FeedbackSaveResponse),
  'command/exec': request('command-exec', commandExec.CommandExecParams, ExtendedCommandExecResponse),
  'command/exec/write': request('command-exec', commandExec.CommandExecWriteParams, commandExec.CommandExecWriteResponse),
  'command/exec/terminate': request('command-exec', commandExec.CommandExecTerminateParams, commandExec.CommandExecTerminateResponse),
  'command/exec/resize': request('command-exec', commandExec.CommandExecResizeParams, commandExec.CommandExecResizeResponse),
  'process/spawn': gatedRequest('process', process.ProcessSpawnParams, process.ProcessSpawnResponse),
  'process/writeStdin': gatedRequest('process', process.ProcessWriteStdinParams, process.ProcessWriteStdinResponse),
  'process/kill': gatedRequest('process', process.ProcessKillParams, process.ProcessKillResponse),
  'process/resizePty': gatedRequest('process', process.ProcessResizePtyParams, process.ProcessResizePtyResponse),
  'config/read': request('config', config.ConfigReadParams, config.ConfigReadResponse),
  'externalAgentConfig/detect': request('external-agent', externalAgent.ExternalAgentConfigDetectParams, externalAgent.ExternalAgentConfigDetectResponse),
  'externalAgentConfig/import': request('external-agent', externalAgent.ExternalAgentConfigImportParams, externalAgent.ExternalAgentConfigImportResponse),
  'externalAgentConfig/import/recordHistory': request('external-agent', externalAgent.ExternalAgentConfigImportHistoryRecordParams, externalAgent.ExternalAgentConfigImportHistoryRecordResponse),
  'externalAgentConfig/import/readHistories': request('external-agent', null, externalAgent.ExternalAgentConfigImportHistoriesReadResponse),
  'config/value/write': request('config', config.ConfigValueWriteParams, config.ConfigWriteResponse),
  'config/batchWrite': request('config', config.ConfigBatchWriteParams, config.ConfigWriteResponse),
  'configRequirements/read': request('config-requirements', null, configRequirements.ConfigRequirementsReadResponse),
  'account/read': request('account', account.GetAccountParams, account.GetAccountResponse),
  'getConversationSummary': request('legacy', legacy.GetConversationSummaryParams, legacy.GetConversationSummaryResponse),
  'gitDiffToRemote': request('legacy', legacy.GitDiffToRemoteParams, legacy.GitDiffToRemoteResponse),
  'getAuthStatus': request('legacy', legacy.GetAuthStatusParams, legacy.GetAuthStatusResponse),
  'fuzzyFileSearch': request('fuzzy-file-search', fuzzyFileSearch.FuzzyFileSearchParams, fuzzyFileSearch.FuzzyFileSearchResponse),
  'fuzzyFileSearch/sessionStart': gatedRequest('fuzzy-file-search', fuzzyFileSearch.FuzzyFileSearchSessionStartParams, fuzzyFileSearch.FuzzyFileSearchSessionStartResponse),
  'fuzzyFileSearch/sessionUpdate': gatedRequest('fuzzy-file-search', fuzzyFileSearch.FuzzyFileSearchSessionUpdateParams, fuzzyFileSearch.FuzzyFileSearchSessionUpdateResponse),
  'fuzzyFileSearch/sessionStop': gatedRequest('fuzzy-file-search', fuzzyFileSearch.FuzzyFileSearchSessionStopParams, fuzzyFileSearch.FuzzyFileSearchSessionStopResponse),
} as const;
