/** What a session asks, and what the answers do. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { event, items, say } from '../../fixtures/model-server.js';
import { mcpProgram, mcpTable } from '../../fixtures/mcp-server.js';
import { mcpScene, type Loose, type McpScene } from './support.js';

t.setTimeout(240_000);

const escalated = (cmd: string) =>
  items(event.call('exec_command', { cmd, sandbox_permissions: 'require_escalated', justification: 'because' }));
const patch = (name: string) =>
  items(
    event.call('exec_command', {
      cmd: `apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: ${name}\n+hello\n*** End Patch\nEOF`,
    }),
  );
const made = (s: McpScene, name: string): boolean => fs.existsSync(path.join(s.work, name));

t.test('a command asks with the members of the reference; only a yes runs it', async (t) => {
  const s = await mcpScene(t);
  let n = 0;
  const ask = async (
    answer: object,
    stops = false,
  ): Promise<{ readonly question: Loose; readonly result: Loose; readonly ran: boolean }> => {
    const name = `made-${++n}`;
    s.model.push(escalated(`touch ${name}`), ...(stops ? [] : [say('end')]));
    const call = s.codex({ prompt: 'x' }, `call-${n}`);
    const question = await s.question();
    if ('error' in answer) s.send({ jsonrpc: '2.0', id: question.id, ...answer });
    else s.answer(question, answer);
    return { question, result: await call, ran: made(s, name) };
  };
  const { question, result, ran } = await ask({ decision: 'approved' });
  t.ok(ran);
  t.match(question.params, {
    message: /^Allow Codex to run `.* -l?c 'touch made-1'` in `.*`\? Reason: because$/,
    requestedSchema: { type: 'object', properties: {} },
    threadId: result.structuredContent.threadId,
    codex_elicitation: 'exec-approval',
    codex_mcp_tool_call_id: 'call-1',
    codex_call_id: /^call_/,
    codex_cwd: s.work,
    codex_parsed_cmd: [{ type: 'unknown', cmd: 'touch made-1' }],
  });
  t.equal(question.params.codex_command.at(-1), 'touch made-1');
  t.match(s.events('exec_approval_request')[0], { call_id: question.params.codex_call_id, cwd: s.work });
  t.ok((await ask({ action: 'accept', content: {} })).ran, 'the answer of the protocol');
  t.ok((await ask({ decision: 'approved_for_session' })).ran);
  for (const no of [
    { decision: 'denied' },
    { decision: 'nonsense' },
    { action: 'decline' },
    { action: 'nonsense' },
    {},
    { error: { code: -32000, message: 'no' } },
    { action: 'accept', decision: 'denied' },
  ]) {
    const refused = await ask(no);
    t.notOk(refused.ran, JSON.stringify(no));
    t.equal(refused.result.structuredContent.content, 'end', JSON.stringify(no));
  }
  for (const stop of [{ decision: 'abort' }, { action: 'cancel' }]) {
    const stopped = await ask(stop, true);
    t.notOk(stopped.ran);
    t.match(stopped.result, { isError: true, structuredContent: { content: 'The turn was interrupted.' } });
  }
});

t.test('a patch asks with its changes', async (t) => {
  const s = await mcpScene(t, {}, patch('yes.txt'), say('end'), patch('no.txt'), say('end'));
  const first = s.codex({ prompt: 'x', 'approval-policy': 'untrusted' });
  const question = await s.question();
  t.match(question.params, {
    message: 'Allow Codex to apply proposed code changes?',
    codex_elicitation: 'patch-approval',
    codex_changes: { [path.join(s.work, 'yes.txt')]: { type: 'add', content: 'hello\n' } },
  });
  s.answer(question, { decision: 'approved' });
  const { threadId } = (await first).structuredContent;
  t.ok(made(s, 'yes.txt'));
  const second = s.reply(threadId, 'again');
  s.answer(await s.question(), { decision: 'denied' });
  await second;
  t.notOk(made(s, 'no.txt'));
  t.match(
    s.events('patch_apply_end').map(({ success, status }) => ({ success, status })),
    [
      { success: true, status: 'completed' },
      { success: false, status: 'declined' },
    ],
  );
});

t.test('a client without the capability is asked nothing: all is refused, and the result says why', async (t) => {
  for (const capabilities of [{}, { elicitation: { url: {} } }]) {
    const s = await mcpScene(t, { capabilities }, escalated('touch made'), say('end'));
    const { content, structuredContent, isError } = await s.codex({ prompt: 'x' });
    t.notOk(made(s, 'made'));
    t.equal(isError, undefined);
    t.equal(structuredContent.content, 'end');
    t.match(content[1].text, /^Refused, because this MCP client cannot be asked .*touch made/);
    t.notOk(s.messages.some(({ method }) => method === 'elicitation/create'));
  }
});

t.test('a question that is open when the call is cancelled is taken back, and is a no', async (t) => {
  const s = await mcpScene(t, {}, escalated('touch made'), say('next'));
  s.begin({ prompt: 'x' }, 'call');
  const question = await s.question();
  s.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'call' } });
  await s.next(({ method, params }) => method === 'notifications/cancelled' && params.requestId === question.id);
  s.answer(question, { decision: 'approved' });
  t.match(await s.reply(question.params.threadId, 'go'), { structuredContent: { content: 'next' } });
  t.notOk(made(s, 'made'), 'a late yes is none');
});

t.test("questions of a session's MCP server, and approvals of its tools, are forms", async (t) => {
  const { file } = mcpProgram(
    t.testdir(),
    `ask: { run: async () => text(JSON.stringify(await ask('elicitation/create', {
      message: 'Which?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } }))) }`,
  );
  const call = items({ ...event.call('ask', {}, 'c1'), namespace: 'mcp__srv' });
  const s = await mcpScene(t, { tables: mcpTable('srv', file) }, call, say('end'));
  const running = s.codex({ prompt: 'x' });
  const approval = await s.question();
  t.match(approval.params, { codex_elicitation: 'mcp-elicitation', codex_mcp_server: 'srv' });
  s.answer(approval, { action: 'accept', content: {} });
  const question = await s.question();
  t.match(question.params, { message: 'Which?', requestedSchema: { properties: { name: { type: 'string' } } } });
  s.answer(question, { action: 'accept', content: { name: 'blue' } });
  await running;
  t.ok(JSON.stringify(s.model.requests[1]?.body.input).includes('blue'));
  t.match(s.events('mcp_startup_complete'), [{ ready: ['srv'], failed: [], cancelled: [] }]);
  t.match(s.events('mcp_tool_call_end'), [{ invocation: { server: 'srv', tool: 'ask' }, result: { Ok: {} } }]);
});
