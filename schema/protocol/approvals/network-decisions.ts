/** `network/decisions/list`: what the network policy decided, codexd's own method (docs/protocol-extensions.md). */
import { RequestId } from '../common/envelope.js';
import { bool, float, i64, list, nullish, oneOf, optional, struct, text, u16, u32, u64 } from '../../shape/kit.js';
import type { Wire } from '../../shape/kit.js';
import { SortDirection } from '../common/paths.js';

export const NetworkDecision = struct('NetworkDecision', {
  /** Counts up from 1 in one daemon, without gaps. */
  sequence: u64,
  /** Milliseconds since the epoch. */
  decidedAtMs: i64,
  /** One run of one command. */
  registrationId: text,
  /** Whose command: a thread's (with its turn and item), or a connection's (with the request, and its process id). */
  threadId: nullish(text),
  turnId: nullish(text),
  itemId: nullish(text),
  connectionId: nullish(u64),
  requestId: nullish(RequestId),
  processId: nullish(text),
  /** The first word of the command; the others may hold secrets. */
  program: nullish(text),
  protocol: oneOf(null, ['http', 'https', 'socks5Tcp', 'socks5Udp']),
  /** The HTTP method; null where the protocol shows none. */
  method: nullish(text),
  /** In canonical form. */
  host: text,
  port: u16,
  /** What was connected to; null when nothing was, or not yet. */
  address: nullish(text),
  verdict: oneOf(null, ['allow', 'deny']),
  /** Why it was refused. */
  reason: nullish(oneOf(null, ['not_allowed', 'not_allowed_local', 'denied', 'method_not_allowed'])),
  /** The rule that decided, as written. */
  rule: nullish(text),
  /** Who decided: the rules, limited mode, or someone who was asked. */
  source: oneOf(null, ['baseline_policy', 'mode_guard', 'decider']),
  /** The address and its class, or the lookup's failure, where that was the reason. */
  detail: nullish(text),
  /** From the request's arrival to the verdict, the wait for a person included. */
  latencyMs: float,
  /** Of the policy that the command was started under. */
  policyRevision: text,
});
export type NetworkDecision = Wire<typeof NetworkDecision>;

export const NetworkDecisionsListParams = struct('NetworkDecisionsListParams', {
  /** A `nextCursor` or `latestCursor` of an earlier answer. */
  cursor: optional(text),
  /** 1 to 1000; what is beyond is cut to that. */
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
  /** What follows in the same direction; null: nothing does. */
  nextCursor: nullish(text),
  /** With `sortDirection` `asc` and the same filters: what was decided after this answer. */
  latestCursor: text,
  /** Decisions, of any kind, between the cursor (or the first one ever) and this answer that are no longer kept. */
  dropped: u64,
  /** The cursor is of an earlier daemon, whose decisions are gone: nobody knows how many. */
  restarted: bool,
});
export type NetworkDecisionsListResponse = Wire<typeof NetworkDecisionsListResponse>;
