/**
 * Additions of codexd to the protocol (docs/protocol-extensions.md). A client that does not know them ignores them.
 * Generated schemas contain them only with --experimental.
 */
import { CommandExecutionRequestApprovalParams } from './approval.js';
import { CommandExecResponse } from '../exec/command-exec.js';
import { addition, bool, extend, gated, omitted, optional, text, u64 } from '../../shape/kit.js';
import { NetworkDenial } from '../common/network-denial.js';
import { ThreadResumeParams, ThreadResumeResponse } from '../threads/thread.js';
import type { Wire } from '../../shape/kit.js';

/** The result of command/exec: the denial that ended the command, if any. */
export const ExtendedCommandExecResponse = extend(CommandExecResponse, {
  networkDenial: gated(omitted(NetworkDenial)),
});
export type ExtendedCommandExecResponse = Wire<typeof ExtendedCommandExecResponse>;

/** thread/resume sends missed notifications again, by their numbers (`sequence`). */
export const ExtendedThreadResumeParams = extend(ThreadResumeParams, {
  /** The number of the last notification of the thread that the client received. */
  afterSequence: addition(optional(u64)),
});
export type ExtendedThreadResumeParams = Wire<typeof ExtendedThreadResumeParams>;

/** The result has both members only with `afterSequence` in the params. */
export const ExtendedThreadResumeResponse = extend(ThreadResumeResponse, {
  /**
   * The number of the last notification before this response. New notifications after the response have higher numbers;
   * notifications that are sent again have lower numbers.
   */
  sequence: addition(omitted(u64)),
  /**
   * true: the missed notifications follow. false: the server no longer has them, and the client must start again from
   * this response.
   */
  caughtUp: addition(omitted(bool)),
});
export type ExtendedThreadResumeResponse = Wire<typeof ExtendedThreadResumeResponse>;

/** The approval request for a network request of a command or an MCP server in a turn names it. */
export const ExtendedCommandExecutionRequestApprovalParams = extend(CommandExecutionRequestApprovalParams, {
  /**
   * The id of the commandExecution item, or of the mcpToolCall item if an MCP server asks. Present exactly when
   * `networkApprovalContext` is present.
   */
  commandItemId: addition(omitted(text)),
  /** The MCP server that asks, and the tool for which it works. */
  mcpServer: addition(omitted(text)),
  mcpTool: addition(omitted(text)),
});
export type ExtendedCommandExecutionRequestApprovalParams = Wire<typeof ExtendedCommandExecutionRequestApprovalParams>;

/** The types that only codexd has. */
export const extensionTypes: readonly string[] = [
  'NetworkDenial',
  'NetworkDecision',
  'NetworkDecisionsListParams',
  'NetworkDecisionsListResponse',
  'NetworkApprovalDecision',
  'NetworkRequestApprovalParams',
  'NetworkRequestApprovalResponse',
  'NetworkRequestApprovalResolvedNotification',
  'ThreadRollbackParams',
  'ThreadRollbackResponse',
  'OperatorOwner',
  'AnsweredBy',
  'OperatorCommandEnd',
  'OperatorCommand',
  'OperatorCommandsListParams',
  'OperatorCommandsListResponse',
  'OperatorProcess',
  'OperatorCommandsTreeParams',
  'OperatorCommandsTreeResponse',
  'OperatorCommandsWatchParams',
  'OperatorCommandsWatchResponse',
  'OperatorCommandsUnwatchParams',
  'OperatorCommandsUnwatchResponse',
  'OperatorCommandsWriteParams',
  'OperatorCommandsWriteResponse',
  'OperatorCommandsResizeParams',
  'OperatorCommandsResizeResponse',
  'OperatorCommandsTerminateParams',
  'OperatorCommandsTerminateResponse',
  'OperatorCommandsChangedNotification',
  'OperatorCommandsOutputNotification',
  'OperatorPrompt',
  'OperatorPromptsListParams',
  'OperatorPromptsListResponse',
  'OperatorPromptsAnswerParams',
  'OperatorPromptsAnswerResponse',
  'OperatorPromptsOpenedNotification',
  'OperatorPromptsSettledNotification',
  'OperatorOverviewReadParams',
  'OperatorOverviewReadResponse',
  'OperatorConnection',
  'OperatorConnectionsListParams',
  'OperatorConnectionsListResponse',
  'OperatorConnectionsChangedNotification',
  'OperatorNetworkDecidedNotification',
  'OperatorLaggedNotification',
  'ConsoleLinkParams',
  'ConsoleLinkResponse',
  'NetworkPolicyTestParams',
  'NetworkPolicyTestResponse',
];
