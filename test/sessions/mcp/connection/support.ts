/** A connection to a server that answers in the test. */
import { connect, type Connected } from '../../../../server/sessions/mcp/connection/index.js';
import type {
  ConnectionEvents,
  McpConnection,
  RequestLimits,
} from '../../../../server/sessions/mcp/shape/connection.js';
import type { FakeServer } from '../../../fixtures/mcp-server.js';

export const limits = (timeoutMs = 5_000, signal = new AbortController().signal): RequestLimits => ({
  timeoutMs,
  signal,
});

export interface Heard extends ConnectionEvents {
  readonly reports: string[];
  changes: number;
  losses: number;
}

export function hearing(ask: ConnectionEvents['ask'] = () => Promise.resolve({ action: 'decline' })): Heard {
  const heard: Heard = {
    reports: [],
    changes: 0,
    losses: 0,
    ask,
    toolsChanged: () => void heard.changes++,
    lost: () => void heard.losses++,
    report: (message) => void heard.reports.push(message),
  };
  return heard;
}

export const connecting = (server: FakeServer, events = hearing(), within = limits()): Promise<Connected> =>
  connect({ place: { kind: 'pipe', pipe: server.pipe }, events, limits: within });

export async function connected(server: FakeServer, events = hearing(), within = limits()): Promise<McpConnection> {
  const made = await connecting(server, events, within);
  if (!made.ok) throw new Error(`not connected: ${JSON.stringify(made)}`);
  return made.connection;
}

export const call = (
  connection: McpConnection,
  name = 'echo',
  within = limits(),
  onProgress: ((m: string) => void) | null = null,
) => connection.call({ name, arguments: { a: 1 }, meta: { threadId: 't' }, onProgress }, within);
