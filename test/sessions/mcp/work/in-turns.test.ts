import t from 'tap';
import { inTurns } from '../../../../server/sessions/mcp/work/in-turns.js';
import { createServerWorks } from '../../../../server/sessions/mcp/work/server-works.js';
import { createOpenRequests } from '../../../../server/sessions/mcp/connection/open-requests.js';
import type { Answer, RequestLimits, ToolResult } from '../../../../server/sessions/mcp/shape/connection.js';
import { connectionOf } from './support.js';
import { serverOwner } from '../../../../server/sessions/mcp/server-process.js';

const denial = {
  host: 'h',
  port: 80,
  protocol: 'http',
  reason: 'denied',
  rule: 'h',
  source: 'baseline_policy',
  message: 'Network access to "h" was blocked',
} as const;

type Sent = { readonly name: string; readonly limits: RequestLimits; answer(answer: Answer<ToolResult>): void };

/** A server whose calls a test answers by hand. */
function made() {
  const sent: Sent[] = [];
  const works = createServerWorks({ owner: serverOwner('srv', 'thread'), memory: null, stray: () => {} });
  const unanswered = createOpenRequests();
  const inner = connectionOf({
    unanswered,
    call: ({ name }, limits) =>
      new Promise((resolve, reject) => {
        sent.push({ name, limits, answer: resolve });
        unanswered.sent(sent.length);
        limits.signal.addEventListener('abort', () => reject(limits.signal.reason as Error));
      }),
  });
  return { sent, works, unanswered, connection: inTurns(inner, works) };
}

const call = (name: string) => ({ name, arguments: null, meta: {}, onProgress: null });
const limits = (signal = new AbortController().signal): RequestLimits => ({ timeoutMs: 60_000, signal });
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const done: Answer<ToolResult> = { ok: true, result: { content: [] } };

t.test('one request after the other, whatever it asks for', async (t) => {
  const { connection, sent } = made();
  const first = connection.call(call('a'), limits());
  const second = connection.call(call('b'), limits());
  const page = connection.page('resources', null, limits());
  await soon();
  t.same(
    sent.map(({ name }) => name),
    ['a'],
  );
  sent[0]?.answer(done);
  t.same(await first, done);
  await soon();
  t.same(
    sent.map(({ name }) => name),
    ['a', 'b'],
  );
  sent[1]?.answer(done);
  await second;
  t.match(await page, { ok: true, result: { entries: [{ uri: 'x' }] } });
  t.match(await connection.readResource('x', limits()), { ok: false, fault: { kind: 'rpc' } });
  t.equal(connection.facts.instructions, 'words');
});

t.test(
  'a refused request ends its call at once, and the next one begins when the server is done with it',
  async (t) => {
    const { connection, sent, works, unanswered } = made();
    const first = connection.call(call('a'), limits());
    const second = connection.call(call('b'), limits());
    await soon();
    works.now().denied(denial);
    t.same(await first, { ok: false, fault: { kind: 'denied', denial } });
    await soon();
    t.equal(sent.length, 1, 'the server has not answered the first');
    unanswered.answered(1);
    await soon();
    t.equal(sent.length, 2);
    sent[1]?.answer(done);
    t.same(await second, done);
  },
);

t.test('a refusal that comes with the answer is the outcome', async (t) => {
  const { connection, sent, works } = made();
  const first = connection.call(call('a'), limits());
  await soon();
  sent[0]?.answer(done);
  works.now().denied(denial);
  t.same(await first, { ok: false, fault: { kind: 'denied', denial } });
});

t.test('who gives up rejects with its own reason, also when a request was refused', async (t) => {
  const { connection, works, unanswered } = made();
  const turn = new AbortController();
  const first = connection.call(call('a'), limits(turn.signal));
  await soon();
  turn.abort(new Error('interrupted'));
  works.now().denied(denial);
  await t.rejects(first, /interrupted/);
  unanswered.answered(1);
  await soon();
  t.equal(works.now().id, 0);
});
