import t from 'tap';
import type { Prompt } from '../../../../clients/console/state/questions/prompt.js';
import { createQuestions } from '../../../../clients/console/state/questions/questions.js';
import { fakeServer, type FakeServer } from '../fake-server.js';

const owner = { kind: 'thread', threadId: 't1', turnId: 'u1', itemId: 'i1', mcpServer: null };
const prompt = {
  promptId: 'a',
  openedAtMs: 5,
  owner,
  method: 'item/fileChange/requestApproval',
  params: { threadId: 't1', turnId: 'u1', itemId: 'i1', startedAtMs: 5 },
  mayAnswer: true,
};
const item = { type: 'fileChange', id: 'i1', status: 'inProgress', changes: [{ path: '/w/a', diff: '+x\n' }] };

/** The question, once its patch was read or refused. */
async function read(fake: FakeServer): Promise<Prompt | undefined> {
  const { open } = createQuestions(fake.server);
  fake.notify('operator/prompts/opened', { prompt });
  await new Promise(setImmediate);
  return open.value[0];
}

t.test('a question about a patch of another client gets the patch from its turn, and asks for it once', async (t) => {
  const fake = fakeServer();
  fake.answer('operator/prompts/item', { item });
  t.match(await read(fake), { promptId: 'a', item });
  fake.notify('operator/prompts/opened', { prompt: { ...prompt, promptId: 'b' } });
  t.equal(fake.requests.length, 1);
});

t.test('where the daemon allows no operators, the patch of an own thread comes from its history', async (t) => {
  const fake = fakeServer();
  fake.answer('thread/turns/list', { data: [{ id: 'u1', items: [{ type: 'plan', id: 'i0' }, item] }] });
  const { open } = createQuestions(fake.server);
  void fake.ask(prompt.method, prompt.params, new AbortController().signal);
  await new Promise(setImmediate);
  t.match(open.value, [{ item }]);
});

t.test('why a patch cannot be read is said', async (t) => {
  const refusing = fakeServer();
  refusing.answer('operator/prompts/item', new Error('not loaded'));
  t.match(await read(refusing), { itemFailure: 'not loaded' });
  const empty = fakeServer();
  empty.answer('operator/prompts/item', { item: null });
  t.match(await read(empty), { itemFailure: 'the thread does not have it' });
});
