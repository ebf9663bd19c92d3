import t from 'tap';
import { unusableAnswer } from '../../../../server/errors/rpc-error.js';
import { elicit } from '../../../../server/sessions/tools/mcp/elicitation.js';
import type { Loose } from '../../../fixtures/mcp-server.js';

function thread(policy: unknown, answer: () => Promise<unknown>, turn: Loose = null) {
  const asked: Loose[] = [];
  const flags: boolean[] = [];
  const it = {
    id: 't',
    turn,
    state: { wire: { approvalPolicy: policy } },
    flag: (_name: string, up: boolean) => void flags.push(up),
    events: {
      ask: (method: string, params: object) => {
        asked.push({ method, ...params });
        return answer();
      },
    },
  } as Loose;
  return { it, asked, flags };
}
const FORM = { message: 'Name?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } };
const question = (params: Loose, signal = new AbortController().signal) => ({ params, signal });
const yes = () => Promise.resolve({ action: 'accept', content: { name: 'Bob' }, _meta: null });

t.test('a question reaches the clients in the form that they know', async (t) => {
  const { it, asked, flags } = thread('on-request', yes, { id: 'turn', signal: new AbortController().signal });
  t.same(await elicit(it, 'srv', question(FORM)), { action: 'accept', content: { name: 'Bob' } });
  t.match(asked, [
    {
      method: 'mcpServer/elicitation/request',
      threadId: 't',
      turnId: 'turn',
      serverName: 'srv',
      mode: 'form',
      _meta: null,
    },
  ]);
  t.same(flags, [true, false]);
  const page = { mode: 'url', message: 'Look', url: 'https://h.test', elicitationId: 'e' };
  const direct = thread('on-request', yes);
  await elicit(direct.it, 'srv', question(page));
  t.match(direct.asked, [{ ...page, turnId: null }]);
});

t.test('what nobody may be asked, or cannot read, is declined without asking', async (t) => {
  const quiet = { granular: { sandbox_approval: true, rules: true, mcp_elicitations: false } };
  for (const [policy, params] of [
    ['never', FORM],
    [quiet, FORM],
    ['on-request', { mode: 'url', message: 'x' }],
    ['on-request', { mode: 'telepathy', message: 'x' }],
    ['on-request', { message: 'x', requestedSchema: { type: 'object', properties: { a: { type: 'object' } } } }],
    ['on-request', { message: 'x' }],
  ] as const) {
    const { it, asked } = thread(policy, yes);
    t.same(await elicit(it, 'srv', question(params)), { action: 'decline' }, JSON.stringify(params));
    t.same(asked, []);
  }
});

t.test('an error is a no; the end of the turn is a no; a question that was taken back rejects', async (t) => {
  const wrong = thread('on-request', () => Promise.reject(unusableAnswer('x', 'y')));
  t.same(await elicit(wrong.it, 'srv', question(FORM)), { action: 'decline' });
  const over = new AbortController();
  const ended = thread('on-request', () => Promise.reject(new Error('interrupted')), {
    id: 'turn',
    signal: over.signal,
  });
  over.abort();
  t.same(await elicit(ended.it, 'srv', question(FORM)), { action: 'decline' });
  const taken = new AbortController();
  taken.abort();
  await t.rejects(
    elicit(thread('on-request', () => Promise.reject(new Error('gone'))).it, 'srv', question(FORM, taken.signal)),
  );
});
