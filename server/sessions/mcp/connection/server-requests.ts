/** What a server may ask of its client, and tell it. */
import type { ConnectionEvents } from '../shape/connection.js';
import type { ServerProtocol } from './protocol.js';

export function answerServer(
  protocol: ServerProtocol,
  events: ConnectionEvents,
  { toolsChanged }: { readonly toolsChanged: () => void },
): void {
  protocol.onRequest('roots/list', () => ({ roots: [] }));
  protocol.onRequest('elicitation/create', async (params, signal) => {
    const { action, content } = await events.ask({ params, signal });
    return action === 'accept' && content !== undefined && content !== null ? { action, content } : { action };
  });
  protocol.onNotification('notifications/tools/list_changed', toolsChanged);
  protocol.onNotification('notifications/message', ({ level, data }) => {
    const said = typeof data === 'string' ? data : JSON.stringify(data ?? null);
    events.report(`${typeof level === 'string' ? level : 'log'}: ${said.slice(0, 1_000)}`);
  });
}
