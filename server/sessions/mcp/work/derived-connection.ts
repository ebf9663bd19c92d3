import type { McpConnection } from '../shape/connection.js';

/** The same connection, with other ways to ask the server. */
export const derivedConnection = (
  connection: McpConnection,
  changes: Partial<Pick<McpConnection, 'call' | 'page' | 'readResource'>>,
): McpConnection => ({
  get facts() {
    return connection.facts;
  },
  get tools() {
    return connection.tools;
  },
  get closed() {
    return connection.closed;
  },
  unanswered: connection.unanswered,
  call: (call, limits) => connection.call(call, limits),
  page: (of, cursor, limits) => connection.page(of, cursor, limits),
  readResource: (uri, limits) => connection.readResource(uri, limits),
  close: () => connection.close(),
  ...changes,
});
