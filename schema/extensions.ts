/**
 * What codexd adds to the protocol (docs/protocol-extensions.md). Additions only: a client that does not know them
 * ignores them. In generated schemas they appear with --experimental alone.
 */
import { CommandExecResponse } from './command-exec.js';
import { extend, gated, nullish, omitted, oneOf, struct, text, u16 } from './kit.js';
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
];
