/** A call of the model, as a server on a network lane works for it: who is asked about its network requests. */
import { threadPrompter } from '../../approvals/thread-prompter.js';
import type { McpServer } from '../../mcp/mcp-server.js';
import type { CallWork } from '../../mcp/shape/connection.js';
import type { ToolContext } from '../../tool-types/tool.js';

/** `itemId`: the mcpToolCall item. `waits`: hears when its time should stand still. */
export const callWork = (
  context: ToolContext,
  itemId: string,
  { config, network }: Pick<McpServer, 'config' | 'network'>,
  tool: string,
  waits: CallWork['waits'] = () => {},
): CallWork => ({
  turnId: context.turn.id,
  itemId,
  prompter: threadPrompter(context, itemId, network, { server: config.name, tool }),
  waits,
});
