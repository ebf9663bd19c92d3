/** MCP servers with a permission profile: their network requests are those of the calls for which they work. */
import fs from 'node:fs';
import t, { type Test } from 'tap';
import type { NotificationParams } from '../../schema/registry.js';
import { metricsOf, processesWith } from './mcp/look.js';
import { until } from '../fixtures/until.js';
import { networkServer, networkServerTable } from '../fixtures/mcp-network-server.js';
import { event, items, say } from '../fixtures/model-server.js';
import { DENIED, exec, turnScene, UNLISTED, type Prompt, type TurnScene } from '../fixtures/turn-scene.js';
import { isAboutModel } from '../fixtures/unknown-model.js';

t.setTimeout(300_000);

type Item = NotificationParams<'item/completed'>['item'];
type McpItem = Extract<Item, { type: 'mcpToolCall' }>;

export const call = (name: string, id: string, args: object, server = 'srv'): object => ({
  ...event.call(name, args, id),
  namespace: `mcp__${server}`,
});

async function scene(t: Test, more = '', script: Parameters<typeof turnScene>[1] = []) {
  const file = networkServer(t.testdir());
  const s = await turnScene(t, script, { tables: networkServerTable('srv', file, 'test', more) });
  const done = new Map<string, McpItem>();
  const warnings: string[] = [];
  s.client.onNotification('item/completed', ({ item }) => {
    if (item.type === 'mcpToolCall') done.set(item.id, item);
  });
  s.client.onNotification('warning', ({ message }) => void (isAboutModel(message) || warnings.push(message)));
  return { s, done, warnings };
}

const decisions = async ({ client }: TurnScene) => (await client.request('network/decisions/list', {})).data;

t.test('a denied request ends its call with the reason, and the server lives', async (t) => {
  const { s, done, warnings } = await scene(t);
  s.model.push(
    items(call('ask', 'a', { host: DENIED, port: 80 })),
    items(call('say', 'b', { text: 'alive' }), call('run', 'c', { code: 'return notes.join() + " " + process.pid' })),
    say('done'),
  );
  const id = await s.startThread();
  t.equal((await s.turn(id)).status, 'completed');
  const reason = `Network access to "${DENIED}" was blocked: domain is explicitly denied by policy and cannot be approved from this prompt.`;
  t.match(done.get('a'), {
    status: 'failed',
    server: 'srv',
    tool: 'ask',
    error: { message: `tool call error: tool call failed for \`srv/ask\`\n\nCaused by:\n    ${reason}` },
    networkDenial: { host: DENIED, port: 80, protocol: 'http', reason: 'denied', rule: DENIED },
  });
  t.match(JSON.stringify(s.model.requests.at(-1)?.body.input), JSON.stringify(reason).slice(1, -1));
  t.match(done.get('b'), { status: 'completed', result: { content: [{ text: 'alive' }] } });
  t.match(done.get('c'), { status: 'completed', result: { content: [{ text: /notifications\/cancelled/ }] } });
  const [entry] = await decisions(s);
  t.match(entry, { threadId: id, itemId: 'a', mcpServer: 'srv', verdict: 'deny', host: DENIED });
  t.type(entry?.turnId, 'string');
  t.same(warnings, []);
  const { thread } = await s.client.request('thread/read', { threadId: id, includeTurns: true });
  t.match(
    thread.turns[0]?.items.find((item) => item.id === 'a'),
    { networkDenial: { host: DENIED } },
    'on disk too',
  );
});

t.test('a person is asked for the call, and the answer counts as for commands', async (t) => {
  const { s, done } = await scene(t);
  const asked: Prompt[] = [];
  const answers = ['decline', 'accept', 'acceptForSession'] as const;
  s.client.onRequest('item/commandExecution/requestApproval', async (prompt) => {
    asked.push(prompt);
    return { decision: answers[asked.length - 1] ?? 'decline' };
  });
  const { port } = s.upstream;
  const ask = (id: string) => call('ask', id, { host: UNLISTED, port, path: `/${id}` });
  s.model.push(
    items(ask('no')),
    items(ask('yes')),
    items(ask('session')),
    items(ask('again'), exec('cmd', 'true')),
    say('done'),
  );
  const id = await s.startThread();
  await s.turn(id);
  t.match(asked[0], {
    kind: 'command',
    threadId: id,
    itemId: /^network#local#http#localhost#/,
    reason: `Network access to ${UNLISTED} requires approval (MCP server srv, tool ask)`,
    networkApprovalContext: { host: UNLISTED, protocol: 'http' },
    commandItemId: 'no',
    mcpServer: 'srv',
    mcpTool: 'ask',
  });
  t.equal(asked.length, 3, 'the approval for the session holds');
  t.match(done.get('no'), { status: 'failed', error: { message: /Caused by:\n {4}rejected by user$/ } });
  for (const id of ['yes', 'session', 'again'])
    t.match(done.get(id), { status: 'completed', result: { content: [{ text: 'HTTP/1.1 200 OK' }] } }, id);
  t.same(s.upstream.hits, ['/yes', '/session', '/again']);
});

