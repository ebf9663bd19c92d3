import t from 'tap';
import type { CallEnd } from '../../../../server/metrics/mcp-counts.js';
import { countedCalls } from '../../../../server/sessions/mcp/work/counted-calls.js';
import type { Answer, McpConnection, ToolResult } from '../../../../server/sessions/mcp/shape/connection.js';
import { connectionOf } from './support.js';

const call = { name: 'x', arguments: null, meta: {}, onProgress: null };
const limits = { timeoutMs: 1, signal: new AbortController().signal };

async function counted(answer: () => Promise<Answer<ToolResult>>): Promise<CallEnd[]> {
  const ends: CallEnd[] = [];
  const connection: McpConnection = countedCalls(connectionOf({ call: answer }), (end) => void ends.push(end));
  await connection.call(call, limits).catch(() => undefined);
  await connection.readResource('x', limits);
  return ends;
}

t.test('each call is counted once, by its end; nothing else is', async (t) => {
  t.same(await counted(() => Promise.resolve({ ok: true, result: { content: [] } })), ['answered']);
  t.same(await counted(() => Promise.resolve({ ok: false, fault: { kind: 'closed' } })), ['failed']);
  t.same(await counted(() => Promise.resolve({ ok: false, fault: { kind: 'timeout', ms: 1 } })), ['given_up']);
  t.same(await counted(() => Promise.reject(new Error('interrupted'))), ['given_up']);
  const denial = { host: 'h', port: 1, protocol: 'http', reason: 'denied', rule: null } as const;
  const fault = { kind: 'denied', denial: { ...denial, source: 'baseline_policy', message: 'no' } } as const;
  t.same(await counted(() => Promise.resolve({ ok: false, fault })), ['denied']);
});
