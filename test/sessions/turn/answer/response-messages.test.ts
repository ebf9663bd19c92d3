import t from 'tap';
import type { HistoryItemOf } from '../../../../server/sessions/store/records/history-item.js';
import { createResponseMessages } from '../../../../server/sessions/turn/answer/response-messages.js';
import { responseContext } from './response-support.js';

const said = (text: string, more: object = {}): HistoryItemOf<'message'> => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
  ...more,
});

t.test('a message grows, and its whole form is on disk with every member that the server gave', async (t) => {
  const context = responseContext();
  const messages = createResponseMessages(context, false);
  messages.begin(said('', { id: 'm1' }));
  messages.grow('m1', 'he');
  messages.grow('unknown', 'llo');
  const whole = said('hello', { id: 'm1', phase: 'final_answer', of_tomorrow: { a: [1] } });
  messages.done(whole);
  t.strictSame(context.told, [
    'started agentMessage m1',
    'item/agentMessage/delta m1 he',
    'item/agentMessage/delta m1 llo',
    'completed agentMessage m1',
  ]);
  t.match(context.items, [{ text: 'hello', phase: 'final_answer' }]);
  t.strictSame(context.records, [whole]);
});

t.test('clients get a phase that they know; the history keeps any', async (t) => {
  const context = responseContext();
  createResponseMessages(context, false).done(said('x', { id: 'm', phase: 'of_tomorrow' }));
  t.match(context.items, [{ phase: null }]);
  t.match(context.records, [{ phase: 'of_tomorrow' }]);
});

t.test('a refusal is the text of a message, and parts without a text are skipped', async (t) => {
  const context = responseContext();
  createResponseMessages(context, false).done(
    said('', { content: [null, 'odd', { type: 'refusal', refusal: 'no' }, { type: 'x', text: 5 }] }),
  );
  t.match(context.items, [{ text: 'no' }]);
});

t.test('a plan is an item of its own, completed before its message', async (t) => {
  const context = responseContext();
  const messages = createResponseMessages(context, true);
  messages.done(said('before\n<proposed_plan>\nstep\n</proposed_plan>\nafter', { id: 'm' }));
  t.strictSame(
    context.told.filter((line) => !line.startsWith('item/')),
    ['started agentMessage m', 'started plan turn-plan', 'completed plan turn-plan', 'completed agentMessage m'],
  );
  t.match(context.items, [
    { type: 'plan', text: 'step\n' },
    { type: 'agentMessage', text: 'before\nafter' },
  ]);
});

t.test('cut off: a message with text is kept as the model wrote it, one without is for people only', async (t) => {
  const context = responseContext();
  const messages = createResponseMessages(context, false);
  messages.begin(said('', { id: 'm1' }));
  messages.grow('m1', 'half');
  messages.begin(said('', { id: 'm2' }));
  messages.cutOff();
  messages.completeOpen();
  messages.completeOpen();
  t.strictSame(context.told.slice(-2), ['completed agentMessage m1', 'completed agentMessage m2']);
  t.match(context.records, [{ id: 'm1', content: [{ type: 'output_text', text: 'half' }] }]);
  t.equal(context.records.length, 1);
});