t.test('a request outside of every call is refused and reported, and ends nothing', async (t) => {
  const { s, done, warnings } = await scene(t);
  s.model.push(
    items(call('run', 'a', { code: `setTimeout(() => ask('${DENIED}', 80), 50); return process.pid` })),
    say('done'),
    items(call('run', 'b', { code: 'return process.pid' })),
    say('done'),
  );
  const id = await s.startThread();
  await s.turn(id);
  await until(() => warnings.length > 0, 'the warning');
  t.match(warnings, [
    /^The MCP server `srv` sent a network request outside of a call\. Network access to "denied\.test"/,
  ]);
  await s.turn(id);
  t.equal(textOf(done.get('b')), textOf(done.get('a')), 'the same process');
  t.match(await decisions(s), [{ threadId: id, turnId: null, itemId: null, mcpServer: 'srv', verdict: 'deny' }]);
  const value = await metricsOf(s.daemon);
  t.equal(value('codexd_mcp_denials_total{place="outside",permissions="profile"}'), 1);
});

const textOf = (item: McpItem | undefined): unknown =>
  (item?.result?.content[0] as { text?: unknown } | undefined)?.text;

t.test('what a hostile server tries beside its proxy leads nowhere', async (t) => {
  const file = networkServer(t.testdir());
  const own = `env = { HTTP_PROXY = "http://127.0.0.1:9", http_proxy = "", NO_PROXY = "*" }`;
  const s = await turnScene(t, [], {
    tables: networkServerTable('srv', file, 'test', own) + networkServerTable('two', file, 'test'),
  });
  const id = await s.startThread();
  const run = async (code: string, server = 'srv'): Promise<string> => {
    const result = await s.client.request('mcpServer/tool/call', {
      threadId: id,
      server,
      tool: 'run',
      arguments: { code },
    });
    return String((result.content[0] as { text?: unknown }).text);
  };
  const connect = (options: string): Promise<string> =>
    run(`const net = await load('node:net');
      return new Promise((done) => net.connect(${options}).on('connect', () => done('connected')).on('error', (e) => done(e.code)));`);
  t.match(await connect(`{ host: '127.0.0.1', port: ${s.upstream.port} }`), 'ECONNREFUSED', 'a port of the host');
  t.match(await connect(`{ host: '192.0.2.1', port: 80 }`), /ENETUNREACH|EHOSTUNREACH/, 'an address of the network');
  const other = new URL(await run('return process.env.HTTP_PROXY', 'two'));
  const mine = new URL(await run('return process.env.HTTP_PROXY'));
  t.not(mine.port, '9', 'its configuration does not change the variables of its lane');
  if (other.port !== mine.port)
    t.match(await connect(`{ host: '127.0.0.1', port: ${other.port} }`), 'ECONNREFUSED', 'the lane of another server');
  t.match(await connect(`{ path: '/run/x.sock' }`), /EPERM|ENOENT|EAFNOSUPPORT|EACCES/, 'a unix socket');
  t.match(
    await run(`const { Resolver } = (await load('node:dns')).promises;
      const r = new Resolver({ timeout: 200, tries: 1 }); r.setServers(['192.0.2.53']);
      return r.resolve4('example.com').then(String, (e) => e.code)`),
    /ECONNREFUSED|ETIMEOUT|ENETUNREACH|ENOTFOUND|ESERVFAIL/,
    'DNS',
  );
  const attempt = (expression: string): Promise<string> =>
    run(`const fs = await load('node:fs'); try { return ${expression} } catch (e) { return e.code }`);
  t.match(await attempt(`fs.writeFileSync('${s.daemon.work}/out', 'x')`), /EROFS|EACCES/, 'the profile is read-only');
  t.match(
    await attempt(`fs.readdirSync('${s.daemon.home}/sessions').length`),
    /ENOENT|EACCES|EPERM|^0$/,
    'the Codex home',
  );
  t.match(await attempt(`process.kill(${s.daemon.process.pid}, 0)`), 'ESRCH', 'the daemon is not in its process table');
  t.match(
    await run('return Object.keys(process.env).filter((name) => /CODEX_HOME|API_KEY/.test(name)).join()'),
    /^$/,
    'no variable of the daemon',
  );
  t.notMatch(
    await run(`return (await load('node:fs')).readFileSync('/proc/net/tcp', 'utf8')`),
    port16(s.upstream.port),
  );
  t.same(s.upstream.hits, []);
  t.match(await run(`return ask('${UNLISTED}', ${s.upstream.port})`).catch(String), /Network access to "localhost"/);
});

