/** A history without what is left out: the history itself stays, and nothing of what is sent hangs in the air. */
import t from 'tap';
import { keyOf, withoutLeftOut } from '../../../server/sessions/context/without-left-out.js';
import { historyItem, memberOf } from '../../fixtures/history-item.js';
import type { HistoryItem } from '../../../server/sessions/model/provider/model-provider.js';

const USER: HistoryItem = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'q' }] };
const CALL: HistoryItem = { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' };
const OUTPUT: HistoryItem = { type: 'function_call_output', call_id: 'c1', output: 'seen' };
const NAMELESS = historyItem({ type: 'agent_message', text: 'x' });
const ALL = [USER, CALL, OUTPUT, NAMELESS];

t.test('without rules nothing is copied', (t) => {
  t.equal(withoutLeftOut(ALL, []).sent, ALL);
  t.end();
});

t.test('an item without an id is identified by its content; the history itself is not changed', (t) => {
  const before = JSON.stringify(ALL);
  const read = JSON.parse(before) as HistoryItem[];
  t.strictSame(withoutLeftOut(read, [{ what: 'item', item: keyOf(NAMELESS) }]).sent, [USER, CALL, OUTPUT]);
  t.equal(JSON.stringify(read), before);
  t.end();
});

t.test('the call of an output is removed with it, and sent items are known by their place', (t) => {
  const { sent, origins } = withoutLeftOut(ALL, [
    { what: 'item', item: keyOf(OUTPUT) },
    { what: 'member', type: 'agent_message', member: 'text' },
  ]);
  t.strictSame(sent, [USER, { type: 'agent_message' }]);
  t.equal(origins[1], NAMELESS);
  t.end();
});

t.test('parts of a type at every place, and outputs of every form as text', (t) => {
  const image = { type: 'input_image', image_url: 'data:,' };
  const items: HistoryItem[] = [
    { ...USER, content: [image, null, 'x'] },
    { ...OUTPUT, output: [{ type: 'input_text', text: 'seen' }, image, null] },
    { ...OUTPUT, output: { a: 1 } },
    { ...OUTPUT, output: null },
    OUTPUT,
  ];
  const words = (text: string): object => ({ type: 'input_text', text });
  const [first] = withoutLeftOut(items, [{ what: 'parts', type: 'input_image' }]).sent;
  t.strictSame(memberOf(first, 'content'), [
    words('[images left out: the model endpoint does not take them]'),
    null,
    'x',
  ]);
  const plain = withoutLeftOut(items, [{ what: 'plain-output', type: 'function_call_output' }]).sent;
  t.strictSame(
    plain.slice(1).map((item) => memberOf(item, 'output')),
    ['seen\n[images left out]\n[something left out]', '{"a":1}', '', 'seen'],
  );
  t.end();
});
