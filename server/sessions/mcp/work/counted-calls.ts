/** Counts the calls of a server's tools by their end, for /metrics. */
import type { CallEnd } from '../../../metrics/mcp-counts.js';
import type { McpConnection } from '../shape/connection.js';
import { derivedConnection } from './derived-connection.js';

export const countedCalls = (connection: McpConnection, count: (end: CallEnd) => void): McpConnection =>
  derivedConnection(connection, {
    async call(call, limits) {
      let end: CallEnd = 'given_up';
      try {
        const answer = await connection.call(call, limits);
        if (answer.ok) end = 'answered';
        else if (answer.fault.kind !== 'timeout') end = answer.fault.kind === 'denied' ? 'denied' : 'failed';
        return answer;
      } finally {
        count(end);
      }
    },
  });
