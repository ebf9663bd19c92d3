/** What a server may ask of its client, and tell it. */
import type { ConnectionEvents } from '../shape/connection.js';
import { isObject } from '../../../system/node/objects.js';
import { shaped, type ServerProtocol } from './protocol.js';

export function answerServer(
  protocol: ServerProtocol,
  events: ConnectionEvents,
  { toolsChanged }: { readonly toolsChanged: () => void },
): void {
  const params = shaped((value) => (isObject(value) ? value : null));
  protocol.setRequestHandler('roots/list', { params }, () => ({ roots: [] }));
  protocol.setRequestHandler('elicitation/create', { params }, async (asked, context) => {
    const { action, content } = await events.ask({ params: asked, signal: context.mcpReq.signal });
    return action === 'accept' && content !== undefined && content !== null ? { action, content } : { action };
  });
  protocol.setNotificationHandler('notifications/tools/list_changed', { params }, toolsChanged);
  protocol.setNotificationHandler('notifications/message', { params }, ({ level, data }) => {
    const said = typeof data === 'string' ? data : JSON.stringify(data ?? null);
    events.report(`${typeof level === 'string' ? level : 'log'}: ${said.slice(0, 1_000)}`);
  });
}
