import t from 'tap';
import type { HistoryItem } from '../../../../server/sessions/model/provider/model-provider.js';
import { historyItem } from '../../../fixtures/history-item.js';
import { createCallInputs } from '../../../../server/sessions/turn/answer/call-inputs.js';

function inputs() {
  const told: string[] = [];
  const calls = createCallInputs(({ callId, name, kind }) =>
    name === 'other'
      ? null
      : { push: (delta) => void told.push(`${callId} ${kind} ${delta}`), end: () => void told.push(`${callId} end`) },
  );
  return { told, calls };
}
const custom = (id: string, callId: unknown, more: object = {}): HistoryItem =>
  historyItem({ type: 'custom_tool_call', id, call_id: callId, name: 'apply_patch', ...more });

t.test('pieces reach the call that they belong to, until it is complete', async (t) => {
  const { told, calls } = inputs();
  calls.begin(custom('i1', 'c1', { input: 'a' }), false);
  calls.begin(custom('i2', 'c2', { type: 'function_call' }), false);
  calls.push('i1', 'b');
  calls.push('i2', 'x');
  calls.push('', 'y');
  calls.push('i9', 'lost');
  calls.end('c1');
  calls.push('i1', 'late');
  calls.end('c1');
  calls.end('c2');
  t.strictSame(told, ['c1 custom a', 'c1 custom b', 'c2 function x', 'c2 function y', 'c1 end', 'c2 end']);
});

t.test('nothing is followed that has no id of its own, no tool that follows, or is no call', async (t) => {
  const { told, calls } = inputs();
  calls.begin(custom('i1', ''), false);
  calls.begin(custom('i2', 7), false);
  calls.begin(custom('i3', 'c3'), true);
  calls.begin(custom('i4', 'c4', { name: 'other' }), false);
  calls.begin(custom('i5', 'c5', { type: 'message' }), false);
  for (const id of ['i1', 'i2', 'i3', 'i4', 'i5', '']) calls.push(id, 'x');
  t.strictSame(told, []);
  calls.begin(custom('i6', 'c6'), false);
  calls.begin(custom('i7', 'c6'), false);
  calls.push('i7', 'second of the id');
  calls.push('i6', 'first');
  t.strictSame(told, ['c6 custom first']);
});
