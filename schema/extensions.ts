/**
 * What codexd adds to the protocol (docs/protocol-extensions.md). Additions only: a client that does not know them
 * ignores them. In generated schemas they appear with --experimental alone.
 */
import { CommandExecResponse } from './command-exec.js';
import { addition, bool, extend, gated, nullish, omitted, oneOf, optional, struct, text, u16, u64 } from './kit.js';
import { ThreadResumeParams, ThreadResumeResponse } from './thread.js';
import type { Wire } from './kit.js';

/** Why the network said no to a command, as the command's result tells it. */
export const NetworkDenial = struct('NetworkDenial', {
  /** In canonical form (spec/network.md). */
  host: text,
  port: u16,
  protocol: oneOf(null, ['http', 'https', 'socks5Tcp', 'socks5Udp']),
  reason: oneOf(null, ['not_allowed', 'not_allowed_local', 'denied', 'method_not_allowed']),
  /** The rule that matched, null when none did. */
  rule: nullish(text),
  /** Who decided: the rules, limited mode, or someone who was asked. */
  source: oneOf(null, ['baseline_policy', 'mode_guard', 'decider']),
});
export type NetworkDenial = Wire<typeof NetworkDenial>;

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
  /** Of the last notification before this answer; what comes behind the answer and was not missed has higher numbers. */
  sequence: addition(omitted(u64)),
  /** What was missed follows; false: it is not known any more, and the client must start over from this answer. */
  caughtUp: addition(omitted(bool)),
});
export type ExtendedThreadResumeResponse = Wire<typeof ExtendedThreadResumeResponse>;

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
