/** Methods and approval requests of the first protocol version that servers still support. */
import {
  alias,
  anyOf,
  bool,
  choice,
  dict,
  list,
  nullish,
  oneOf,
  path,
  struct,
  tagged,
  text,
  word,
} from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { AuthMode } from './account.js';
import { GitSha, ThreadId } from '../common/paths.js';
import { SubAgentSource } from '../threads/thread.js';

export const FileChange = tagged('FileChange', 'type', {
  add: {
    content: text,
  },
  delete: {
    content: text,
  },
  update: {
    unified_diff: text,
    move_path: nullish(text),
  },
});
export type FileChange = Wire<typeof FileChange>;

export const ApplyPatchApprovalParams = struct('ApplyPatchApprovalParams', {
  conversationId: ThreadId,
  callId: text,
  fileChanges: dict(FileChange),
  reason: nullish(text),
  grantRoot: nullish(text),
});
export type ApplyPatchApprovalParams = Wire<typeof ApplyPatchApprovalParams>;

export const CoreExecPolicyAmendment = alias('CoreExecPolicyAmendment', list(text));
export type CoreExecPolicyAmendment = Wire<typeof CoreExecPolicyAmendment>;

export const CoreNetworkPolicyRuleAction = oneOf('CoreNetworkPolicyRuleAction', ['allow', 'deny']);
export type CoreNetworkPolicyRuleAction = Wire<typeof CoreNetworkPolicyRuleAction>;

export const CoreNetworkPolicyAmendment = struct('CoreNetworkPolicyAmendment', {
  host: text,
  action: CoreNetworkPolicyRuleAction,
});
export type CoreNetworkPolicyAmendment = Wire<typeof CoreNetworkPolicyAmendment>;

export const ReviewDecision = choice('ReviewDecision', {
  approved: word,
  approved_execpolicy_amendment: struct(null, {
    proposed_execpolicy_amendment: CoreExecPolicyAmendment,
  }),
  approved_for_session: word,
  approved_mcp_policy_amendment: word,
  network_policy_amendment: struct(null, {
    network_policy_amendment: CoreNetworkPolicyAmendment,
  }),
  denied: struct(null, {
    rejection: text,
  }),
  timed_out: word,
  abort: word,
});
export type ReviewDecision = Wire<typeof ReviewDecision>;

export const ApplyPatchApprovalResponse = struct('ApplyPatchApprovalResponse', {
  decision: ReviewDecision,
});
export type ApplyPatchApprovalResponse = Wire<typeof ApplyPatchApprovalResponse>;

export const ConversationGitInfo = struct('ConversationGitInfo', {
  sha: nullish(text),
  branch: nullish(text),
  origin_url: nullish(text),
});
export type ConversationGitInfo = Wire<typeof ConversationGitInfo>;

export const InternalSessionSource = oneOf('InternalSessionSource', ['memory_consolidation', 'guardian']);
export type InternalSessionSource = Wire<typeof InternalSessionSource>;

export const CoreSessionSource = choice('CoreSessionSource', {
  cli: word,
  vscode: word,
  exec: word,
  mcp: word,
  custom: text,
  internal: InternalSessionSource,
  subagent: SubAgentSource,
  unknown: word,
});
export type CoreSessionSource = Wire<typeof CoreSessionSource>;

export const ConversationSummary = struct('ConversationSummary', {
  conversationId: ThreadId,
  path: text,
  preview: text,
  timestamp: nullish(text),
  updatedAt: nullish(text),
  modelProvider: text,
  cwd: text,
  cliVersion: text,
  source: CoreSessionSource,
  gitInfo: nullish(ConversationGitInfo),
});
export type ConversationSummary = Wire<typeof ConversationSummary>;

export const ParsedCommand = tagged('ParsedCommand', 'type', {
  read: {
    cmd: text,
    name: text,
    path: text,
  },
  list_files: {
    cmd: text,
    path: nullish(text),
  },
  search: {
    cmd: text,
    query: nullish(text),
    path: nullish(text),
  },
  unknown: {
    cmd: text,
  },
});
export type ParsedCommand = Wire<typeof ParsedCommand>;

export const ExecCommandApprovalParams = struct('ExecCommandApprovalParams', {
  conversationId: ThreadId,
  callId: text,
  approvalId: nullish(text),
  command: list(text),
  cwd: text,
  reason: nullish(text),
  parsedCmd: list(ParsedCommand),
});
export type ExecCommandApprovalParams = Wire<typeof ExecCommandApprovalParams>;

export const ExecCommandApprovalResponse = struct('ExecCommandApprovalResponse', {
  decision: ReviewDecision,
});
export type ExecCommandApprovalResponse = Wire<typeof ExecCommandApprovalResponse>;

export const GetAuthStatusParams = struct('GetAuthStatusParams', {
  includeToken: nullish(bool),
  refreshToken: nullish(bool),
});
export type GetAuthStatusParams = Wire<typeof GetAuthStatusParams>;

export const GetAuthStatusResponse = struct('GetAuthStatusResponse', {
  authMethod: nullish(AuthMode),
  authToken: nullish(text),
  requiresOpenaiAuth: nullish(bool),
});
export type GetAuthStatusResponse = Wire<typeof GetAuthStatusResponse>;

export const GetConversationSummaryParams = anyOf('GetConversationSummaryParams', [
  struct(null, {
    rolloutPath: text,
  }),
  struct(null, {
    conversationId: ThreadId,
  }),
]);
export type GetConversationSummaryParams = Wire<typeof GetConversationSummaryParams>;

export const GetConversationSummaryResponse = struct('GetConversationSummaryResponse', {
  summary: ConversationSummary,
});
export type GetConversationSummaryResponse = Wire<typeof GetConversationSummaryResponse>;

export const GitDiffToRemoteParams = struct('GitDiffToRemoteParams', {
  cwd: path,
});
export type GitDiffToRemoteParams = Wire<typeof GitDiffToRemoteParams>;

export const GitDiffToRemoteResponse = struct('GitDiffToRemoteResponse', {
  sha: GitSha,
  diff: text,
});
export type GitDiffToRemoteResponse = Wire<typeof GitDiffToRemoteResponse>;
