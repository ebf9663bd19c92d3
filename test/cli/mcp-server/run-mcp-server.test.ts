/** `codexd mcp-server` as an MCP client sees it, from its start to its end. */
import t from 'tap';
import { event, say } from '../../fixtures/model-server.js';
import { until } from '../../fixtures/until.js';
import { mcpScene } from './support.js';

t.setTimeout(120_000);

const HANGING = { events: [event.created()], hang: true };

/** Whether a process of this id exists. */
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

t.test('it introduces itself, and answers what it does not offer with an error', async (t) => {
  const s = await mcpScene(t);
  const hello = s.messages[0].result;
  t.match(hello, {
    protocolVersion: '2025-06-18',
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: 'codex-mcp-server', title: 'Codex', version: /^0\.\d+\.\d+$/ },
  });
  t.same(await s.request('ping'), {});
  for (const method of ['resources/list', 'prompts/list', 'nonsense'])
    t.match(await s.request(method), { code: -32601 }, method);
  t.equal(await s.close(), 0);
});

t.test('a message that cannot be read is reported in one line, and the next one is answered', async (t) => {
  const s = await mcpScene(t);
  s.send('garbage');
  s.send({ jsonrpc: '2.0', id: 5 });
  s.send('{"jsonrpc":"2.0","id":');
  t.same(await s.request('ping'), {});
  await until(() => s.stderr().includes('was ignored'), 'the report');
  t.ok(
    s
      .stderr()
      .split('\n')
      .every((line) => line === '' || line.startsWith('codexd mcp-server: ')),
    s.stderr(),
  );
});

t.test('a version that it does not know gets the newest one that it knows', async (t) => {
  const s = await mcpScene(t);
  const params = { protocolVersion: '1999-01-01', capabilities: {}, clientInfo: { name: 'old', version: '1' } };
  t.match((await s.request('initialize', params)).protocolVersion, /^20\d\d-\d\d-\d\d$/);
});

t.test('a call that is cancelled interrupts its turn and gets no answer', async (t) => {
  const s = await mcpScene(t, {}, HANGING, say('after'));
  s.begin({ prompt: 'long' }, 'call');
  const { thread_id: threadId } = (await s.next(({ params }) => params?.msg?.type === 'session_configured')).params.msg;
  await until(() => s.model.requests.length === 1, 'the request');
  s.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'call', reason: 'enough' } });
  await s.next(({ params }) => params?.msg?.type === 'turn_aborted');
  await until(() => s.model.requests[0]?.aborted === true, 'the end of the request');
  t.match(await s.reply(threadId, 'next'), { structuredContent: { threadId, content: 'after' } });
  t.notOk(s.messages.some(({ id, method }) => id === 'call' && method === undefined));
});

t.test('the end of its input ends turns, questions and the app-server', async (t) => {
  const s = await mcpScene(t, {}, HANGING);
  s.begin({ prompt: 'long' }, 'call');
  await until(() => s.model.requests.length === 1, 'the request');
  const children = await childrenOf(s.pid);
  t.ok(children.length > 0, 'the app-server runs');
  t.equal(await s.close(), 0);
  for (const pid of children) await until(() => !lives(pid), `the end of ${pid}`);
  t.ok(s.model.requests[0]?.aborted);
});

t.test('when it is killed, the app-server ends with it', async (t) => {
  const s = await mcpScene(t, {}, HANGING);
  s.begin({ prompt: 'long' }, 'call');
  await until(() => s.model.requests.length === 1, 'the request');
  const children = await childrenOf(s.pid);
  process.kill(s.pid, 'SIGKILL');
  for (const pid of children) await until(() => !lives(pid), `the end of ${pid}`);
  t.pass('nothing is left');
});

t.test('when the app-server dies, its calls say so, and the next call starts another one', async (t) => {
  const s = await mcpScene(t, {}, HANGING, say('again'));
  const call = s.codex({ prompt: 'long' });
  await until(() => s.model.requests.length === 1, 'the request');
  for (const pid of await childrenOf(s.pid)) process.kill(pid, 'SIGKILL');
  const result = await call;
  t.match(result, { isError: true, content: [{ text: /app-server ended/ }] });
  const { threadId } = result.structuredContent;
  t.match(await s.reply(threadId, 'again'), { structuredContent: { threadId, content: 'again' } }, 'from the disk');
});

t.test('options of the command line apply to the sessions', async (t) => {
  const s = await mcpScene(t, { args: ['-c', 'model="other-model"'] }, say('hi'));
  await s.codex({ prompt: 'x' });
  t.equal(s.model.requests[0]?.body.model, 'other-model');
});

async function childrenOf(pid: number): Promise<number[]> {
  const { readFile } = await import('node:fs/promises');
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
