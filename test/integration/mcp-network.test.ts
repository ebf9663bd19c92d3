/** MCP servers with a permission profile: their network requests are those of the calls for which they work. */
import t from 'tap';
import type { NotificationParams } from '../../schema/registry.js';
import { networkServer, networkServerTable } from '../fixtures/mcp-network-server.js';
import { event, items, say } from '../fixtures/model-server.js';
import { DENIED, exec, turnScene, UNLISTED, type Prompt, type TurnScene } from '../fixtures/turn-scene.js';

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
  s.client.onNotification('warning', ({ message }) => void warnings.push(message));
  return { s, done, warnings };
}
type Test = Parameters<typeof turnScene>[0];

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
