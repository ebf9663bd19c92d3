import { request } from './request.js';
import { ExtendedCommandExecResponse } from './extensions.js';
import * as account from './account.js';
import * as accountUsage from './account-usage.js';
import * as app from './app.js';
import * as backgroundTerminals from './background-terminals.js';
import * as collaborationMode from './collaboration-mode.js';
import * as commandExec from './command-exec.js';
import * as config from './config.js';
import * as configRequirements from './config-requirements.js';
import * as diagnostics from './diagnostics.js';
import * as environment from './environment.js';
import * as experimentalFeature from './experimental-feature.js';
import * as externalAgent from './external-agent.js';
import * as feedback from './feedback.js';
import * as fs from './fs.js';
import * as fuzzyFileSearch from './fuzzy-file-search.js';
import * as guardian from './guardian.js';
import * as hooks from './hooks.js';
import * as initialize from './initialize.js';
import * as legacy from './legacy.js';
import * as marketplace from './marketplace.js';
import * as mcp from './mcp.js';
import * as memory from './memory.js';
import * as model from './model.js';
import * as modelProvider from './model-provider.js';
import * as permissions from './permissions.js';
import * as plugin from './plugin.js';
import * as pluginShare from './plugin-share.js';
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
import * as turn from './turn.js';
import * as userVerification from './user-verification.js';
import * as windows from './windows.js';

/**
 * Every request that a client may send: family (the file its types are in), params, result. The order is the one in
 * which the unknown-method error lists them (spec/transport.md §1).
 */
