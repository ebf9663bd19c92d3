/**
 * What codexd adds to the protocol (docs/protocol-extensions.md). Additions only: a client that does not know them
 * ignores them. In generated schemas they appear with --experimental alone.
 */
import { CommandExecutionRequestApprovalParams } from './approval.js';
import { CommandExecResponse } from '../exec/command-exec.js';
import { addition, bool, extend, gated, omitted, optional, text, u64 } from '../../shape/kit.js';
import { NetworkDenial } from '../common/network-denial.js';
import { ThreadResumeParams, ThreadResumeResponse } from '../threads/thread.js';
import type { Wire } from '../../shape/kit.js';

/** command/exec says which denial ended the command, if one did. */
export const ExtendedCommandExecResponse = extend(CommandExecResponse, {
  networkDenial: gated(omitted(NetworkDenial)),
});
export type ExtendedCommandExecResponse = Wire<typeof ExtendedCommandExecResponse>;

/** thread/resume replays what a client missed, by the numbers of the notifications (`sequence`). */
export const ExtendedThreadResumeParams = extend(ThreadResumeParams, {
  /** The number of the last notification of the thread that the client has. */
  afterSequence: addition(optional(u64)),
});
export type ExtendedThreadResumeParams = Wire<typeof ExtendedThreadResumeParams>;

/** Both members are there exactly when `afterSequence` was given. */
export const ExtendedThreadResumeResponse = extend(ThreadResumeResponse, {
  /**
   * Of the last notification before this answer; what comes behind the answer and was not missed has higher numbers.
   */
  sequence: addition(omitted(u64)),
  /** What was missed follows; false: it is not known any more, and the client must start over from this answer. */
  caughtUp: addition(omitted(bool)),
});
export type ExtendedThreadResumeResponse = Wire<typeof ExtendedThreadResumeResponse>;

/** The prompt about a network request of a command in a turn says which command it is about. */
export const ExtendedCommandExecutionRequestApprovalParams = extend(CommandExecutionRequestApprovalParams, {
  /** The id of the commandExecution item; there exactly when `networkApprovalContext` is. */
  commandItemId: addition(omitted(text)),
});
export type ExtendedCommandExecutionRequestApprovalParams = Wire<typeof ExtendedCommandExecutionRequestApprovalParams>;

/** The types that only codexd knows. */
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
];
