import t from 'tap';
import { givenId, idsOf, responseRecord, unusedId } from '../../../../server/sessions/turn/answer/response-context.js';
import { historyItem } from '../../../fixtures/history-item.js';
import { responseContext } from './response-support.js';

t.test('an id that an item of the turn has is not given again', async (t) => {
  const context = responseContext();
  t.equal(unusedId(context, 'rs_1', 'rs'), 'rs_1');
  context.turn.itemStarted({ type: 'reasoning', id: 'rs_1', summary: [], content: [] });
  t.match(unusedId(context, 'rs_1', 'rs'), /^rs_[0-9a-f-]{36}$/);
  t.strictSame(idsOf(context), { threadId: 'thread', turnId: 'turn' });
});

t.test('an item without an id gets one; its record is the item itself', async (t) => {
  t.equal(givenId(historyItem({ type: 'reasoning', id: 'rs_2' }), 'rs'), 'rs_2');
  for (const id of [undefined, '', null, 7])
    t.match(givenId(historyItem({ type: 'reasoning', id }), 'rs'), /^rs_[0-9a-f-]{36}$/);
  const unknown = historyItem({ type: 'of_tomorrow', id: 1 });
  t.equal(responseRecord(unknown).payload, unknown);
});
