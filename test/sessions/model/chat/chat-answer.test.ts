import t from 'tap';
import { ChatAnswer, type ChatAnswerOptions } from '../../../../server/sessions/model/chat/chat-answer.js';
import { chatTools } from '../../../../server/sessions/model/chat/chat-tools.js';

const tools = chatTools([
  { type: 'custom', name: 'apply_patch', description: 'p' },
  { type: 'function', name: 'look', description: 'l', parameters: {} },
]);
const settings = { thinkTags: false } as unknown as ChatAnswerOptions['settings'];

t.test('the input of a free-form call is sent as it is written, and completely at the end', async (t) => {
  const answer = new ChatAnswer({ tools, settings, provider: 'p' });
  const piece = (call: object) => [
    ...answer.take(null, JSON.stringify({ choices: [{ delta: { tool_calls: [call] } }] })),
  ];
  const first = { index: 0, id: 'c1', function: { name: 'apply_patch', arguments: '{"in' } };
  t.strictSame(piece(first), [
    {
      type: 'itemStarted',
      item: { type: 'custom_tool_call', id: 'c1', call_id: 'c1', name: 'apply_patch', input: '' },
    },
  ]);
  t.strictSame(piece({ index: 0, function: { arguments: 'put":"*** B\\' } }), [
    { type: 'toolInputDelta', itemId: 'c1', delta: '*** B' },
  ]);
  t.strictSame(piece({ index: 0, function: { arguments: 'nx"}' } }), [
    { type: 'toolInputDelta', itemId: 'c1', delta: '\nx' },
  ]);
  t.strictSame(piece({ index: 1, id: 'c2', function: { name: 'look', arguments: '{"a":1}' } }), [], 'no free form');
  t.match(
    [...answer.end(true)],
    [
      { type: 'item', item: { type: 'custom_tool_call', call_id: 'c1', input: '*** B\nx' } },
      { type: 'item', item: { type: 'function_call', call_id: 'c2' } },
      { type: 'completed' },
    ],
  );
});
