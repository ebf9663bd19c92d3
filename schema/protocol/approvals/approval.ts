/** Requests of the server to a client (docs/protocol/turns.md, docs/protocol/transport.md §10). */
import {
  bool,
  choice,
  defaulted,
  dict,
  gated,
  i64,
  json,
  list,
  nullish,
  omitted,
  oneOf,
  optional,
  struct,
  text,
  u64,
  word,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { CommandAction, DynamicToolCallOutputContentItem } from '../threads/item.js';
import { NetworkPolicyAmendment } from '../common/network.js';
import { LegacyAppPathString } from '../common/paths.js';
import {
  AdditionalPermissionProfile,
  ExecPolicyAmendment,
  GrantedPermissionProfile,
  NetworkApprovalContext,
  PermissionGrantScope,
  RequestPermissionProfile,
} from '../common/permissions.js';

export const AttestationGenerateParams = struct('AttestationGenerateParams', {});
export type AttestationGenerateParams = Wire<typeof AttestationGenerateParams>;

export const AttestationGenerateResponse = struct('AttestationGenerateResponse', {
  token: text,
});
export type AttestationGenerateResponse = Wire<typeof AttestationGenerateResponse>;

export const ChatgptAuthTokensRefreshReason = oneOf('ChatgptAuthTokensRefreshReason', ['unauthorized']);
export type ChatgptAuthTokensRefreshReason = Wire<typeof ChatgptAuthTokensRefreshReason>;

export const ChatgptAuthTokensRefreshParams = struct('ChatgptAuthTokensRefreshParams', {
  reason: ChatgptAuthTokensRefreshReason,
  previousAccountId: optional(text),
});
export type ChatgptAuthTokensRefreshParams = Wire<typeof ChatgptAuthTokensRefreshParams>;

export const ChatgptAuthTokensRefreshResponse = struct('ChatgptAuthTokensRefreshResponse', {
  accessToken: text,
  chatgptAccountId: text,
  chatgptPlanType: nullish(text),
});
export type ChatgptAuthTokensRefreshResponse = Wire<typeof ChatgptAuthTokensRefreshResponse>;

export const CommandExecutionApprovalDecision = choice('CommandExecutionApprovalDecision', {
  accept: word,
  acceptForSession: word,
  acceptWithExecpolicyAmendment: struct(null, {
    execpolicy_amendment: ExecPolicyAmendment,
  }),
  applyNetworkPolicyAmendment: struct(null, {
    network_policy_amendment: NetworkPolicyAmendment,
  }),
  decline: word,
  cancel: word,
});
export type CommandExecutionApprovalDecision = Wire<typeof CommandExecutionApprovalDecision>;

export const CommandExecutionApprovalKind = oneOf('CommandExecutionApprovalKind', [
  'command',
  'humanCommand',
  'writeStdin',
]);
export type CommandExecutionApprovalKind = Wire<typeof CommandExecutionApprovalKind>;

export const CommandExecutionRequestApprovalParams = struct('CommandExecutionRequestApprovalParams', {
  kind: defaulted(CommandExecutionApprovalKind, 'command'),
  threadId: text,
  turnId: text,
  itemId: text,
  startedAtMs: i64,
  approvalId: optional(text),
  environmentId: nullish(text),
  reason: optional(text),
  networkApprovalContext: optional(NetworkApprovalContext),
  command: optional(text),
  cwd: optional(LegacyAppPathString),
  commandActions: optional(list(CommandAction)),
  additionalPermissions: gated(optional(AdditionalPermissionProfile)),
  proposedExecpolicyAmendment: optional(ExecPolicyAmendment),
  proposedNetworkPolicyAmendments: optional(list(NetworkPolicyAmendment)),
  availableDecisions: gated(optional(list(CommandExecutionApprovalDecision))),
});
export type CommandExecutionRequestApprovalParams = Wire<typeof CommandExecutionRequestApprovalParams>;

export const CommandExecutionRequestApprovalResponse = struct('CommandExecutionRequestApprovalResponse', {
  decision: CommandExecutionApprovalDecision,
});
export type CommandExecutionRequestApprovalResponse = Wire<typeof CommandExecutionRequestApprovalResponse>;

export const CurrentTimeReadParams = struct('CurrentTimeReadParams', {
  threadId: text,
});
export type CurrentTimeReadParams = Wire<typeof CurrentTimeReadParams>;

export const CurrentTimeReadResponse = struct('CurrentTimeReadResponse', {
  currentTimeAt: i64,
});
export type CurrentTimeReadResponse = Wire<typeof CurrentTimeReadResponse>;

export const DynamicToolCallParams = struct('DynamicToolCallParams', {
  threadId: text,
  turnId: text,
  callId: text,
  namespace: nullish(text),
  tool: text,
  arguments: json,
});
export type DynamicToolCallParams = Wire<typeof DynamicToolCallParams>;

export const DynamicToolCallResponse = struct('DynamicToolCallResponse', {
  contentItems: list(DynamicToolCallOutputContentItem),
  success: bool,
});
export type DynamicToolCallResponse = Wire<typeof DynamicToolCallResponse>;

export const FileChangeApprovalDecision = oneOf('FileChangeApprovalDecision', [
  'accept',
  'acceptForSession',
  'decline',
  'cancel',
]);
export type FileChangeApprovalDecision = Wire<typeof FileChangeApprovalDecision>;

export const FileChangeRequestApprovalParams = struct('FileChangeRequestApprovalParams', {
  threadId: text,
  turnId: text,
  itemId: text,
  startedAtMs: i64,
  reason: optional(text),
  grantRoot: optional(text),
});
export type FileChangeRequestApprovalParams = Wire<typeof FileChangeRequestApprovalParams>;

export const FileChangeRequestApprovalResponse = struct('FileChangeRequestApprovalResponse', {
  decision: FileChangeApprovalDecision,
});
export type FileChangeRequestApprovalResponse = Wire<typeof FileChangeRequestApprovalResponse>;

export const PermissionsRequestApprovalParams = struct('PermissionsRequestApprovalParams', {
  threadId: text,
  turnId: text,
  itemId: text,
  environmentId: nullish(text),
  startedAtMs: i64,
  cwd: LegacyAppPathString,
  reason: nullish(text),
  permissions: RequestPermissionProfile,
});
export type PermissionsRequestApprovalParams = Wire<typeof PermissionsRequestApprovalParams>;

export const PermissionsRequestApprovalResponse = struct('PermissionsRequestApprovalResponse', {
  permissions: GrantedPermissionProfile,
  scope: defaulted(PermissionGrantScope, 'turn'),
  strictAutoReview: omitted(bool),
});
export type PermissionsRequestApprovalResponse = Wire<typeof PermissionsRequestApprovalResponse>;

export const ToolRequestUserInputAnswer = struct('ToolRequestUserInputAnswer', {
  answers: list(text),
});
export type ToolRequestUserInputAnswer = Wire<typeof ToolRequestUserInputAnswer>;

export const ToolRequestUserInputOption = struct('ToolRequestUserInputOption', {
  label: text,
  description: text,
});
export type ToolRequestUserInputOption = Wire<typeof ToolRequestUserInputOption>;

export const ToolRequestUserInputQuestion = struct('ToolRequestUserInputQuestion', {
  id: text,
  header: text,
  question: text,
  isOther: defaulted(bool, false),
  isSecret: defaulted(bool, false),
  options: nullish(list(ToolRequestUserInputOption)),
});
export type ToolRequestUserInputQuestion = Wire<typeof ToolRequestUserInputQuestion>;

export const ToolRequestUserInputParams = struct('ToolRequestUserInputParams', {
  threadId: text,
  turnId: text,
  itemId: text,
  questions: list(ToolRequestUserInputQuestion),
  isBlocking: bool,
  autoResolutionMs: nullish(u64),
});
export type ToolRequestUserInputParams = Wire<typeof ToolRequestUserInputParams>;

export const ToolRequestUserInputResponse = struct('ToolRequestUserInputResponse', {
  answers: dict(ToolRequestUserInputAnswer),
});
export type ToolRequestUserInputResponse = Wire<typeof ToolRequestUserInputResponse>;
