/** One answer of the model: what it used, the order of its outputs, and how it ends. */
import t, { type Test } from 'tap';
import { ModelError, type ModelEvent } from '../../../../server/sessions/model/provider/model-provider.js';
import type { Tool } from '../../../../server/sessions/tool-types/tool.js';
import { createToolbox } from '../../../../server/sessions/tools/toolbox.js';
import { oneAnswer, type AnswerOptions } from '../../../../server/sessions/turn/answer/one-answer.js';
import { createTurnRequests } from '../../../../server/sessions/turn/answer/turn-requests.js';
import { called, complete, said, typed, work, type Answer } from '../in-process.js';

const tool = (name: string, run: Tool['run']): Tool => ({
  name,
  definition: () => ({ type: 'function', name }),
  run,
});

async function scene(t: Test, answers: readonly Answer[], tools: readonly Tool[] = [], config: object = {}) {
  const made = await work(t, answers, { model_context_window: 1000, ...config });
  const { thread, turn, model, log } = made;
  const toolbox = createToolbox({ tools, otherTool: () => null, more: () => [] });
  const state = () => thread.state;
  const requests = createTurnRequests({ thread, turn, model, toolbox }, state);
  const options: AnswerOptions = { thread, turn, model, toolbox, requests, state, goals: { used: () => {} }, log };
  return { ...made, options };
}

t.test('without calls it is final, and its usage is counted', async (t) => {
  const { thread, options, told } = await scene(t, [[said('hello'), complete(42)]]);
  t.equal(await oneAnswer(options), 'final');
  t.equal(thread.tokenUsage?.last.totalTokens, 42);
  t.match(told('item/completed'), [{ item: { type: 'agentMessage', text: 'hello' } }]);
  t.equal(thread.runtime.work.lastModel, 'mock-model');
});

t.test('an endpoint that counts nothing gets an estimate; its notices are warnings', async (t) => {
  const notice: ModelEvent = { type: 'notice', message: 'a part is left out' };
  const { thread, options, told } = await scene(t, [[notice, said('x'.repeat(400)), complete(null)]]);
  await oneAnswer(options);
  t.ok((thread.tokenUsage?.last.totalTokens ?? 0) > 100);
  t.match(told('warning'), [{ threadId: thread.id, message: 'a part is left out' }]);
});

t.test('outputs are in the order of the calls, notes after them', async (t) => {
  let finish = (): void => undefined;
  const slow = tool('slow', (_, context) => {
    context.note('a note');
    return new Promise((resolve) => (finish = () => resolve('slow done')));
  });
  const quick = tool('quick', async () => {
    setImmediate(finish);
    return 'quick done';
  });
  const { options, history } = await scene(
    t,
    [[called('slow', 'c1'), called('quick', 'c2'), called('nothing', 'c3'), complete()]],
    [slow, quick],
  );
  t.equal(await oneAnswer(options), 'called');
  t.match((await history()).slice(-4), [
    { call_id: 'c1', output: 'slow done' },
    { call_id: 'c2', output: 'quick done' },
    { call_id: 'c3', output: 'unsupported call: nothing' },
    { role: 'developer', content: [{ text: 'a note' }] },
  ]);
});

t.test('an output comes after all that the model wrote, however slowly it wrote', async (t) => {
  let done = (): void => undefined;
  const ran = new Promise<void>((resolve) => (done = resolve));
  const quick = tool('quick', async () => {
    setImmediate(done);
    return 'quick done';
  });
  const { options, history } = await scene(
    t,
    [
      async function* () {
        yield called('quick', 'c1');
        await ran;
        yield said('and');
        yield called('quick', 'c2');
        yield complete();
      },
    ],
    [quick],
  );
  t.equal(await oneAnswer(options), 'called');
  t.match((await history()).slice(-5), [
    { type: 'function_call', call_id: 'c1' },
    { type: 'message' },
    { type: 'function_call', call_id: 'c2' },
    { call_id: 'c1', output: 'quick done' },
    { call_id: 'c2', output: 'quick done' },
  ]);
});

t.test('a message of the person ends the answer; one that came before the request only delays it', async (t) => {
  const { thread, options, asked } = await scene(t, [
    async function* (_, signal) {
      yield said('half');
      setImmediate(() => thread.runtime.work.interject?.());
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      signal.throwIfAborted();
    },
  ]);
  const { work: state } = thread.runtime;
  t.equal(await oneAnswer(options), 'interjected');
  t.equal(state.interject, null);
  state.waiting.push(typed('wait'));
  t.equal(await oneAnswer(options), 'interjected');
  t.equal(asked.length, 1, 'no second request was made');
});

t.test('a request that does not fit fills the window, so that a summary comes next', async (t) => {
  const { thread, options } = await scene(t, [
    () => {
      throw new ModelError('too long', 'contextWindowExceeded', 'never');
    },
  ]);
  await t.rejects(oneAnswer(options), { message: 'too long' });
  t.equal(options.requests.isFull, true);
  t.equal(thread.runtime.work.interject, null);
});

t.test(
  'with after_complete_response a call starts when the answer is whole, and never if it is cut short',
  async (t) => {
    const order: string[] = [];
    const run = tool('run', async () => {
      order.push('ran');
      return 'done';
    });
    const waits = (whole: boolean) => [
      async function* () {
        yield called('run', 'c1');
        await new Promise(setImmediate);
        order.push('written');
        if (!whole) throw new ModelError('cut', 'other', 'never');
        yield complete();
      },
    ];
    const table = { responses: { process_mode: 'after_complete_response' } };
    const whole = await scene(t, waits(true), [run], table);
    t.equal(await oneAnswer(whole.options), 'called');
    t.same(order.splice(0), ['written', 'ran']);
    t.match((await whole.history()).at(-1), { call_id: 'c1', output: 'done' });
    const cut = await scene(t, waits(false), [run], table);
    await t.rejects(oneAnswer(cut.options), { message: 'cut' });
    t.same(order, ['written']);
    t.match((await cut.history()).at(-1), {
      call_id: 'c1',
      output: 'run was not run: the answer ended before it was complete',
    });
  },
);

t.test('between the deltas of an answer, other work gets its turns', async (t) => {
  const DELTAS = 2000;
  const { thread, options, told } = await scene(t, [
    async function* () {
      yield { type: 'itemStarted', item: { type: 'message', role: 'assistant', id: 'm', content: [] } };
      for (let n = 0; n < DELTAS; n++) {
        // Telling takes a while, as to many subscribers, and the model never waits.
        for (const until = performance.now() + 0.1; performance.now() < until;);
        yield { type: 'textDelta', itemId: 'm', delta: 'x' };
      }
      yield said('x'.repeat(DELTAS));
      yield complete();
    },
  ]);
  let turns = 0;
  let isOver = false;
  const other = (): void => {
    turns++;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  let drains = 0;
  const { drained } = thread.events;
  thread.events.drained = () => (drains++, drained());
  await oneAnswer(options);
  isOver = true;
  t.ok(turns >= 20, `${turns} turns of other work`);
  t.ok(drains >= 20, `${drains} times subscribers were waited for`);
  t.equal(told('item/agentMessage/delta').length, DELTAS);
});
