/** network/decisions/list, codexd's own method (docs/protocol-extensions.md). */
import type { NetworkDecision } from '../../../schema/protocol/approvals/network-decisions.js';
import { defineMethods } from '../../rpc/connection/define-methods.js';
import { invalidRequest } from '../../errors/rpc-error.js';
import type { DecisionEntry, DecisionLog } from './decision-log.js';
import { readPage } from './decision-page.js';
import type { CommandOwner } from '../registration/denial.js';

/**
 * Every client of the daemon sees the decisions about every command, as it sees every thread. Of a command it sees the
 * first word. Throws RpcError for an invalid cursor.
 */
export const decisionMethods = defineMethods((log: DecisionLog) => ({
  'network/decisions/list': ({ cursor, limit, threadId, processId, verdict, sortDirection }) => {
    const direction = sortDirection ?? 'desc';
    const page = readPage(log, { cursor, limit, threadId, processId, verdict, direction });
    if (page === null) throw invalidRequest(`invalid cursor: ${cursor}`);
    const { entries, nextCursor, latestCursor, dropped, restarted } = page;
    return { data: entries.map(wireDecision), nextCursor, latestCursor, dropped, restarted };
  },
}));

/** Also the form of a line in the audit file. */
export function wireDecision({
  sequence,
  at,
  registrationId,
  owner,
  latencyMs,
  ...entry
}: DecisionEntry): NetworkDecision {
  const {
    program,
    protocol,
    method,
    host,
    port,
    address,
    verdict,
    reason,
    rule,
    source,
    answeredBy,
    detail,
    policyRevision,
  } = entry;
  return {
    sequence,
    decidedAtMs: at,
    registrationId,
    ...wireOwner(owner),
    program,
    protocol,
    method,
    host,
    port,
    address,
    verdict,
    reason,
    rule,
    source,
    answeredBy,
    detail,
    latencyMs: Math.round(latencyMs * 1000) / 1000,
    policyRevision,
  };
}

type WireOwner = Pick<
  NetworkDecision,
  'threadId' | 'turnId' | 'itemId' | 'connectionId' | 'requestId' | 'processId' | 'mcpServer'
>;
const NOBODY: WireOwner = {
  threadId: null,
  turnId: null,
  itemId: null,
  connectionId: null,
  requestId: null,
  processId: null,
  mcpServer: null,
};

function wireOwner(owner: CommandOwner): WireOwner {
  const mcpServer = owner.mcpServer ?? null;
  if (owner.kind === 'thread') {
    const { threadId, turnId, itemId } = owner;
    return { ...NOBODY, threadId, turnId, itemId, mcpServer };
  }
  const { connectionId, requestId, processId } = owner;
  // Not every JSON reader keeps numbers of this size.
  const id = typeof requestId === 'bigint' ? `${requestId}` : requestId;
  return { ...NOBODY, connectionId, processId, requestId: id, mcpServer };
}
