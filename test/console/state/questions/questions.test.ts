import t from 'tap';
import { createQuestions } from '../../../../clients/console/state/questions/questions.js';
import { fakeServer } from '../fake-server.js';

const ASK = 'item/commandExecution/requestApproval';
const params = { threadId: 't1', turnId: 'u1', itemId: 'i1', startedAtMs: 5, command: 'ls', kind: 'command' };
const prompt = (promptId: string, mayAnswer = true) => ({
  promptId,
  openedAtMs: 5,
  owner: { kind: 'thread', threadId: 't1', turnId: 'u1', itemId: 'i1', mcpServer: null },
  method: ASK,
  params,
  mayAnswer,
});
const ids = (list: readonly { promptId: string }[]): string[] => list.map(({ promptId }) => promptId);

t.test('lists, adds and removes the questions of others, and says who answered', async (t) => {
  const fake = fakeServer();
  const { open, settled, refresh } = createQuestions(fake.server, () => 9);
  fake.answer('operator/prompts/list', { data: [prompt('a')] });
  await refresh();
  fake.notify('operator/prompts/opened', {
    prompt: { ...prompt('b'), openedAtMs: 6, params: { ...params, itemId: 'i2' } },
  });
  t.strictSame(ids(open.value), ['a', 'b']);
  fake.notify('operator/prompts/settled', {
    promptId: 'a',
    by: { connectionId: 3, clientName: 'other' },
    outcome: 'answered',
  });
  t.strictSame(ids(open.value), ['b']);
  t.match(settled.value, [{ question: { promptId: 'a' }, mine: false, by: { clientName: 'other' }, atMs: 9 }]);
});

t.test('an answer of this page is marked as its own, a late one is not', async (t) => {
  const fake = fakeServer();
  const { open, settled, refresh } = createQuestions(fake.server);
  fake.answer('operator/prompts/list', { data: [prompt('a')] });
  await refresh();
  fake.answer('operator/prompts/answer', { settled: false });
  t.equal(await open.value[0]?.answer({ decision: 'accept' }), false);
  fake.answer('operator/prompts/answer', { settled: true });
  t.equal(await open.value[0]?.answer({ decision: 'accept' }), true);
  t.strictSame(fake.requests.at(-1)?.params, { promptId: 'a', result: { decision: 'accept' } });
  fake.notify('operator/prompts/settled', { promptId: 'a', by: null, outcome: 'answered' });
  t.equal(settled.value[0]?.mine, true);
});

t.test('a question that comes as a prompt and as a request is one, and is answered where it may be', async (t) => {
  const fake = fakeServer();
  const { open, settled } = createQuestions(fake.server);
  const over = new AbortController();
  const answer = fake.ask(ASK, params, over.signal);
  t.strictSame(ids(open.value), ['direct-1']);
  fake.notify('operator/prompts/opened', { prompt: prompt('a', false) });
  t.strictSame(ids(open.value), ['a']);
  t.equal(open.value[0]?.mayAnswer, true, 'the subscriber may answer, the operator may not');
  await open.value[0]?.answer({ decision: 'decline' });
  t.strictSame(await answer, { decision: 'decline' });
  fake.notify('operator/prompts/settled', { promptId: 'a', by: null, outcome: 'answered' });
  t.strictSame(open.value, []);
  t.equal(settled.value.length, 1);
});

t.test('without the rights of an operator, a request of an own thread is answered and withdrawn', async (t) => {
  const fake = fakeServer();
  const { open, settled } = createQuestions(fake.server);
  const answer = fake.ask(ASK, params, new AbortController().signal);
  await open.value[0]?.answer({ decision: 'accept' });
  t.strictSame(await answer, { decision: 'accept' });
  const over = new AbortController();
  void fake.ask(ASK, params, over.signal);
  t.equal(open.value.length, 1);
  over.abort();
  t.strictSame(open.value, []);
  t.strictSame(
    settled.value.map(({ outcome }) => outcome),
    ['withdrawn', 'answered'],
  );
});
