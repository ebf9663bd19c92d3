/**
 * The adapter behind Zed, JetBrains and other editors, unmodified: it starts codexd for itself and speaks ACP to us.
 */
import readline from 'node:readline';
import t, { type Test } from 'tap';
import { event, items, say, startModelServer, type ModelRequestSeen, type Step } from '../fixtures/model-server.js';
import { logged, mcpProgram } from '../fixtures/mcp-server.js';
import { scratch, scriptedConfig } from '../fixtures/program.js';
import { CODEXD, installed, unless } from '../fixtures/real-clients.js';
import { elapse } from '../fixtures/until.js';
import { startChild } from '../fixtures/programs.js';

t.setTimeout(120_000);

const adapter = installed('@agentclientprotocol', 'codex-acp', 'dist', 'index.js');

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly options?: readonly { readonly kind: string; readonly optionId: string }[] };
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly data?: unknown };
}

const script = ({ url, body }: ModelRequestSeen): Step => {
  // The list of models: the daemon asks a server of this machine.
  if (url.endsWith('/models')) return { status: 404, body: {} };
  const last = (body.input as { type: string; content?: unknown }[]).at(-1);
  const text = JSON.stringify(last?.content ?? '');
  if (last?.type === 'function_call_output') return say('it ran');
  if (text.includes('editor tool')) {
    return items({ ...event.call('greet', { name: 'Ada' }), namespace: 'mcp__editor' });
  }
  if (text.includes('escalate')) {
    return items(
      event.call('exec_command', { cmd: 'echo ran', sandbox_permissions: 'require_escalated', justification: 'x' }),
    );
  }
  return text.includes('wait') ? { events: [event.created()], hang: true } : say('hello from the model');
};

async function acp(t: Test) {
  const model = await startModelServer(...Array.from({ length: 20 }, () => script));
  const { home, work, user } = scratch(t, scriptedConfig(model.url, 'approval_policy = "on-request"'));
  const child = startChild(process.execPath, [adapter!], {
    env: { CODEX_PATH: CODEXD, CODEX_HOME: home, HOME: user, NO_BROWSER: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.teardown(async () => {
    child.kill();
    await model.close();
  });
  const waiting = new Map<number, (message: Message) => void>();
  const updates: Message[] = [];
  const asked: Message[] = [];
  const send = (message: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  readline.createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as Message;
    if (message.method === undefined) waiting.get(message.id ?? -1)?.(message);
    else if (message.id === undefined) updates.push(message);
    else {
      asked.push(message);
      const optionId = message.params?.options?.find(({ kind }) => kind === 'allow_once')?.optionId;
      send({ id: message.id, result: { outcome: { outcome: 'selected', optionId } } });
    }
  });
  let id = 0;
  return {
    work,
    updates,
    asked,
    notify: (method: string, params: object) => send({ method, params }),
    request: (method: string, params: object) =>
      new Promise<Message>((resolve) => {
        waiting.set(++id, resolve);
        send({ id, method, params });
      }),
  };
}

t.test(
  'a session: prompt, approval, cancellation, list, load',
  { skip: unless(adapter, '@agentclientprotocol/codex-acp') },
  async (t) => {
    const { request, notify, work, updates, asked } = await acp(t);
    const text = (said: string) => [{ type: 'text', text: said }];
    t.match(await request('initialize', { protocolVersion: 1, clientCapabilities: {} }), {
      result: { protocolVersion: 1 },
    });
    const { result } = await request('session/new', { cwd: work, mcpServers: [] });
    const sessionId = String(result?.sessionId);
    t.match(result, { models: { currentModelId: /^mock-model/ } }, 'the configured model is the current one');

    t.match(await request('session/prompt', { sessionId, prompt: text('hello') }), {
      result: { stopReason: 'end_turn' },
    });
    t.match(JSON.stringify(updates), /hello from the model/);

    t.match(await request('session/set_mode', { sessionId, modeId: 'read-only' }), { result: {} });
    t.match(await request('session/prompt', { sessionId, prompt: text('escalate') }), {
      result: { stopReason: 'end_turn' },
    });
    t.match(asked, [{ method: 'session/request_permission' }]);
    t.match(JSON.stringify(updates), /"exit_code":0/);

    const waiting = request('session/prompt', { sessionId, prompt: text('wait') });
    await elapse(300, 'the turn is on its way when it is cancelled');
    notify('session/cancel', { sessionId });
    t.match(await waiting, { result: { stopReason: 'cancelled' } });

    t.match(await request('session/list', {}), { result: { sessions: [{ sessionId, cwd: work, title: 'hello' }] } });
    const before = updates.length;
    t.match(await request('session/load', { sessionId, cwd: work, mcpServers: [] }), { result: {} });
    t.match(JSON.stringify(updates.slice(before)), /hello from the model/, 'the past is told again');
    t.notMatch(JSON.stringify(updates.slice(before)), /not taken over/, 'nothing changed, so nothing is warned of');
    const unknown = await request('session/load', {
      sessionId: '00000000-0000-4000-8000-000000000000',
      cwd: work,
      mcpServers: [],
    });
    t.match(unknown.error, { data: { details: /no rollout found for thread id/ } });
  },
);

t.test(
  "the editor's own MCP server: its tools reach the model, and its approvals the person",
  { skip: unless(adapter, '@agentclientprotocol/codex-acp') },
  async (t) => {
    const { file, logFile } = mcpProgram(
      t.testdir(),
      `greet: { inputSchema: { type: 'object', properties: { name: { type: 'string' } } },
         run: ({ name }) => (log({ greeted: name, token: process.env.EDITOR_TOKEN }), text('hello ' + name)) }`,
    );
    const { request, work, updates, asked } = await acp(t);
    await request('initialize', { protocolVersion: 1, clientCapabilities: {} });
    const env = [{ name: 'EDITOR_TOKEN', value: 'secret' }];
    const server = { name: 'editor', command: process.execPath, args: [file], env };
    const { result } = await request('session/new', { cwd: work, mcpServers: [server] });
    const sessionId = String(result?.sessionId);
    await request('session/set_mode', { sessionId, modeId: 'workspace-write' });
    const prompt = [{ type: 'text', text: 'use the editor tool' }];
    t.match(await request('session/prompt', { sessionId, prompt }), { result: { stopReason: 'end_turn' } });
    t.match(logged(logFile).at(-1), { greeted: 'Ada', token: 'secret' });
    t.match(asked, [{ method: 'session/request_permission' }]);
    t.match(JSON.stringify(updates), /hello Ada/, 'the editor shows the result');

    const loaded = await request('session/load', { sessionId, cwd: work, mcpServers: [server] });
    t.equal(loaded.error, undefined);
    t.match(await request('session/prompt', { sessionId, prompt }), { result: { stopReason: 'end_turn' } });
  },
);
