/** Who is asked before a tool is called, and what the answer does, in a daemon. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { mustAsk } from '../../../../server/sessions/tools/mcp/tool-approval.js';
import { event, say } from '../../../fixtures/model-server.js';
import { logged, mcpProgram, mcpTable } from '../../../fixtures/mcp-server.js';
import { calls, scene } from '../../turn/support.js';

t.setTimeout(120_000);

t.test(
  'what a server says of its tool decides whether a person is asked, and the configuration before it',
  async (t) => {
    const [reads, destroys, closed, open] = [
      { readOnlyHint: true },
      { readOnlyHint: true, destructiveHint: true },
      { destructiveHint: false, openWorldHint: false },
      { destructiveHint: false },
    ];
    const asked = (mode: Parameters<typeof mustAsk>[0]): boolean[] =>
      [undefined, reads, destroys, closed, open, 'nonsense'].map((annotations) => mustAsk(mode, annotations));
    t.same(asked('auto'), [true, false, true, false, true, true]);
    t.same(asked('writes'), [true, false, false, true, true, true]);
    t.same(asked('prompt'), [true, true, true, true, true, true]);
    t.same(asked('approve'), [false, false, false, false, false, false]);
  },
);

const ASK = 'mcpServer/elicitation/request';
const write = (id: string): object => ({ ...event.call('write', { x: 1 }, id), namespace: 'mcp__srv' });

async function asking(t: Parameters<typeof scene>[0], options: { start?: object; table?: string } = {}) {
  const { file, logFile } = mcpProgram(t.testdir(), `write: { run: () => (log({ ran: true }), text('written')) }`);
  const s = await scene(t, {
    tables: mcpTable('srv', file, options.table),
    start: options.start ?? { approvalPolicy: 'on-request' },
  });
  let n = 0;
  return {
    s,
    ran: () => logged(logFile).filter(({ ran }) => ran === true).length,
    /** One turn that calls the tool; what is asked gets `answer`. Undefined: nothing is asked. */
    async turn(answer?: object): Promise<string> {
      const id = `call_${++n}`;
      const from = s.daemon.messages.length;
      s.model.push(calls(write(id)), say('done'));
      const { id: turnId } = await s.begin('go');
      if (answer !== undefined) {
        const question = await s.note(ASK, () => true, from);
        s.daemon.answer(question.id as number, { result: answer });
      }
      await s.ended(turnId);
      return s.outputs()[id] ?? '';
    },
    questions: () => s.notes(ASK),
  };
}

t.test('only accept is a yes; a yes for the session holds for the tool, and no longer than the thread', async (t) => {
  const { s, turn, questions } = await asking(t);
  for (const [given, said] of [
    [{ action: 'decline', content: null, _meta: null }, /user rejected MCP tool call/],
    [{ action: 'cancel', content: null, _meta: null }, /user cancelled MCP tool call/],
    [{ action: 'bogus' }, /user rejected MCP tool call/],
    [{ action: 'accept', content: {}, _meta: { persist: 'nonsense' } }, /written/],
    [{ action: 'accept', content: {}, _meta: { persist: 'session' } }, /written/],
  ] as const) {
    t.match(await turn(given), said, JSON.stringify(given));
  }
  t.match(await turn(), /written/, 'the session remembers');
  t.equal(questions().length, 5);
  t.match(questions()[0], {
    serverName: 'srv',
    mode: 'form',
    message: 'Allow the srv MCP server to run tool "write"?',
    _meta: {
      codex_approval_kind: 'mcp_tool_call',
      persist: ['session', 'always'],
      tool_name: 'write',
      tool_params: { x: 1 },
    },
  });
  const flags = s.notes('thread/status/changed').map(({ status }) => status.activeFlags ?? []);
  t.ok(flags.some((list: string[]) => list.includes('waitingOnApproval')));
});

t.test('a yes for good is in the configuration, and nobody is asked again', async (t) => {
  const { s, turn } = await asking(t);
  t.match(await turn({ action: 'accept', content: {}, _meta: { persist: 'always' } }), /written/);
  t.match(
    fs.readFileSync(path.join(s.home, 'config.toml'), 'utf8'),
    /\[mcp_servers\.srv\.tools\.write\]\napproval_mode = "approve"/,
  );
});

t.test('under never nobody is asked, and nothing runs that would be asked about', async (t) => {
  const { s, turn, ran } = await asking(t, { start: { approvalPolicy: 'never', sandbox: 'read-only' } });
  t.match(await turn(), /MCP tool call requires approval, but approval policy is never/);
  t.match(s.items('mcpToolCall'), [{ status: 'failed', result: null }]);
  t.equal(ran(), 0);
  t.same(s.notes(ASK), []);
});

t.test('approve in the configuration asks nobody, also under never', async (t) => {
  const start = { approvalPolicy: 'never', sandbox: 'read-only' };
  const { turn } = await asking(t, { start, table: 'default_tools_approval_mode = "approve"' });
  t.match(await turn(), /written/);
});
