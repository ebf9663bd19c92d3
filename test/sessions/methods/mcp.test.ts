/** What clients ask of servers themselves. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import t from 'tap';
import { logged, mcpProgram, mcpTable, type Loose } from '../../fixtures/mcp-server.js';
import { until } from '../../fixtures/until.js';
import { scene } from '../turn/support.js';

t.setTimeout(120_000);

const alive = (pid: number): boolean => fs.existsSync(`/proc/${pid}`);
const gone = (pids: readonly number[]): Promise<void> => until(() => !pids.some(alive), 'the processes are gone');

t.test('a list without a thread starts servers for itself, and leaves none', async (t) => {
  const { file, logFile } = mcpProgram(t.testdir(), `echo: { description: 'E', run: () => text('x') }`);
  const s = await scene(t, {
    tables: mcpTable('srv', file) + '[mcp_servers.off]\ncommand = "x"\nenabled = false\n',
    start: { config: { 'mcp_servers.srv.enabled': false } },
  });
  const { data } = await s.daemon.call('mcpServerStatus/list', {});
  t.match(data, [
    { name: 'off', runtimeStatus: null, tools: {} },
    { name: 'srv', runtimeStatus: null, tools: { echo: { description: 'E' } }, serverInfo: { name: 'test' } },
  ]);
  const pids = logged(logFile).flatMap(({ pid }) => pid ?? []) as number[];
  t.equal(pids.length, 1);
  await gone(pids);
});

t.test('tools and resources are used directly, and the server’s errors are the client’s', async (t) => {
  const more = `handlers['resources/read'] = ({ uri }) => { if (uri === 'x') throw { code: -32002, message: 'none', data: { uri } }; return { contents: [{ uri, text: 'words' }] }; };`;
  const tools = `echo: { run: (a, p) => text(JSON.stringify([a, p._meta.threadId, p._meta.mine])) }, die: { run: () => process.exit(1) }`;
  const { file } = mcpProgram(t.testdir(), tools, more);
  const s = await scene(t, { tables: mcpTable('srv', file, 'disabled_tools = ["off"]') });
  const { threadId } = s;
  const call = (tool: string, params: object = {}) =>
    s.daemon.request('mcpServer/tool/call', { threadId, server: 'srv', tool, ...params });
  t.match(await call('echo', { arguments: { a: 1 }, _meta: { mine: 2 } }), {
    result: { content: [{ text: JSON.stringify([{ a: 1 }, threadId, 2]) }] },
  });
  t.match(await call('off'), { error: { code: -32603, message: "tool 'off' is disabled for MCP server 'srv'" } });
  t.match(await call('echo', { arguments: 5 }), {
    error: { message: 'MCP tool arguments must be a JSON object, got 5' },
  });
  t.match(await call('echo', { server: 'zz' }), { error: { code: -32603, message: "unknown MCP server 'zz'" } });
  t.match(await call('die'), { error: { message: 'tool call failed for `srv/die`: Transport closed' } });
  t.match(await call('echo'), { result: {} }, 'it was started again');
  const read = (params: object) => s.daemon.request('mcpServer/resource/read', { server: 'srv', uri: 'u', ...params });
  t.match(await read({ threadId }), { result: { contents: [{ uri: 'u', text: 'words' }], originCallId: null } });
  t.match(await read({}), { result: { contents: [{ uri: 'u' }] } }, 'without a thread');
  t.match(await read({ threadId, uri: 'x' }), { error: { code: -32002, message: 'none', data: { uri: 'x' } } });
  t.match(await read({ server: 'zz' }), { error: { code: -32603, message: "unknown MCP server 'zz'" } });
  const events = { threadId, server: 'srv', subscriptionId: 's', name: 'n', arguments: {} };
  t.match(await s.daemon.request('mcpServer/event/stream/start', events), {
    error: { code: -32600, message: 'MCP event subscriptions are only supported for hosted apps' },
  });
  t.match(await s.daemon.request('mcpServer/event/stream/stop', { subscriptionId: 's' }), { result: {} });
});

t.test('reading the configuration again changes the servers of loaded threads, and keeps the threads', async (t) => {
  const { file, logFile } = mcpProgram(t.testdir(), `echo: { run: () => text('x') }`);
  const s = await scene(t, { tables: mcpTable('one', file) + mcpTable('two', file) });
  const ready = (name: string) =>
    s.note('mcpServer/startupStatus/updated', (params) => params.name === name && params.status === 'ready');
  await Promise.all([ready('one'), ready('two')]);
  const [first] = logged(logFile);
  const config = path.join(s.home, 'config.toml');
  fs.writeFileSync(config, fs.readFileSync(config, 'utf8').replace('[mcp_servers.two]', '[mcp_servers.three]'));
  t.same(await s.daemon.call('config/mcpServer/reload'), {});
  await ready('three');
  const { data } = await s.daemon.call('mcpServerStatus/list', { threadId: s.threadId });
  t.same(
    data.map(({ name, runtimeStatus }: Loose) => [name, runtimeStatus]),
    [
      ['one', 'connected'],
      ['three', 'connected'],
    ],
  );
  t.equal(
    s.notes('mcpServer/startupStatus/updated').filter(({ name }) => name === 'one').length,
    2,
    'what is the same runs on',
  );
  fs.writeFileSync(config, '[mcp_servers.a]\n');
  t.match(await s.daemon.request('config/mcpServer/reload', undefined), {
    error: { code: -32603, message: /failed to reload config/ },
  });
  t.ok(first.pid);
});

t.test('a server behind HTTP gets its headers and its session, and a DELETE at the end', async (t) => {
  const seen: { method: string; rpc: string | undefined; headers: http.IncomingHttpHeaders }[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (piece) => (body += String(piece)));
    request.on('end', () => {
      const { id, method } = body === '' ? {} : JSON.parse(body);
      seen.push({ method: request.method ?? '', rpc: method, headers: request.headers });
      if (request.headers.authorization !== 'Bearer tok') return void response.writeHead(401).end();
      if (request.method !== 'POST') return void response.writeHead(request.method === 'DELETE' ? 204 : 405).end();
      if (id === undefined) return void response.writeHead(202).end();
      const results: Record<string, object> = {
        initialize: { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'h', version: '1' } },
        'tools/list': { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] },
        'tools/call': { content: [{ type: 'text', text: 'over http' }] },
      };
      const answer = JSON.stringify({ jsonrpc: '2.0', id, result: results[method as string] });
      // One answer as a stream of events, the others plain.
      const events = method === 'tools/call';
      response.writeHead(200, {
        'content-type': events ? 'text/event-stream' : 'application/json',
        'mcp-session-id': 'sess',
      });
      response.end(events ? `event: message\ndata: ${answer}\n\n` : answer);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  process.env.MCP_TEST_TOKEN = 'tok';
  t.teardown(() => delete process.env.MCP_TEST_TOKEN);
  const table = `[mcp_servers.h]\nurl = "${url}"\nbearer_token_env_var = "MCP_TEST_TOKEN"\nhttp_headers = { X-A = "1" }\n[mcp_servers.closed]\nurl = "${url}"\n[mcp_servers.unset]\nurl = "${url}"\nbearer_token_env_var = "MCP_NOT_SET"\n`;
  const s = await scene(t, { tables: table });
  const { threadId } = s;
  t.match(await s.daemon.call('mcpServer/tool/call', { threadId, server: 'h', tool: 'echo' }), {
    content: [{ text: 'over http' }],
  });
  const called = seen.find(({ rpc }) => rpc === 'tools/call');
  t.match(called?.headers, { 'x-a': '1', 'mcp-session-id': 'sess', 'mcp-protocol-version': '2025-06-18' });
  const failed = async (name: string) =>
    (await s.note('mcpServer/startupStatus/updated', (params) => params.name === name && params.status === 'failed'))
      .params;
  t.match(await failed('closed'), { error: 'The closed MCP server is not logged in. Run `codex mcp login closed`.' });
  t.match(await failed('unset'), { error: /Environment variable MCP_NOT_SET for MCP server 'unset' is not set/ });
  const { data } = await s.daemon.call('mcpServerStatus/list', { threadId });
  t.same(
    data.map(({ name, runtimeStatus, authStatus }: Loose) => [name, runtimeStatus, authStatus]),
    [
      ['closed', 'authenticationRequired', 'notLoggedIn'],
      ['h', 'connected', 'bearerToken'],
      ['unset', 'failed', 'bearerToken'],
    ],
  );
  await s.daemon.close();
  t.match(
    seen.filter(({ method }) => method === 'DELETE'),
    [{ headers: { 'mcp-session-id': 'sess' } }],
  );
});

t.test('servers of a configuration belong to no environment', async (t) => {
  const { file } = mcpProgram(t.testdir(), `echo: { description: 'E', run: () => text('x') }`);
  const s = await scene(t, { tables: mcpTable('srv', file) });
  const { threadId } = s;
  const environmentId = 'local';
  const list = (params: object) => s.daemon.request('mcpServerStatus/list', { environmentId, ...params });
  for (const params of [{}, { threadId }, { serverName: 'srv' }])
    t.match(await list(params), { error: { message: 'environmentId requires serverName and threadId' } });
  t.match(await list({ threadId, serverName: 'srv' }), { result: { data: [], nextCursor: null } });
  t.match(await list({ threadId, serverName: 'srv', environmentId: null }), { result: { data: [{ name: 'srv' }] } });
  const unknown = { error: { code: -32603, message: "unknown MCP server 'srv (environment local)'" } };
  const server = { server: 'srv', environmentId };
  t.match(await s.daemon.request('mcpServer/tool/call', { threadId, tool: 'echo', ...server }), unknown);
  t.match(await s.daemon.request('mcpServer/resource/read', { threadId, uri: 'x', ...server }), unknown);
  t.match(await s.daemon.request('mcpServer/resource/read', { uri: 'x', ...server }), unknown);
  t.match(await s.daemon.request('mcpServer/oauth/login', { name: 'srv', environmentId }), {
    error: { code: -32600, message: "No MCP server named 'srv (environment local)' found." },
  });
});
