/** An MCP server on standard input and output with ten tools. It answers at once. */
import readline from 'node:readline';

const tools = Array.from({ length: 10 }, (_, n) => ({
  name: `tool_${n}`,
  description: 'Answers with its input.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } } },
  annotations: { readOnlyHint: true },
}));

const RESULTS: Readonly<Record<string, object>> = {
  initialize: {
    protocolVersion: '2025-06-18',
    capabilities: { tools: {} },
    serverInfo: { name: 'bench', version: '1' },
  },
  'tools/list': { tools },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line) as { readonly id?: number; readonly method?: string };
  if (id === undefined || method === undefined) return;
  const result = RESULTS[method] ?? {};
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
});
