import t from 'tap';
import type { McpServer } from '../../../../server/sessions/mcp/mcp-server.js';
import type { ThreadRuntime } from '../../../../server/sessions/runtime/thread-runtime.js';
import { enabledTools, mcpDefinitions, offeredTool } from '../../../../server/sessions/tools/mcp/offered-tools.js';
import { configOf } from '../../mcp/support.js';

const server = (
  name: string,
  tools: readonly object[] | null,
  more = '',
  instructions: string | null = null,
): McpServer =>
  ({
    config: configOf(more, name),
    connection: tools === null ? null : { tools, facts: { instructions, serverInfo: null, capabilities: null } },
  }) as unknown as McpServer;
const thread = (...list: McpServer[]): Pick<ThreadRuntime, 'mcp'> => ({
  mcp: { list } as unknown as ThreadRuntime['mcp'],
});

t.test('one namespace a server that has tools, both in the order of their names', async (t) => {
  const it = thread(
    server('z', [{ name: 'b' }, { name: 'a', description: 'A', inputSchema: { type: 'object' } }], '', 'use me'),
    server('empty', []),
    server('starting', null),
    server('c-d', [{ name: 'x.y' }]),
  );
  const definitions = mcpDefinitions(it);
  t.same(
    definitions.map(({ name }) => name),
    ['mcp__c_d', 'mcp__z'],
  );
  t.match(definitions[0], {
    type: 'namespace',
    description: 'Tools in the mcp__c_d namespace.',
    tools: [{ name: 'x_y', description: '' }],
  });
  t.match(definitions[1], {
    description: 'use me',
    tools: [{ type: 'function', name: 'a', strict: false, description: 'A' }, { name: 'b' }],
  });
  t.equal(
    JSON.stringify(mcpDefinitions(it)),
    JSON.stringify(definitions),
    'byte for byte the same for the same servers',
  );
  t.match(offeredTool(it, 'mcp__c_d', 'x_y'), { tool: { name: 'x.y' } }, 'a call finds the raw name again');
  t.equal(offeredTool(it, 'mcp__c_d', 'x.y'), null);
  t.equal(offeredTool(it, 'mcp__none', 'x_y'), null);
  t.equal(offeredTool(thread(), 'mcp__z', 'a'), null);
});

t.test('what the configuration leaves out is not offered, and a name that comes twice counts once', async (t) => {
  const some = server('s', [{ name: 'on', n: 1 }, { name: 'on', n: 2 }, { name: 'off' }], 'disabled_tools = ["off"]');
  t.same(enabledTools(some), [{ name: 'on', n: 1 }]);
  t.equal(offeredTool(thread(some), 'mcp__s', 'off'), null);
});
