import t from 'tap';
import { event, say } from '../../../fixtures/model-server.js';
import { mcpProgram, mcpTable, type Loose } from '../../../fixtures/mcp-server.js';
import { calls, scene } from '../../turn/support.js';

t.setTimeout(120_000);

const RESOURCES = `
handlers['resources/list'] = (p) => ({ resources: [{ uri: 'mem://' + (p.cursor ?? 'a'), name: 'r' }], ...(p.cursor ? {} : { nextCursor: 'b' }) });
handlers['resources/templates/list'] = () => ({ resourceTemplates: [{ uriTemplate: 'mem://{id}', name: 't' }] });
handlers['resources/read'] = (p) => { if (p.uri !== 'mem://a') throw { code: -32002, message: 'no' }; return { contents: [{ uri: p.uri, text: 'words' }] }; };
`;

t.test('the model looks at what servers have to read', async (t) => {
  const folder = t.testdir();
  const { file } = mcpProgram(folder, '', RESOURCES);
  const { file: other } = mcpProgram(folder, '');
  const s = await scene(t, { tables: mcpTable('srv', file) + mcpTable('other', other) });
  const made = (name: string, args: object, id: string): readonly object[] => calls(event.call(name, args, id));
  s.model.push(
    made('list_mcp_resources', {}, 'all'),
    made('list_mcp_resources', { server: 'srv' }, 'one'),
    made('list_mcp_resources', { server: 'other' }, 'none'),
    made('list_mcp_resource_templates', { server: 'srv' }, 'templates'),
    made('read_mcp_resource', { server: 'srv', uri: 'mem://a' }, 'read'),
    made('read_mcp_resource', { server: 'srv', uri: 'mem://z' }, 'missing'),
    made('read_mcp_resource', { server: 'zz', uri: 'mem://a' }, 'unknown'),
    made('read_mcp_resource', {}, 'wrong'),
    made('list_mcp_resources', { cursor: 'b' }, 'cursor'),
    say('done'),
  );
  await s.turn('go');
  const out = s.outputs();
  t.same(JSON.parse(out.all!), {
    resources: [
      { server: 'srv', uri: 'mem://a', name: 'r' },
      { server: 'srv', uri: 'mem://b', name: 'r' },
    ],
  });
  t.same(JSON.parse(out.one!), {
    server: 'srv',
    resources: [{ server: 'srv', uri: 'mem://a', name: 'r' }],
    nextCursor: 'b',
  });
  t.equal(out.none, 'resources/list failed: resources/list failed for `other`: Mcp error: -32601: Method not found');
  t.match(JSON.parse(out.templates!), { resourceTemplates: [{ uriTemplate: 'mem://{id}' }] });
  t.same(JSON.parse(out.read!), { server: 'srv', uri: 'mem://a', contents: [{ uri: 'mem://a', text: 'words' }] });
  t.equal(out.missing, 'resources/read failed: resources/read failed for `srv` (mem://z): Mcp error: -32002: no');
  t.match(out.unknown, /^unknown MCP server 'zz'/);
  t.match(out.wrong, /missing field `server`/);
  t.match(out.cursor, /cursor can only be used when a server is specified/);
  t.same(
    s.items('mcpToolCall').map(({ id, server, status }: Loose) => [id, server, status]),
    [
      ['all', 'codex', 'completed'],
      ['one', 'srv', 'completed'],
      ['none', 'other', 'failed'],
      ['templates', 'srv', 'completed'],
      ['read', 'srv', 'completed'],
      ['missing', 'srv', 'failed'],
    ],
  );
});

t.test('without servers there are no such tools', async (t) => {
  const s = await scene(t, {}, say('done'));
  await s.turn('go');
  const names = (s.model.requests[0]?.body.tools as Loose[]).map(({ name }) => name);
  t.notMatch(names.join(), /mcp/);
});
