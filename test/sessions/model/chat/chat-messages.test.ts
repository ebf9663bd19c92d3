/** Items of every kind as messages, and which items a message was made from. */
import t from 'tap';
import { chatMessages } from '../../../../server/sessions/model/chat/chat-messages.js';
import { chatTools } from '../../../../server/sessions/model/chat/chat-tools.js';
import { chatSettings } from '../../../../server/sessions/model/provider/chat-settings.js';
import type { HistoryItem } from '../../../../server/sessions/model/provider/model-provider.js';

const made = (...input: HistoryItem[]) =>
  chatMessages(input, { tools: chatTools([]), provider: 'mock', settings: chatSettings({}, 'mock') });
const said = (role: string, text: string): HistoryItem => ({
  type: 'message',
  role,
  content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }],
});

t.test('a shell call of an older version has its output, an agent its words', (t) => {
  const { messages, origins } = made(
    said('developer', 'base'),
    said('user', 'q'),
    { type: 'local_shell_call', call_id: 'c1', action: { type: 'exec', command: ['ls'] } },
    { type: 'function_call_output', call_id: 'c1', output: 'files' },
    { type: 'agent_message', author: '/root', content: [{ type: 'input_text', text: 'hey' }] },
    { type: 'web_search_call', id: 'ws_1' },
  );
  t.match(messages, [
    { role: 'system', content: 'base' },
    { role: 'user', content: 'q' },
    { role: 'assistant', tool_calls: [{ id: 'c1', function: { name: 'local_shell', arguments: /"ls"/ } }] },
    { role: 'tool', tool_call_id: 'c1', content: 'files' },
    { role: 'user', content: '/root: hey' },
  ]);
  t.strictSame(origins, [[0], [1], [2], [3], [4]]);
  t.end();
});

t.test('what was merged is known', (t) => {
  const { messages, origins } = made(
    said('developer', 'base'),
    said('developer', 'more'),
    said('user', 'context'),
    said('user', 'q'),
    {
      type: 'reasoning',
      content: [{ type: 'reasoning_text', text: 'r' }],
      chat: { provider: 'mock', reasoning: 'thought' },
    },
    said('assistant', 'a'),
    { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c1', output: [{ type: 'input_image', image_url: 'data:,' }] },
    said('user', 'and?'),
  );
  t.strictSame(
    messages.map(({ role }) => role),
    ['system', 'user', 'assistant', 'tool', 'user'],
  );
  t.match(messages[2], { thought: 'r' });
  t.strictSame(origins, [[0, 1], [2, 3], [4, 5, 6], [7], [7, 8]]);
  t.end();
});
