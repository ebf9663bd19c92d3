import t from 'tap';
import { TOOLS } from '../../../server/cli/mcp-server/tool-list.js';
import { mcpScene } from './support.js';

t.setTimeout(60_000);

t.test('the list has the names of the reference, and comes over the wire as it is', async (t) => {
  const s = await mcpScene(t);
  const { tools } = await s.request('tools/list');
  t.same(tools, TOOLS);
  const [codex, reply] = tools;
  t.same(Object.keys(codex.inputSchema.properties).sort(), [
    'approval-policy',
    'base-instructions',
    'compact-prompt',
    'config',
    'cwd',
    'developer-instructions',
    'model',
    'profile',
    'prompt',
    'sandbox',
  ]);
  t.same(Object.keys(reply.inputSchema.properties).sort(), ['conversationId', 'prompt', 'threadId']);
  for (const { inputSchema, outputSchema } of tools) {
    t.same(inputSchema.required, ['prompt']);
    t.same(outputSchema.required, ['threadId', 'content']);
  }
});
