/** What a request contains: the instructions, the history, the settings of the moment, the origin. */
import t from 'tap';
import type { ThreadState } from '../../../../server/sessions/live/live-thread.js';
import type { HistoryItem } from '../../../../server/sessions/model/provider/model-provider.js';
import { createTurnRequests } from '../../../../server/sessions/turn/answer/turn-requests.js';
import { work } from '../in-process.js';

const user = (text: string): HistoryItem => ({
  type: 'message',
  role: 'user',
  content: [{ type: 'input_text', text }],
});
const toolbox = { definitions: () => [{ type: 'function', name: 'a_tool' }] };

t.test('the history follows the instructions; a summary offers no tools', async (t) => {
  const { thread, turn, model } = await work(t, [], { instructions: 'be kind' });
  thread.record([{ type: 'response_item', payload: user('hello') }]);
  const requests = createTurnRequests({ thread, turn, model, toolbox }, () => thread.state, { type: 'object' });
  const request = await requests.next();
  t.match(request, {
    model: 'mock-model',
    input: [{ type: 'message' }, user('hello')],
    tools: [{ name: 'a_tool' }],
    outputSchema: { name: 'codex_output_schema', strict: true, schema: { type: 'object' } },
    identity: { threadId: thread.id, turnId: turn.id, kind: 'turn', originator: 'test-client', sandbox: 'none' },
  });
  t.match(JSON.stringify(request.input[0]), /be kind/);
  t.equal(requests.baseBytes, Buffer.byteLength(JSON.stringify(request.input[0])));
  const summary = await requests.summary([user('other')]);
  t.match(summary, { tools: [], identity: { kind: 'compaction' } });
  t.strictSame(summary.input.slice(1), [user('other')]);
});

t.test('settings that change during the turn are those of the next request; the instructions stay', async (t) => {
  const { thread, turn, model } = await work(t);
  let state: ThreadState = { ...thread.state, baseInstructions: 'at first' };
  const requests = createTurnRequests({ thread, turn, model, toolbox }, () => state);
  t.match(await requests.next(), { model: 'mock-model', serviceTier: null, verbosity: null, outputSchema: null });
  const wire = { ...state.wire, model: 'other', effort: 'high' as const, serviceTier: 'flex' };
  state = { ...state, wire, baseInstructions: 'changed', table: { model_verbosity: 'low' } };
  const verbose = { ...model, infoOf: () => ({ ...model.infoOf(state), verbosity: { usual: 'high' } }) };
  const request = await requests.next();
  t.match(request, { model: 'other', serviceTier: 'flex', reasoning: { effort: 'high', summary: 'auto' } });
  t.match(JSON.stringify(request.input[0]), /at first/);
  t.equal(request.verbosity, null, 'the model has no such setting');
  const next = (table: ThreadState['table']) =>
    createTurnRequests({ thread, turn, model: verbose, toolbox }, () => ({ ...state, table })).next();
  t.equal((await next({ model_verbosity: 'low' })).verbosity, 'low');
  t.equal((await next({})).verbosity, 'high');
});

t.test('the history is full from the limit on', async (t) => {
  const table = { model_context_window: 1000, model_auto_compact_token_limit: 500 };
  const { thread, turn, model } = await work(t, [], table);
  const requests = createTurnRequests({ thread, turn, model, toolbox }, () => thread.state);
  t.equal(requests.window, 950);
  t.equal(requests.compactLimit, 500);
  t.equal(requests.isFull, false, 'nothing is known so far');
  const usage = { inputTokens: 0, cachedInputTokens: 0, cacheWriteInputTokens: 0, outputTokens: 0 };
  for (const totalTokens of [499, 500]) {
    const last = { ...usage, reasoningOutputTokens: 0, totalTokens };
    thread.setTokenUsage(turn.id, { total: last, last, modelContextWindow: 950 });
    t.equal(requests.isFull, totalTokens === 500);
  }
});
