/** Items in the forms of older versions and of other programs, as endpoints take them. */
import t from 'tap';
import { itemForModel } from '../../../../server/sessions/store/records/item-for-model.js';
import type { RecordPayload } from '../../../../server/sessions/store/records/rollout-record.js';

const output = (value: unknown, type = 'function_call_output'): RecordPayload => ({
  type,
  call_id: 'c',
  output: value,
});
const sent = (value: unknown): unknown => itemForModel(output(value))?.['output' as never];

t.test('usual items are not copied', (t) => {
  for (const item of [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'q' }] },
    { type: 'reasoning', id: 'rs', summary: [], content: [{ type: 'reasoning_text', text: 'r' }] },
    { type: 'function_call', call_id: 'c', name: 'n', arguments: '{}' },
    { type: 'local_shell_call', call_id: 'c', status: 'completed', action: { type: 'exec', command: ['ls'] } },
    { type: 'custom_tool_call', call_id: 'c', name: 'n', input: 'i' },
    { type: 'web_search_call', status: 'completed' },
    { type: 'compaction', encrypted_content: 'E' },
    output('text'),
    output([
      { type: 'input_text', text: 'x' },
      { type: 'input_image', image_url: 'data:,' },
    ]),
    output('text', 'custom_tool_call_output'),
  ])
    t.equal(itemForModel(item), item);
  t.end();
});

t.test('outputs: objects, lists, nothing', (t) => {
  t.equal(sent({ content: 'text', success: true }), 'text');
  const part = { type: 'input_text', text: 'part' };
  t.strictSame(sent({ content: 'text', content_items: [part], success: false }), [part]);
  t.equal(sent({ output: 'patched', metadata: { exit_code: 0 } }), 'patched');
  t.equal(sent({ other: 1 }), '{"other":1}');
  t.equal(sent(null), '');
  t.equal(sent(5), '5');
  t.strictSame(sent([{ type: 'text', text: 'odd' }, 'bare', 7]), [
    { type: 'input_text', text: 'odd' },
    { type: 'input_text', text: 'bare' },
    { type: 'input_text', text: '7' },
  ]);
  t.equal(itemForModel({ type: 'function_call_output', call_id: 'c' }), null, 'no output at all: the call is aborted');
  t.end();
});

t.test('older names and members', (t) => {
  t.strictSame(itemForModel({ type: 'compaction_summary', encrypted_content: 'E' }), {
    type: 'compaction',
    encrypted_content: 'E',
  });
  t.strictSame(itemForModel({ type: 'message', role: 'user', content: 'plain' }), {
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text: 'plain' }],
  });
  t.strictSame(
    itemForModel({ type: 'message', role: 'assistant', end_turn: true, content: [{ type: 'text', text: 'a' }] }),
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'a' }] },
  );
  t.strictSame(itemForModel({ type: 'function_call', id: null, call_id: 'c', name: 'n', arguments: { a: 1 } }), {
    type: 'function_call',
    call_id: 'c',
    name: 'n',
    arguments: '{"a":1}',
  });
  const shell = { type: 'local_shell_call', id: 'ls', status: 'completed', action: { type: 'exec' } };
  t.strictSame(itemForModel(shell), { ...shell, call_id: 'ls' });
  t.strictSame(itemForModel({ type: 'reasoning', encrypted_content: 'E', content: [{ type: 'text', text: 'r' }] }), {
    type: 'reasoning',
    encrypted_content: 'E',
    content: null,
    summary: [],
  });
  t.end();
});

t.test('what no endpoint takes', (t) => {
  for (const item of [
    { type: 'ghost_snapshot', ghost_commit: { id: 'a' } },
    { type: 'computer_call' },
    {},
    { type: 'message', role: 'user' },
    { type: 'message', role: 'user', content: 7 },
    { type: 'agent_message', text: 'x' },
    { type: 'function_call', name: 'n', arguments: '{}' },
    { type: 'custom_tool_call', name: 'n', input: 'i' },
    { type: 'local_shell_call', call_id: 'c' },
  ])
    t.equal(itemForModel(item), null, JSON.stringify(item));
  t.end();
});