const port16 = (port: number): string => `:${port.toString(16).toUpperCase().padStart(4, '0')} `;

t.test('a server without a usable sandbox does not start, and never starts without one', async (t) => {
  const file = networkServer(t.testdir());
  const tables =
    networkServerTable('none', file, 'nosuch') +
    networkServerTable('gone', file, 'test').replace(JSON.stringify(process.execPath), '"/no/such/program"') +
    `[mcp_servers.far]\nurl = "http://127.0.0.1:9/"\npermissions = "test"\n`;
  const s = await turnScene(t, [say('done')], { tables });
  const failed = new Map<string, string>();
  s.client.onNotification('mcpServer/startupStatus/updated', ({ name, status, error }) => {
    if (status === 'failed') failed.set(name, error ?? '');
  });
  await s.turn(await s.startThread());
  t.match(
    failed.get('none'),
    /mcp_servers\.none\.permissions names the profile "nosuch", which cannot be used: .*undefined/,
  );
  t.match(failed.get('gone'), /No such file or directory/);
  t.match(failed.get('far'), /runs elsewhere: remove the key/);
  t.same(processesWith(file), []);
});

t.test('a start that fails for want of the network has the refusal as its reason', async (t) => {
  const file = networkServer(t.testdir());
  const early = `if ((await ask('${DENIED}', 80)) !== 'HTTP/1.1 200 OK') process.exit(1);\nreadline.createInterface`;
  fs.writeFileSync(
    file,
    fs.readFileSync(file, 'utf8').replace('readline.createInterface', () => early),
  );
  const s = await turnScene(t, [say('done')], { tables: networkServerTable('srv', file, 'test') });
  const errors: string[] = [];
  s.client.onNotification('mcpServer/startupStatus/updated', ({ status, error }) => {
    if (status === 'failed') errors.push(error ?? '');
  });
  await s.turn(await s.startThread());
  t.match(errors, [/^MCP client for `srv` failed to start: .*Network access to "denied\.test" was blocked/s]);
});

t.test('without a thread it runs under its profile in the folder of the daemon', async (t) => {
  const { s } = await scene(t);
  const { data } = await s.client.request('mcpServerStatus/list', {});
  t.match(data, [{ name: 'srv', toolsError: null, tools: { ask: { name: 'ask' } } }]);
  const read = (uri: string) => s.client.request('mcpServer/resource/read', { server: 'srv', uri });
  await t.rejects(read(`http://${DENIED}:81/x`), {
    message: /resources\/read failed for `srv`.*Network access to "denied\.test"/,
  });
  t.match(await decisions(s), [{ threadId: null, mcpServer: 'srv', verdict: 'deny' }]);
  await until(async () => (await metricsOf(s.daemon))('codexd_lanes{state="lent"}') === 0, 'the lane is free again');
});

t.test('an edited profile counts for a running server when the configuration is read again', async (t) => {
  const { s } = await scene(t);
  const id = await s.startThread();
  const ask = async (): Promise<unknown> => {
    const params = { threadId: id, server: 'srv', tool: 'run', arguments: { code: 'return process.env.HTTP_PROXY' } };
    return ((await s.client.request('mcpServer/tool/call', params)).content[0] as { text?: unknown }).text;
  };
  t.match(await ask(), /^http:/);
  const config = `${s.daemon.home}/config.toml`;
  fs.writeFileSync(config, fs.readFileSync(config, 'utf8').replace('enabled = true', 'enabled = false'));
  await s.client.request('config/mcpServer/reload', undefined);
  t.equal(await ask(), 'undefined', 'it is offline now');
});
