/**
 * Prompts about the network requests of command/exec, codexd's own (docs/protocol-extensions.md): the server asks the
 * connection that started the command.
 */
import { RequestId } from '../common/envelope.js';
import { choice, i64, list, nullish, oneOf, struct, text, u16, word } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { NetworkPolicyAmendment } from '../common/network.js';

export const NetworkApprovalDecision = choice('NetworkApprovalDecision', {
  accept: word,
  /** Until the connection ends: this protocol, host and port. */
  acceptForSession: word,
  /** Writes a rule for the host: it counts for every command, and after a restart. */
  applyNetworkPolicyAmendment: struct(null, {
    network_policy_amendment: NetworkPolicyAmendment,
  }),
  decline: word,
  /** As decline, and ends the command whatever `on_network_denial` says. */
  cancel: word,
});
export type NetworkApprovalDecision = Wire<typeof NetworkApprovalDecision>;

export const NetworkRequestApprovalParams = struct('NetworkRequestApprovalParams', {
  /** One run of one command, as in `network/decisions/list`. */
  registrationId: text,
  /** The id of the command/exec request. */
  requestId: RequestId,
  processId: nullish(text),
  command: list(text),
  cwd: text,
  startedAtMs: i64,
  /** One sentence for people. */
  reason: text,
  /** In canonical form. */
  host: text,
  port: u16,
  protocol: oneOf(null, ['http', 'https', 'socks5Tcp', 'socks5Udp']),
  availableDecisions: list(NetworkApprovalDecision),
});
export type NetworkRequestApprovalParams = Wire<typeof NetworkRequestApprovalParams>;

export const NetworkRequestApprovalResponse = struct('NetworkRequestApprovalResponse', {
  decision: NetworkApprovalDecision,
});
export type NetworkRequestApprovalResponse = Wire<typeof NetworkRequestApprovalResponse>;

/** The prompt is settled, by an answer or because its command has ended: an answer does nothing any more. */
export const NetworkRequestApprovalResolvedNotification = struct('NetworkRequestApprovalResolvedNotification', {
  /** The id of the server's request. */
  requestId: RequestId,
});
export type NetworkRequestApprovalResolvedNotification = Wire<typeof NetworkRequestApprovalResolvedNotification>;
