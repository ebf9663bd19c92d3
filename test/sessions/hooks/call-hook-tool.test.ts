import t from 'tap';
import { hookTools } from '../../../server/sessions/hooks/call-hook-tool.js';
import type { McpServer } from '../../../server/sessions/mcp/mcp-server.js';
import type { McpServers } from '../../../server/sessions/mcp/mcp-servers.js';
import type { Answer, McpConnection, ToolResult } from '../../../server/sessions/mcp/shape/connection.js';

type Call = McpConnection['call'];

/** One server `s`. `settled`: when it has started. */
function place(answer: () => Promise<Answer<ToolResult>>, settled: Promise<void> = Promise.resolve()) {
  const calls: [Parameters<Call>[0], number][] = [];
  const connection = {
    call: (call: Parameters<Call>[0], { timeoutMs, signal }: Parameters<Call>[1]) => {
      calls.push([call, timeoutMs]);
      return Promise.race([
        answer(),
        new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('over')))),
      ]);
    },
  };
  let answered = 0;
  const server = {
    config: { name: 's', enabledTools: null, disabledTools: ['off'] },
    status: 'connected',
    connection,
    start: () => {},
    settled: () => settled,
    answered: () => void answered++,
  } as unknown as McpServer;
  const servers: Pick<McpServers, 'begin' | 'find'> = {
    begin: () => {},
    find: (name) => (name === 's' ? server : null),
  };
  const call = (more: object = {}, signal = new AbortController().signal) =>
    hookTools('thread', servers)({ server: 's', tool: 't', arguments: { a: 1 }, timeoutMs: 5_000, signal, ...more });
  return { call, calls, answered: () => answered };
}

const text = (...texts: string[]) => ({ content: texts.map((one) => ({ type: 'text', text: one })) });

t.test('the texts of a result are one text, and images are left out', async (t) => {
  const result = { content: [...text('one').content, { type: 'image', data: 'aGk=' }, ...text('two').content] };
  const { call, calls, answered } = place(async () => ({ ok: true, result }));
  t.same(await call(), { ok: true, text: 'one\ntwo' });
  t.match(calls, [[{ name: 't', arguments: { a: 1 }, meta: { threadId: 'thread' } }, Number]]);
  t.equal(answered(), 1);
});

t.test('a failure says what failed, in the words of the protocol', async (t) => {
  const { call } = place(async () => ({ ok: true, result: { ...text('it broke'), isError: true } }));
  t.match(await call(), { ok: false, why: 'MCP tool returned an error: it broke' });
  t.match(await call({ server: 'x' }), { why: "unknown MCP server 'x'" });
  t.match(await call({ tool: 'off' }), { why: "tool 'off' is disabled for MCP server 's'" });
  const closed = place(async () => ({ ok: false, fault: { kind: 'closed' } }));
  t.match(await closed.call(), { why: 'tool call failed for `s/t`', cause: 'Transport closed' });
});

t.test('a server that does not start in time is a failure, and the end of the turn ends the wait', async (t) => {
  const never = new Promise<void>(() => {});
  const { call, calls } = place(async () => ({ ok: true, result: text('x') }), never);
  t.match(await call({ timeoutMs: 20 }), { why: 'tool call failed for `s/t`', cause: /not ready within 0.02 seconds/ });
  const gone = new AbortController();
  const waiting = call({}, gone.signal);
  gone.abort(new Error('interrupted'));
  await t.rejects(waiting, { message: 'interrupted' });
  t.same(calls, []);
});
