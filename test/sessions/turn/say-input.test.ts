/** A message of the person is shown and kept, unless a hook refuses it. */
import t from 'tap';
import type { HistoryItem } from '../../../server/sessions/model/provider/model-provider.js';
import { sayInput } from '../../../server/sessions/turn/say-input.js';
import { typed, work } from './in-process.js';

t.test('input without a message for people is in the history only', async (t) => {
  const { thread, turn, model, told, history } = await work(t);
  const before: HistoryItem[] = [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'context' }] },
  ];
  await sayInput({ thread, turn, model }, { ...typed(''), input: [], before });
  t.strictSame(told('item/completed'), []);
  t.match(await history(), before);
});
