/** Threads: starting, resuming, forking (docs/protocol/threads.md). */
import {
  bool,
  choice,
  defaulted,
  dict,
  gated,
  i32,
  i64,
  json,
  list,
  namedText,
  nullable,
  nullish,
  omittable,
  oneOf,
  optional,
  patch,
  path,
  struct,
  tagged,
  text,
  u32,
  word,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { SelectedCapabilityRoot, ThreadEnvironment, TurnEnvironmentParams } from '../common/environment.js';
import {
  CollaborationMode,
  MultiAgentMode,
  Personality,
  ReasoningEffort,
  ReasoningSummary,
} from '../common/model-settings.js';
import { AbsolutePathBuf, AgentPath, LegacyAppPathString, SortDirection, ThreadId } from '../common/paths.js';
import {
  ActivePermissionProfile,
  ApprovalsReviewer,
  AskForApproval,
  SandboxMode,
  SandboxPolicy,
} from '../common/permissions.js';
import { ResponseItem } from './response-item.js';
import { ThreadSection } from './thread-section.js';
import { Turn, TurnItemsView, TurnsPage } from './turn.js';
import { dynamicTools } from './dynamic-tools.js';

export const GitInfo = struct('GitInfo', {
  sha: nullish(text),
  branch: nullish(text),
  originUrl: nullish(text),
});
export type GitInfo = Wire<typeof GitInfo>;

export const SubAgentSource = choice('SubAgentSource', {
  review: word,
  compact: word,
  thread_spawn: struct(null, {
    parent_thread_id: ThreadId,
    depth: i32,
    agent_path: nullish(AgentPath),
    agent_nickname: nullish(text),
    agent_role: nullish(text),
  }),
  memory_consolidation: word,
  other: text,
});
export type SubAgentSource = Wire<typeof SubAgentSource>;

export const SessionSource = choice('SessionSource', {
  cli: word,
  vscode: word,
  exec: word,
  appServer: word,
  custom: text,
  subAgent: SubAgentSource,
  unknown: word,
});
export type SessionSource = Wire<typeof SessionSource>;

export const ThreadExtra = struct('ThreadExtra', {});
export type ThreadExtra = Wire<typeof ThreadExtra>;

export const ThreadHistoryMode = oneOf('ThreadHistoryMode', ['legacy', 'paginated']);
export type ThreadHistoryMode = Wire<typeof ThreadHistoryMode>;

export const ThreadActiveFlag = oneOf('ThreadActiveFlag', ['waitingOnApproval', 'waitingOnUserInput']);
export type ThreadActiveFlag = Wire<typeof ThreadActiveFlag>;

export const ThreadStatus = tagged('ThreadStatus', 'type', {
  notLoaded: {},
  idle: {},
  systemError: {},
  active: {
    activeFlags: list(ThreadActiveFlag),
  },
});
export type ThreadStatus = Wire<typeof ThreadStatus>;

export const ThreadSource = namedText('ThreadSource');
export type ThreadSource = Wire<typeof ThreadSource>;

export const Thread = struct('Thread', {
  id: text,
  environments: gated(nullish(list(ThreadEnvironment))),
  extra: gated(nullish(ThreadExtra)),
  sessionId: text,
  forkedFromId: nullish(text),
  attachedToThreadId: gated(nullish(text)),
  parentThreadId: nullish(text),
  preview: text,
  ephemeral: bool,
  section: nullish(ThreadSection),
  sectionEnteredAt: nullish(i64),
  projectId: nullable(text),
  historyMode: defaulted(ThreadHistoryMode, 'legacy'),
  modelProvider: text,
  model: nullish(text),
  reasoningEffort: nullish(ReasoningEffort),
  createdAt: i64,
  updatedAt: i64,
  recencyAt: nullish(i64),
  status: ThreadStatus,
  path: nullish(text),
  cwd: AbsolutePathBuf,
  cliVersion: text,
  originator: nullish(text),
  source: SessionSource,
  canAcceptDirectInput: gated(nullish(bool)),
  threadSource: nullish(ThreadSource),
  agentNickname: nullish(text),
  agentRole: nullish(text),
  gitInfo: nullish(GitInfo),
  name: nullish(text),
  daybreakEnabled: gated(nullish(bool)),
  turns: list(Turn),
});
export type Thread = Wire<typeof Thread>;

export const ThreadForkParams = struct('ThreadForkParams', {
  threadId: text,
  experimentalPredictionMode: gated(omittable(bool, false)),
  experimentalDisablePredictionMcp: gated(omittable(bool, false)),
  lastTurnId: optional(text),
  beforeTurnId: gated(optional(text)),
  path: gated(optional(path)),
  model: optional(text),
  modelProvider: optional(text),
  serviceTier: patch(text),
  cwd: optional(text),
  runtimeWorkspaceRoots: gated(optional(list(AbsolutePathBuf))),
  approvalPolicy: optional(AskForApproval),
  approvalsReviewer: optional(ApprovalsReviewer),
  sandbox: optional(SandboxMode),
  permissions: gated(optional(text)),
  config: optional(dict(json)),
  baseInstructions: optional(text),
  developerInstructions: optional(text),
  ephemeral: omittable(bool, false),
  attachToSource: gated(omittable(bool, false)),
  threadSource: optional(ThreadSource),
  excludeTurns: omittable(bool, false),
  deferGoalContinuation: gated(omittable(bool, false)),
});
export type ThreadForkParams = Wire<typeof ThreadForkParams>;

export const ThreadForkResponse = struct('ThreadForkResponse', {
  thread: Thread,
  model: text,
  modelProvider: text,
  serviceTier: nullish(text),
  disabledPluginIds: defaulted(list(text), []),
  cwd: AbsolutePathBuf,
  runtimeWorkspaceRoots: gated(defaulted(list(AbsolutePathBuf), [])),
  instructionSources: defaulted(list(LegacyAppPathString), []),
  approvalPolicy: AskForApproval,
  approvalsReviewer: ApprovalsReviewer,
  sandbox: SandboxPolicy,
  activePermissionProfile: gated(nullish(ActivePermissionProfile)),
  reasoningEffort: nullish(ReasoningEffort),
  multiAgentMode: gated(defaulted(MultiAgentMode, 'explicitRequestOnly')),
});
export type ThreadForkResponse = Wire<typeof ThreadForkResponse>;

export const ThreadResumeInitialTurnsPageParams = struct('ThreadResumeInitialTurnsPageParams', {
  limit: optional(u32),
  sortDirection: optional(SortDirection),
  itemsView: optional(TurnItemsView),
});
export type ThreadResumeInitialTurnsPageParams = Wire<typeof ThreadResumeInitialTurnsPageParams>;

export const ThreadResumeParams = struct('ThreadResumeParams', {
  threadId: text,
  history: gated(optional(list(ResponseItem))),
  path: gated(optional(path)),
  model: optional(text),
  modelProvider: optional(text),
  serviceTier: patch(text),
  cwd: optional(text),
  runtimeWorkspaceRoots: gated(optional(list(AbsolutePathBuf))),
  approvalPolicy: optional(AskForApproval),
  approvalsReviewer: optional(ApprovalsReviewer),
  sandbox: optional(SandboxMode),
  permissions: gated(optional(text)),
  config: optional(dict(json)),
  baseInstructions: optional(text),
  developerInstructions: optional(text),
  personality: optional(Personality),
  excludeTurns: omittable(bool, false),
  initialTurnsPage: gated(optional(ThreadResumeInitialTurnsPageParams)),
});
export type ThreadResumeParams = Wire<typeof ThreadResumeParams>;

export const ThreadResumeResponse = struct('ThreadResumeResponse', {
  thread: Thread,
  model: text,
  modelProvider: text,
  serviceTier: nullish(text),
  disabledPluginIds: defaulted(list(text), []),
  cwd: AbsolutePathBuf,
  runtimeWorkspaceRoots: gated(defaulted(list(AbsolutePathBuf), [])),
  instructionSources: defaulted(list(LegacyAppPathString), []),
  approvalPolicy: AskForApproval,
  approvalsReviewer: ApprovalsReviewer,
  sandbox: SandboxPolicy,
  activePermissionProfile: gated(nullish(ActivePermissionProfile)),
  reasoningEffort: nullish(ReasoningEffort),
  collaborationMode: nullish(CollaborationMode),
  multiAgentMode: gated(defaulted(MultiAgentMode, 'explicitRequestOnly')),
  initialTurnsPage: gated(nullish(TurnsPage)),
  turnsBackwardsCursor: nullish(text),
  itemsBackwardsCursor: nullish(text),
});
export type ThreadResumeResponse = Wire<typeof ThreadResumeResponse>;

export const ThreadSettings = struct('ThreadSettings', {
  disabledPluginIds: defaulted(list(text), []),
  cwd: AbsolutePathBuf,
  environments: gated(nullish(list(ThreadEnvironment))),
  approvalPolicy: AskForApproval,
  approvalsReviewer: ApprovalsReviewer,
  sandboxPolicy: SandboxPolicy,
  activePermissionProfile: nullish(ActivePermissionProfile),
  model: text,
  modelProvider: text,
  serviceTier: nullish(text),
  effort: nullish(ReasoningEffort),
  summary: nullish(ReasoningSummary),
  collaborationMode: CollaborationMode,
  multiAgentMode: gated(defaulted(MultiAgentMode, 'explicitRequestOnly')),
  personality: nullish(Personality),
});
export type ThreadSettings = Wire<typeof ThreadSettings>;

export const ThreadSettingsUpdatedNotification = struct('ThreadSettingsUpdatedNotification', {
  threadId: text,
  threadSettings: ThreadSettings,
});
export type ThreadSettingsUpdatedNotification = Wire<typeof ThreadSettingsUpdatedNotification>;

export const ThreadStartSource = oneOf('ThreadStartSource', ['startup', 'clear']);
export type ThreadStartSource = Wire<typeof ThreadStartSource>;

export const ThreadStartParams = struct('ThreadStartParams', {
  model: optional(text),
  modelProvider: optional(text),
  allowProviderModelFallback: gated(omittable(bool, false)),
  serviceTier: patch(text),
  cwd: optional(text),
  runtimeWorkspaceRoots: gated(optional(list(AbsolutePathBuf))),
  approvalPolicy: optional(AskForApproval),
  approvalsReviewer: optional(ApprovalsReviewer),
  sandbox: optional(SandboxMode),
  permissions: gated(optional(text)),
  config: optional(dict(json)),
  serviceName: optional(text),
  baseInstructions: optional(text),
  developerInstructions: optional(text),
  personality: optional(Personality),
  multiAgentMode: gated(optional(MultiAgentMode)),
  ephemeral: optional(bool),
  historyMode: gated(optional(ThreadHistoryMode)),
  sessionStartSource: optional(ThreadStartSource),
  threadSource: optional(ThreadSource),
  projectId: gated(optional(text)),
  daybreakEnabled: gated(optional(bool)),
  environments: gated(optional(list(TurnEnvironmentParams))),
  dynamicTools: gated(optional(dynamicTools)),
  selectedCapabilityRoots: gated(optional(list(SelectedCapabilityRoot))),
  mockExperimentalField: gated(optional(text)),
  experimentalRawEvents: gated(omittable(bool, false)),
});
export type ThreadStartParams = Wire<typeof ThreadStartParams>;

export const ThreadStartResponse = struct('ThreadStartResponse', {
  thread: Thread,
  model: text,
  modelProvider: text,
  serviceTier: nullish(text),
  disabledPluginIds: defaulted(list(text), []),
  cwd: AbsolutePathBuf,
  runtimeWorkspaceRoots: gated(defaulted(list(AbsolutePathBuf), [])),
  instructionSources: defaulted(list(LegacyAppPathString), []),
  approvalPolicy: AskForApproval,
  approvalsReviewer: ApprovalsReviewer,
  sandbox: SandboxPolicy,
  activePermissionProfile: gated(nullish(ActivePermissionProfile)),
  reasoningEffort: nullish(ReasoningEffort),
  multiAgentMode: gated(defaulted(MultiAgentMode, 'explicitRequestOnly')),
});
export type ThreadStartResponse = Wire<typeof ThreadStartResponse>;

export const ThreadStartedNotification = struct('ThreadStartedNotification', {
  thread: Thread,
});
export type ThreadStartedNotification = Wire<typeof ThreadStartedNotification>;

export const ThreadStatusChangedNotification = struct('ThreadStatusChangedNotification', {
  threadId: text,
  status: ThreadStatus,
});
export type ThreadStatusChangedNotification = Wire<typeof ThreadStatusChangedNotification>;