export const clientRequests = {
  initialize: request('initialize', initialize.InitializeParams, initialize.InitializeResponse),
  'server/diagnostics': request(
    'diagnostics',
    diagnostics.ServerDiagnosticsParams,
    diagnostics.ServerDiagnosticsResponse,
    { gated: true },
  ),
  'userVerification/status': request(
    'user-verification',
    userVerification.UserVerificationStatusParams,
    userVerification.UserVerificationStatusResponse,
    { gated: true },
  ),
  'userVerification/enroll': request(
    'user-verification',
    userVerification.UserVerificationEnrollParams,
    userVerification.UserVerificationEnrollResponse,
    { gated: true },
  ),
  'userVerification/delete': request(
    'user-verification',
    userVerification.UserVerificationDeleteParams,
    userVerification.UserVerificationDeleteResponse,
    { gated: true },
  ),
  'userVerification/verify': request(
    'user-verification',
    userVerification.UserVerificationVerifyParams,
    userVerification.UserVerificationVerifyResponse,
    { gated: true },
  ),
  'userVerification/cancel': request(
    'user-verification',
    userVerification.UserVerificationCancelParams,
    userVerification.UserVerificationCancelResponse,
    { gated: true },
  ),
  'thread/start': request('thread', thread.ThreadStartParams, thread.ThreadStartResponse),
  'thread/resume': request('thread', thread.ThreadResumeParams, thread.ThreadResumeResponse),
  'thread/fork': request('thread', thread.ThreadForkParams, thread.ThreadForkResponse),
  'thread/sample': request('thread-control', threadControl.ThreadSampleParams, threadControl.ThreadSampleResponse, {
    gated: true,
  }),
  'thread/sample/cancel': request(
    'thread-control',
    threadControl.ThreadSampleCancelParams,
    threadControl.ThreadSampleCancelResponse,
    { gated: true },
  ),
  'thread/archive': request('thread-control', threadControl.ThreadArchiveParams, threadControl.ThreadArchiveResponse),
  'thread/delete': request('thread-control', threadControl.ThreadDeleteParams, threadControl.ThreadDeleteResponse),
  'thread/unsubscribe': request(
    'thread-control',
    threadControl.ThreadUnsubscribeParams,
    threadControl.ThreadUnsubscribeResponse,
  ),
  'thread/increment_elicitation': request(
    'thread-control',
    threadControl.ThreadIncrementElicitationParams,
    threadControl.ThreadIncrementElicitationResponse,
    { gated: true },
  ),
  'thread/decrement_elicitation': request(
    'thread-control',
    threadControl.ThreadDecrementElicitationParams,
    threadControl.ThreadDecrementElicitationResponse,
    { gated: true },
  ),
  'thread/name/set': request('thread-control', threadControl.ThreadSetNameParams, threadControl.ThreadSetNameResponse),
  'thread/prediction/request': request(
    'thread-control',
    threadControl.ThreadPredictionRequestParams,
    threadControl.ThreadPredictionRequestResponse,
    { gated: true },
  ),
  'thread/goal/set': request('thread-goal', threadGoal.ThreadGoalSetParams, threadGoal.ThreadGoalSetResponse),
  'thread/goal/get': request('thread-goal', threadGoal.ThreadGoalGetParams, threadGoal.ThreadGoalGetResponse),
  'thread/goal/clear': request('thread-goal', threadGoal.ThreadGoalClearParams, threadGoal.ThreadGoalClearResponse),
  'thread/queue/add': request('thread-queue', threadQueue.ThreadQueueAddParams, threadQueue.ThreadQueueAddResponse, {
    gated: true,
  }),
  'thread/queue/list': request('thread-queue', threadQueue.ThreadQueueListParams, threadQueue.ThreadQueueListResponse, {
    gated: true,
  }),
  'thread/queue/update': request(
    'thread-queue',
    threadQueue.ThreadQueueUpdateParams,
    threadQueue.ThreadQueueUpdateResponse,
    { gated: true },
  ),
  'thread/queue/delete': request(
    'thread-queue',
    threadQueue.ThreadQueueDeleteParams,
    threadQueue.ThreadQueueDeleteResponse,
    { gated: true },
  ),
  'thread/queue/reorder': request(
    'thread-queue',
    threadQueue.ThreadQueueReorderParams,
    threadQueue.ThreadQueueReorderResponse,
    { gated: true },
  ),
  'thread/queue/start': request(
    'thread-queue',
    threadQueue.ThreadQueueStartParams,
    threadQueue.ThreadQueueStartResponse,
    { gated: true },
  ),
  'thread/metadata/update': request(
    'thread-control',
    threadControl.ThreadMetadataUpdateParams,
    threadControl.ThreadMetadataUpdateResponse,
  ),
  'thread/attachment/add': request(
    'thread-attachment',
    threadAttachment.ThreadAttachmentAddParams,
    threadAttachment.ThreadAttachmentAddResponse,
  ),
  'thread/attachment/list': request(
    'thread-attachment',
    threadAttachment.ThreadAttachmentListParams,
    threadAttachment.ThreadAttachmentListResponse,
  ),
  'thread/attachmentOwner/list': request(
    'thread-attachment',
    threadAttachment.ThreadAttachmentOwnerListParams,
    threadAttachment.ThreadAttachmentOwnerListResponse,
  ),
  'thread/attachment/remove': request(
    'thread-attachment',
    threadAttachment.ThreadAttachmentRemoveParams,
    threadAttachment.ThreadAttachmentRemoveResponse,
  ),
  'thread/section/move': request(
    'thread-section',
    threadSection.ThreadSectionMoveParams,
    threadSection.ThreadSectionMoveResponse,
  ),
  'thread/settings/update': request(
    'thread-control',
    threadControl.ThreadSettingsUpdateParams,
    threadControl.ThreadSettingsUpdateResponse,
    { gated: true },
  ),
  'thread/memoryMode/set': request('memory', memory.ThreadMemoryModeSetParams, memory.ThreadMemoryModeSetResponse, {
    gated: true,
  }),
  'thread/memory/read': request('memory', memory.ThreadMemoryReadParams, memory.ThreadMemoryReadResponse, {
    gated: true,
  }),
  'memory/status': request('memory', memory.MemoryStatusParams, memory.MemoryStatusResponse, { gated: true }),
  'memory/reset': request('memory', null, memory.MemoryResetResponse, { gated: true }),
  'rollout/compress': request('memory', null, memory.RolloutCompressResponse, { gated: true }),
  'thread/unarchive': request(
    'thread-control',
    threadControl.ThreadUnarchiveParams,
    threadControl.ThreadUnarchiveResponse,
  ),
  'thread/compact/start': request(
    'thread-control',
    threadControl.ThreadCompactStartParams,
    threadControl.ThreadCompactStartResponse,
  ),
  'thread/shellCommand': request(
    'thread-control',
    threadControl.ThreadShellCommandParams,
    threadControl.ThreadShellCommandResponse,
  ),
  'thread/approveGuardianDeniedAction': request(
    'guardian',
    guardian.ThreadApproveGuardianDeniedActionParams,
    guardian.ThreadApproveGuardianDeniedActionResponse,
  ),
  'thread/backgroundTerminals/clean': request(
    'background-terminals',
    backgroundTerminals.ThreadBackgroundTerminalsCleanParams,
    backgroundTerminals.ThreadBackgroundTerminalsCleanResponse,
    { gated: true },
  ),
  'thread/backgroundTerminals/list': request(
    'background-terminals',
    backgroundTerminals.ThreadBackgroundTerminalsListParams,
    backgroundTerminals.ThreadBackgroundTerminalsListResponse,
    { gated: true },
  ),
  'thread/backgroundTerminals/terminate': request(
    'background-terminals',
    backgroundTerminals.ThreadBackgroundTerminalsTerminateParams,
    backgroundTerminals.ThreadBackgroundTerminalsTerminateResponse,
    { gated: true },
  ),
  'thread/revert': request('thread-history', threadHistory.ThreadRevertParams, threadHistory.ThreadRevertResponse),
  'thread/list': request('thread-list', threadList.ThreadListParams, threadList.ThreadListResponse),
  'project/list': request('project', project.ProjectListParams, project.ProjectListResponse, { gated: true }),
  'project/read': request('project', project.ProjectReadParams, project.ProjectReadResponse, { gated: true }),
  'project/create': request('project', project.ProjectCreateParams, project.ProjectCreateResponse, { gated: true }),
  'project/import': request('project', project.ProjectImportParams, project.ProjectImportResponse, { gated: true }),
  'project/update': request('project', project.ProjectUpdateParams, project.ProjectUpdateResponse, { gated: true }),
  'project/move': request('project', project.ProjectMoveParams, project.ProjectMoveResponse, { gated: true }),
  'project/delete': request('project', project.ProjectDeleteParams, project.ProjectDeleteResponse, { gated: true }),
  'threadSection/list': request(
    'thread-section',
    threadSection.ThreadSectionListParams,
    threadSection.ThreadSectionListResponse,
  ),
  'threadSection/create': request(
    'thread-section',
    threadSection.ThreadSectionCreateParams,
    threadSection.ThreadSectionCreateResponse,
  ),
  'threadSection/update': request(
    'thread-section',
    threadSection.ThreadSectionUpdateParams,
    threadSection.ThreadSectionUpdateResponse,
  ),
  'threadSection/delete': request(
    'thread-section',
    threadSection.ThreadSectionDeleteParams,
    threadSection.ThreadSectionDeleteResponse,
  ),
  'thread/search': request('thread-list', threadList.ThreadSearchParams, threadList.ThreadSearchResponse, {
    gated: true,
  }),
  'thread/searchOccurrences': request(
    'thread-list',
    threadList.ThreadSearchOccurrencesParams,
    threadList.ThreadSearchOccurrencesResponse,
    { gated: true },
  ),
  'thread/loaded/list': request('thread-list', threadList.ThreadLoadedListParams, threadList.ThreadLoadedListResponse),
  'thread/read': request('thread-list', threadList.ThreadReadParams, threadList.ThreadReadResponse),
  'thread/readState/update': request(
    'thread-list',
    threadList.ThreadReadStateUpdateParams,
    threadList.ThreadReadStateUpdateResponse,
    { gated: true },
  ),
  'thread/turns/list': request(
    'thread-history',
    threadHistory.ThreadTurnsListParams,
    threadHistory.ThreadTurnsListResponse,
  ),
  'thread/items/list': request(
    'thread-history',
    threadHistory.ThreadItemsListParams,
    threadHistory.ThreadItemsListResponse,
  ),
  'thread/items/read': request(
    'thread-history',
    threadHistory.ThreadItemsReadParams,
    threadHistory.ThreadItemsReadResponse,
    { gated: true },
  ),
  'thread/guardianReview': request(
    'guardian',
    guardian.ThreadGuardianReviewParams,
    guardian.ThreadGuardianReviewResponse,
    { gated: true },
  ),
  'thread/inject_items': request(
    'thread-history',
    threadHistory.ThreadInjectItemsParams,
    threadHistory.ThreadInjectItemsResponse,
  ),
  'thread/prepareApprovedPlan': request(
    'guardian',
    guardian.ThreadPrepareApprovedPlanParams,
    guardian.ThreadPrepareApprovedPlanResponse,
    { gated: true },
  ),
  'skills/list': request('skills', skills.SkillsListParams, skills.SkillsListResponse),
  'skills/extraRoots/set': request('skills', skills.SkillsExtraRootsSetParams, skills.SkillsExtraRootsSetResponse),
  'hooks/list': request('hooks', hooks.HooksListParams, hooks.HooksListResponse),
  'marketplace/add': request('marketplace', marketplace.MarketplaceAddParams, marketplace.MarketplaceAddResponse),
  'marketplace/remove': request(
    'marketplace',
    marketplace.MarketplaceRemoveParams,
    marketplace.MarketplaceRemoveResponse,
  ),
  'marketplace/upgrade': request(
    'marketplace',
    marketplace.MarketplaceUpgradeParams,
    marketplace.MarketplaceUpgradeResponse,
  ),
  'plugin/list': request('plugin', plugin.PluginListParams, plugin.PluginListResponse),
  'plugin/search': request('plugin', plugin.PluginSearchParams, plugin.PluginSearchResponse, { gated: true }),
  'plugin/installed': request('plugin', plugin.PluginInstalledParams, plugin.PluginInstalledResponse),
  'plugin/reconcile': request('plugin', plugin.PluginReconcileParams, plugin.PluginReconcileResponse),
  'plugin/read': request('plugin', plugin.PluginReadParams, plugin.PluginReadResponse),
  'plugin/skill/read': request('plugin', plugin.PluginSkillReadParams, plugin.PluginSkillReadResponse),
  'plugin/share/save': request('plugin-share', pluginShare.PluginShareSaveParams, pluginShare.PluginShareSaveResponse),
  'plugin/share/updateTargets': request(
    'plugin-share',
    pluginShare.PluginShareUpdateTargetsParams,
    pluginShare.PluginShareUpdateTargetsResponse,
  ),
  'plugin/share/list': request('plugin-share', pluginShare.PluginShareListParams, pluginShare.PluginShareListResponse),
  'plugin/share/checkout': request(
    'plugin-share',
    pluginShare.PluginShareCheckoutParams,
    pluginShare.PluginShareCheckoutResponse,
  ),
  'plugin/share/delete': request(
    'plugin-share',
    pluginShare.PluginShareDeleteParams,
    pluginShare.PluginShareDeleteResponse,
  ),
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
  'turn/settings/update': request('turn', turn.TurnSettingsUpdateParams, turn.TurnSettingsUpdateResponse, {
    gated: true,
  }),
  'turn/steer': request('turn', turn.TurnSteerParams, turn.TurnSteerResponse),
  'turn/interrupt': request('turn', turn.TurnInterruptParams, turn.TurnInterruptResponse),
  'thread/realtime/start': request(
    'realtime',
    realtime.ThreadRealtimeStartParams,
    realtime.ThreadRealtimeStartResponse,
    { gated: true },
  ),
  'thread/realtime/appendAudio': request(
    'realtime',
    realtime.ThreadRealtimeAppendAudioParams,
    realtime.ThreadRealtimeAppendAudioResponse,
    { gated: true },
  ),
  'thread/realtime/appendText': request(
    'realtime',
    realtime.ThreadRealtimeAppendTextParams,
    realtime.ThreadRealtimeAppendTextResponse,
    { gated: true },
  ),
  'thread/realtime/appendSpeech': request(
    'realtime',
    realtime.ThreadRealtimeAppendSpeechParams,
    realtime.ThreadRealtimeAppendSpeechResponse,
    { gated: true },
  ),
  'thread/realtime/stop': request('realtime', realtime.ThreadRealtimeStopParams, realtime.ThreadRealtimeStopResponse, {
    gated: true,
  }),
  'thread/timeline/list': request(
    'thread-history',
    threadHistory.ThreadTimelineListParams,
    threadHistory.ThreadTimelineListResponse,
    { gated: true },
  ),
  'thread/realtime/listVoices': request(
    'realtime',
    realtime.ThreadRealtimeListVoicesParams,
    realtime.ThreadRealtimeListVoicesResponse,
    { gated: true },
  ),
  'review/start': request('turn', turn.ReviewStartParams, turn.ReviewStartResponse),
  'model/list': request('model', model.ModelListParams, model.ModelListResponse),
  'account/gatewayOAuth/read': request(
    'model-provider',
    modelProvider.GatewayOAuthReadParams,
    modelProvider.GatewayOAuthReadResponse,
    { optional: true },
  ),
  'account/gatewayOAuth/login': request(
    'model-provider',
    modelProvider.GatewayOAuthLoginParams,
    modelProvider.GatewayOAuthLoginResponse,
    { optional: true },
  ),
  'account/gatewayOAuth/cancel': request('model-provider', null, modelProvider.GatewayOAuthCancelResponse),
  'modelProvider/list': request(
    'model-provider',
    modelProvider.ModelProviderListParams,
    modelProvider.ModelProviderListResponse,
  ),
  'modelProvider/config/write': request(
    'model-provider',
    modelProvider.ModelProviderConfigWriteParams,
    modelProvider.ModelProviderConfigWriteResponse,
  ),
  'modelProvider/capabilities/read': request(
    'model-provider',
    modelProvider.ModelProviderCapabilitiesReadParams,
    modelProvider.ModelProviderCapabilitiesReadResponse,
  ),
  'experimentalFeature/list': request(
    'experimental-feature',
    experimentalFeature.ExperimentalFeatureListParams,
    experimentalFeature.ExperimentalFeatureListResponse,
  ),
  'permissionProfile/list': request(
    'permissions',
    permissions.PermissionProfileListParams,
    permissions.PermissionProfileListResponse,
  ),
  'experimentalFeature/enablement/set': request(
    'experimental-feature',
    experimentalFeature.ExperimentalFeatureEnablementSetParams,
    experimentalFeature.ExperimentalFeatureEnablementSetResponse,
  ),
  'remoteControl/enable': request(
    'remote-control',
    remoteControl.RemoteControlEnableParams,
    remoteControl.RemoteControlEnableResponse,
    { gated: true, optional: true },
  ),
  'remoteControl/disable': request(
    'remote-control',
    remoteControl.RemoteControlDisableParams,
    remoteControl.RemoteControlDisableResponse,
    { gated: true, optional: true },
  ),
  'remoteControl/status/read': request('remote-control', null, remoteControl.RemoteControlStatusReadResponse, {
    gated: true,
  }),
  'remoteControl/pairing/start': request(
    'remote-control',
    remoteControl.RemoteControlPairingStartParams,
    remoteControl.RemoteControlPairingStartResponse,
    { gated: true },
  ),
  'remoteControl/pairing/status': request(
    'remote-control',
    remoteControl.RemoteControlPairingStatusParams,
    remoteControl.RemoteControlPairingStatusResponse,
    { gated: true },
  ),
  'remoteControl/client/list': request(
    'remote-control',
    remoteControl.RemoteControlClientsListParams,
    remoteControl.RemoteControlClientsListResponse,
    { gated: true },
  ),
  'remoteControl/client/revoke': request(
    'remote-control',
    remoteControl.RemoteControlClientsRevokeParams,
    remoteControl.RemoteControlClientsRevokeResponse,
    { gated: true },
  ),
  'collaborationMode/list': request(
    'collaboration-mode',
    collaborationMode.CollaborationModeListParams,
    collaborationMode.CollaborationModeListResponse,
    { gated: true },
  ),
  'mock/experimentalMethod': request(
    'diagnostics',
    diagnostics.MockExperimentalMethodParams,
    diagnostics.MockExperimentalMethodResponse,
    { gated: true },
  ),
  'environment/add': request('environment', environment.EnvironmentAddParams, environment.EnvironmentAddResponse, {
    gated: true,
  }),
  'environment/info': request('environment', environment.EnvironmentInfoParams, environment.EnvironmentInfoResponse, {
    gated: true,
  }),
  'environment/status': request(
    'environment',
    environment.EnvironmentStatusParams,
    environment.EnvironmentStatusResponse,
    { gated: true },
  ),
  'mcpServer/oauth/login': request('mcp', mcp.McpServerOauthLoginParams, mcp.McpServerOauthLoginResponse),
  'config/mcpServer/reload': request('mcp', null, mcp.McpServerRefreshResponse),
  'mcpServerStatus/list': request('mcp', mcp.ListMcpServerStatusParams, mcp.ListMcpServerStatusResponse),
  'mcpServer/resource/read': request('mcp', mcp.McpResourceReadParams, mcp.McpResourceReadResponse),
  'mcpServer/event/stream/start': request(
    'mcp',
    mcp.McpServerEventStreamStartParams,
    mcp.McpServerEventStreamStartResponse,
    { gated: true },
  ),
  'mcpServer/event/stream/stop': request(
    'mcp',
    mcp.McpServerEventStreamStopParams,
    mcp.McpServerEventStreamStopResponse,
    { gated: true },
  ),
  'mcpServer/tool/call': request('mcp', mcp.McpServerToolCallParams, mcp.McpServerToolCallResponse),
  'windowsSandbox/setupStart': request(
    'windows',
    windows.WindowsSandboxSetupStartParams,
    windows.WindowsSandboxSetupStartResponse,
  ),
  'windowsSandbox/readiness': request('windows', null, windows.WindowsSandboxReadinessResponse),
  'account/login/start': request('account', account.LoginAccountParams, account.LoginAccountResponse),
  'account/bedrock/discover': request(
    'model-provider',
    modelProvider.BedrockDiscoverParams,
    modelProvider.BedrockDiscoverResponse,
    { gated: true },
  ),
  'account/bedrock/setup': request(
    'model-provider',
    modelProvider.BedrockSetupParams,
    modelProvider.BedrockSetupResponse,
    { gated: true },
  ),
  'account/gcp/setup': request('model-provider', modelProvider.GcpSetupParams, modelProvider.GcpSetupResponse, {
    gated: true,
  }),
  'account/bedrock/checkGovCloudRequirements': request(
    'model-provider',
    modelProvider.BedrockCheckGovCloudRequirementsParams,
    modelProvider.BedrockCheckGovCloudRequirementsResponse,
    { gated: true },
  ),
  'account/login/cancel': request('account', account.CancelLoginAccountParams, account.CancelLoginAccountResponse),
  'accountSession/list': request('account', account.AccountSessionsListParams, account.AccountSessionsResponse, {
    gated: true,
  }),
  'accountSession/switch': request(
    'account',
    account.AccountSessionsSwitchParams,
    account.AccountSessionsSwitchResponse,
    { gated: true },
  ),
  'account/logout': request('account', null, account.LogoutAccountResponse),
  'account/securitySetup/read': request('account', null, account.GetAccountSecuritySetupResponse),
  'account/rateLimits/read': request(
    'account-usage',
    accountUsage.GetAccountRateLimitsParams,
    accountUsage.GetAccountRateLimitsResponse,
    { optional: true },
  ),
  'account/rateLimitResetCredit/consume': request(
    'account-usage',
    accountUsage.ConsumeAccountRateLimitResetCreditParams,
    accountUsage.ConsumeAccountRateLimitResetCreditResponse,
  ),
  'account/usage/read': request(
    'account-usage',
    accountUsage.GetAccountTokenUsageParams,
    accountUsage.GetAccountTokenUsageResponse,
    { optional: true },
  ),
  'account/workspaceMessages/read': request('account-usage', null, accountUsage.GetWorkspaceMessagesResponse),
  'account/sendAddCreditsNudgeEmail': request(
    'account-usage',
    accountUsage.SendAddCreditsNudgeEmailParams,
    accountUsage.SendAddCreditsNudgeEmailResponse,
  ),
  'feedback/upload': request('feedback', feedback.FeedbackUploadParams, feedback.FeedbackUploadResponse),
  'feedback/save': request('feedback', feedback.FeedbackSaveParams, feedback.FeedbackSaveResponse),
  'command/exec': request('command-exec', commandExec.CommandExecParams, ExtendedCommandExecResponse),
  'command/exec/write': request(
    'command-exec',
    commandExec.CommandExecWriteParams,
    commandExec.CommandExecWriteResponse,
  ),
  'command/exec/terminate': request(
    'command-exec',
    commandExec.CommandExecTerminateParams,
    commandExec.CommandExecTerminateResponse,
  ),
  'command/exec/resize': request(
    'command-exec',
    commandExec.CommandExecResizeParams,
    commandExec.CommandExecResizeResponse,
  ),
  'process/spawn': request('process', process.ProcessSpawnParams, process.ProcessSpawnResponse, { gated: true }),
  'process/writeStdin': request('process', process.ProcessWriteStdinParams, process.ProcessWriteStdinResponse, {
    gated: true,
  }),
  'process/kill': request('process', process.ProcessKillParams, process.ProcessKillResponse, { gated: true }),
  'process/resizePty': request('process', process.ProcessResizePtyParams, process.ProcessResizePtyResponse, {
    gated: true,
  }),
  'config/read': request('config', config.ConfigReadParams, config.ConfigReadResponse),
  'externalAgentConfig/detect': request(
    'external-agent',
    externalAgent.ExternalAgentConfigDetectParams,
    externalAgent.ExternalAgentConfigDetectResponse,
  ),
  'externalAgentConfig/import': request(
    'external-agent',
    externalAgent.ExternalAgentConfigImportParams,
    externalAgent.ExternalAgentConfigImportResponse,
  ),
  'externalAgentConfig/import/recordHistory': request(
    'external-agent',
    externalAgent.ExternalAgentConfigImportHistoryRecordParams,
    externalAgent.ExternalAgentConfigImportHistoryRecordResponse,
  ),
  'externalAgentConfig/import/readHistories': request(
    'external-agent',
    null,
    externalAgent.ExternalAgentConfigImportHistoriesReadResponse,
  ),
  'config/value/write': request('config', config.ConfigValueWriteParams, config.ConfigWriteResponse),
  'config/batchWrite': request('config', config.ConfigBatchWriteParams, config.ConfigWriteResponse),
  'configRequirements/read': request('config-requirements', null, configRequirements.ConfigRequirementsReadResponse),
  'account/read': request('account', account.GetAccountParams, account.GetAccountResponse),
  getConversationSummary: request('legacy', legacy.GetConversationSummaryParams, legacy.GetConversationSummaryResponse),
  gitDiffToRemote: request('legacy', legacy.GitDiffToRemoteParams, legacy.GitDiffToRemoteResponse),
  getAuthStatus: request('legacy', legacy.GetAuthStatusParams, legacy.GetAuthStatusResponse),
  fuzzyFileSearch: request(
    'fuzzy-file-search',
    fuzzyFileSearch.FuzzyFileSearchParams,
    fuzzyFileSearch.FuzzyFileSearchResponse,
  ),
  'fuzzyFileSearch/sessionStart': request(
    'fuzzy-file-search',
    fuzzyFileSearch.FuzzyFileSearchSessionStartParams,
    fuzzyFileSearch.FuzzyFileSearchSessionStartResponse,
    { gated: true },
  ),
  'fuzzyFileSearch/sessionUpdate': request(
    'fuzzy-file-search',
    fuzzyFileSearch.FuzzyFileSearchSessionUpdateParams,
    fuzzyFileSearch.FuzzyFileSearchSessionUpdateResponse,
    { gated: true },
  ),
  'fuzzyFileSearch/sessionStop': request(
    'fuzzy-file-search',
    fuzzyFileSearch.FuzzyFileSearchSessionStopParams,
    fuzzyFileSearch.FuzzyFileSearchSessionStopResponse,
    { gated: true },
  ),
} as const;
