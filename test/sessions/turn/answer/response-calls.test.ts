import t from 'tap';
import { isItem } from '../../../../server/sessions/store/records/history-item.js';
import type { ToolCall } from '../../../../server/sessions/tool-types/tool.js';
import { createResponseCalls, type HistoryCall } from '../../../../server/sessions/turn/answer/response-calls.js';
import { historyItem } from '../../../fixtures/history-item.js';
import { responseContext } from './response-support.js';

function call(members: object): HistoryCall {
  const item = historyItem(members);
  if (!isItem(item, 'function_call', 'custom_tool_call', 'local_shell_call')) throw new Error('no call');
  return item;
}

function calls() {
  const context = responseContext();
  const made: ToolCall[] = [];
  const pieces: string[] = [];
  const of = createResponseCalls(context, {
    call: (one) => void made.push(one),
    watchInput: ({ callId }) => ({
      push: (delta) => void pieces.push(`${callId} ${delta}`),
      end: () => void pieces.push(`${callId} end`),
    }),
  });
  return { context, made, pieces, of };
}

t.test('each kind of call, as tools get it; the record comes first and keeps every member', async (t) => {
  const { context, made, of } = calls();
  of.done(call({ type: 'function_call', id: 'f', call_id: 'c1', name: 'n', namespace: 's', arguments: '{}', more: 1 }));
  of.done(call({ type: 'custom_tool_call', id: 'g', call_id: 'c2', name: 'n', input: 'i' }));
  of.done(call({ type: 'local_shell_call', call_id: 'c3', action: { command: ['ls'] } }));
  t.strictSame(made, [
    { callId: 'c1', name: 'n', namespace: 's', kind: 'function', input: '{}' },
    { callId: 'c2', name: 'n', namespace: null, kind: 'custom', input: 'i' },
    { callId: 'c3', name: 'local_shell', namespace: null, kind: 'function', input: '' },
  ]);
  t.match(context.records, [
    { id: 'f', call_id: 'c1', more: 1 },
    { id: 'g', call_id: 'c2' },
    { type: 'local_shell_call', call_id: 'c3', action: { command: ['ls'] } },
  ]);
});

t.test('members of the wrong type count as missing, and a repeated id is replaced', async (t) => {
  const { context, made, of } = calls();
  for (const callId of ['c1', 'c1', '', 7, null, undefined])
    of.done(call({ type: 'function_call', call_id: callId, name: 5, arguments: ['x'] }));
  t.equal(new Set(made.map(({ callId }) => callId)).size, 6);
  t.equal(made[0]?.callId, 'c1');
  for (const one of made.slice(1)) t.match(one, { callId: /^call_/, name: '', input: '' });
  t.strictSame(
    context.records.map((record) => (record as { call_id: string }).call_id),
    made.map(({ callId }) => callId),
  );
});

t.test('the input of a call is followed until the call is complete', async (t) => {
  const { pieces, of } = calls();
  of.begin(historyItem({ type: 'custom_tool_call', id: 'i', call_id: 'c', name: 'n' }));
  of.begin(historyItem({ type: 'message', id: 'm' }));
  of.grow('i', 'a');
  of.done(call({ type: 'custom_tool_call', id: 'i', call_id: 'c', name: 'n', input: 'a' }));
  of.grow('i', 'late');
  t.strictSame(pieces, ['c a', 'c end']);
});
