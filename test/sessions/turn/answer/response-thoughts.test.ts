import t from 'tap';
import { createResponseThoughts } from '../../../../server/sessions/turn/answer/response-thoughts.js';
import { historyItem } from '../../../fixtures/history-item.js';
import { isItem, type HistoryItemOf } from '../../../../server/sessions/store/records/history-item.js';
import { responseContext } from './response-support.js';

function reasoning(members: object): HistoryItemOf<'reasoning'> {
  const item = historyItem({ type: 'reasoning', ...members });
  if (!isItem(item, 'reasoning')) throw new Error('not reasoning');
  return item;
}

t.test('pieces grow the thought that they name, else the last that began', async (t) => {
  const context = responseContext();
  const thoughts = createResponseThoughts(context);
  thoughts.grow('r1', 'summary', 0, 'too early');
  thoughts.begin(reasoning({ id: 'r1' }));
  thoughts.summaryPart('r1', 0);
  thoughts.grow('r1', 'summary', 1, 'sum');
  thoughts.grow('', 'content', 0, 'raw');
  thoughts.grow('r1', 'content', 1e9, 'far away');
  thoughts.completeOpen();
  t.strictSame(context.told, [
    'started reasoning r1',
    'item/reasoning/summaryPartAdded r1',
    'item/reasoning/summaryTextDelta r1 sum',
    'item/reasoning/textDelta r1 raw',
    'item/reasoning/textDelta r1 far away',
    'completed reasoning r1',
  ]);
  t.match(context.items, [{ summary: ['', 'sum'], content: ['raw'] }], 'an index without limits makes no list');
  t.strictSame(context.records, [], 'it broke off');
});

t.test('a whole thought is kept in the form that endpoints take again', async (t) => {
  const context = responseContext();
  const thoughts = createResponseThoughts(context);
  thoughts.done(reasoning({ id: 'r1', encrypted_content: 'E', status: 'completed' }));
  thoughts.done(
    reasoning({ id: 'r1', summary: [{ type: 'summary_text', text: 's' }, 7], chat: { provider: 'p', reasoning: 'm' } }),
  );
  const kept = { type: 'reasoning', content: null };
  const [first, second] = context.records;
  t.strictSame(first, { ...kept, id: 'r1', summary: [], encrypted_content: 'E' });
  t.match(second, { ...kept, id: /^rs_/, encrypted_content: null, chat: { provider: 'p', reasoning: 'm' } });
  t.match(context.items[1], { summary: ['s'], content: [] });
});
