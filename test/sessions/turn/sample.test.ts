import t from 'tap';
import { createWorld } from '../live/support.js';
import type { ModelEvent, ModelProvider } from '../../../server/sessions/model/provider/model-provider.js';
import { sample, type SampleOptions } from '../../../server/sessions/turn/sample.js';

const message = (text: string): ModelEvent => ({
  type: 'item',
  item: { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] },
});
const call: ModelEvent = { type: 'item', item: { type: 'function_call', name: 'x', call_id: 'c', arguments: '{}' } };
const end: ModelEvent = { type: 'completed', responseId: 'r', usage: null };

t.test('the text of a response, if it is only text and has an end', async (t) => {
  const thread = await createWorld(t).start();
  const ask = (...events: ModelEvent[]) => {
    const provider = {
      async *stream() {
        yield* events;
      },
    } as unknown as ModelProvider;
    const options = {
      provider,
      infoOf: () => ({ baseInstructions: null, verbosity: null, defaultEffort: null, usualSummary: null }),
      toolbox: { definitions: () => [] },
      client: { name: 'test', version: '1', title: null },
    } as unknown as SampleOptions;
    return sample(thread, 'question', options, new AbortController().signal);
  };
  t.strictSame(await ask(message('a'), message('b'), end), { responseId: 'r', text: 'ab', usage: null });
  t.strictSame(await ask(message('a'), call, end), { responseId: 'r', text: null, usage: null });
  t.strictSame(await ask(end), { responseId: 'r', text: null, usage: null });
  t.equal(await ask(message('a')), null);
});
