/**
 * Approval requests for the network requests of command/exec. codexd adds them (docs/protocol-extensions.md). The
 * server sends them to the connection that started the command.
 */
import { RequestId } from '../common/envelope.js';
import { choice, i64, list, nullish, oneOf, struct, text, u16, word } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { NetworkPolicyAmendment } from '../common/network.js';

export const NetworkApprovalDecision = choice('NetworkApprovalDecision', {
  accept: word,
  /** Applies to this protocol, host and port until the connection ends. */
  acceptForSession: word,
  /** Writes a rule for the host. The rule applies to every command, also after a restart. */
  applyNetworkPolicyAmendment: struct(null, {
    network_policy_amendment: NetworkPolicyAmendment,
  }),
  decline: word,
  /** Refuses like decline, and ends the command for any value of `on_network_denial`. */
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

/** The approval request is settled by a response, or because its command ended. A later response has no effect. */
export const NetworkRequestApprovalResolvedNotification = struct('NetworkRequestApprovalResolvedNotification', {
  /** The id of the server's request. */
  requestId: RequestId,
});
export type NetworkRequestApprovalResolvedNotification = Wire<typeof NetworkRequestApprovalResolvedNotification>;
