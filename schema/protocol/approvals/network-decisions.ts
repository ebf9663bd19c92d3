/**
 * `network/decisions/list`: the decisions of the network policy. codexd adds this method (docs/protocol-extensions.md).
 */
import { RequestId } from '../common/envelope.js';
import { AnsweredBy } from '../common/answered-by.js';
import { bool, float, i64, list, nullish, oneOf, optional, struct, text, u16, u32, u64 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { SortDirection } from '../common/paths.js';

export const NetworkDecision = struct('NetworkDecision', {
  /** Counts from 1 in one daemon, without gaps. */
  sequence: u64,
  /** Milliseconds since the epoch. */
  decidedAtMs: i64,
  /** One run of one command. */
  registrationId: text,
  /** The owner of the command: a thread (with turn and item), or a connection (with request and process id). */
  threadId: nullish(text),
  turnId: nullish(text),
  itemId: nullish(text),
  connectionId: nullish(u64),
  requestId: nullish(RequestId),
  processId: nullish(text),
  /** The MCP server that the command is. `turnId` and `itemId` are then those of the call for which it works. */
  mcpServer: nullish(text),
  /** The first word of the command. The other words may contain secrets. */
  program: nullish(text),
  protocol: oneOf(null, ['http', 'https', 'socks5Tcp', 'socks5Udp']),
  /** The HTTP method. Null when the protocol shows none. */
  method: nullish(text),
  /** In canonical form. */
  host: text,
  port: u16,
  /** The address of the connection. Null: no connection, or not yet. */
  address: nullish(text),
  verdict: oneOf(null, ['allow', 'deny']),
  /** Why it was refused. */
  reason: nullish(
    oneOf(null, [
      'not_allowed',
      'not_allowed_local',
      'denied',
      'method_not_allowed',
      'mitm_required',
      'mitm_hook_denied',
    ]),
  ),
  /** The rule that decided, as written. */
  rule: nullish(text),
  /** The decider: the rules, limited mode, or a person or reviewer who was asked. */
  source: oneOf(null, ['baseline_policy', 'mode_guard', 'decider']),
  /** The client that answered, if the decision is an answer to a question. */
  answeredBy: nullish(AnsweredBy),
  /** The address and its class, or the failure of the lookup, when this was the reason. */
  detail: nullish(text),
  /** Milliseconds from the arrival of the request to the decision, the wait for a person included. */
  latencyMs: float,
  /** The revision of the policy at the start of the command. */
  policyRevision: text,
});
export type NetworkDecision = Wire<typeof NetworkDecision>;

export const NetworkDecisionsListParams = struct('NetworkDecisionsListParams', {
  /** A `nextCursor` or `latestCursor` of an earlier response. */
  cursor: optional(text),
  /** 1 to 1000. Other values are cut to this range. */
  limit: optional(u32),
  threadId: optional(text),
  processId: optional(text),
  verdict: optional(oneOf(null, ['allow', 'deny'])),
  /** `desc` (default): newest first. */
  sortDirection: optional(SortDirection),
});
export type NetworkDecisionsListParams = Wire<typeof NetworkDecisionsListParams>;

export const NetworkDecisionsListResponse = struct('NetworkDecisionsListResponse', {
  data: list(NetworkDecision),
  /** The cursor of the next page in the same direction. Null: no more pages. */
  nextCursor: nullish(text),
  /** With `sortDirection` `asc` and the same filters, this cursor gives the decisions after this response. */
  latestCursor: text,
  /** Number of dropped decisions, of any kind, between the cursor (or the first decision) and this response. */
  dropped: u64,
  /** The cursor belongs to an earlier daemon. Its decisions are gone, and their number is unknown. */
  restarted: bool,
});
export type NetworkDecisionsListResponse = Wire<typeof NetworkDecisionsListResponse>;
