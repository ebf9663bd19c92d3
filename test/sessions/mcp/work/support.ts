/** A connection without a server. */
import { createOpenRequests } from '../../../../server/sessions/mcp/connection/open-requests.js';
import type { McpConnection } from '../../../../server/sessions/mcp/shape/connection.js';

export const connectionOf = (changes: Partial<McpConnection>): McpConnection => ({
  facts: { serverInfo: null, capabilities: null, instructions: 'words' },
  tools: [],
  closed: false,
  unanswered: createOpenRequests(),
  call: () => Promise.resolve({ ok: true, result: { content: [] } }),
  page: () => Promise.resolve({ ok: true, result: { entries: [{ uri: 'x' }], nextCursor: null } }),
  readResource: () => Promise.resolve({ ok: false, fault: { kind: 'rpc', code: 1, message: 'no', data: null } }),
  close: () => Promise.resolve(),
  ...changes,
});
