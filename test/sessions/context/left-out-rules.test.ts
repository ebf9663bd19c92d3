/** What of a history is left out for which refusal, and what stays whatever an endpoint says. */
import t from 'tap';
import { removalFor } from '../../../server/sessions/context/left-out-rules.js';
import { withoutLeftOut } from '../../../server/sessions/context/without-left-out.js';
import type { HistoryItem } from '../../../server/sessions/model/provider/model-provider.js';
import type { Refused } from '../../../server/sessions/model/provider/refused.js';

const message = (role: string, ...content: object[]): HistoryItem => ({ type: 'message', role, content });
const text = (words: string): object => ({ type: 'input_text', text: words });
const image = { type: 'input_image', image_url: 'data:image/png;base64,AA' };

const BASE = message('developer', text('base'));
const ASKED = message('user', text('look'), image);
const THOUGHT: HistoryItem = {
  type: 'reasoning',
  id: 'rs_1',
  summary: [{ type: 'summary_text', text: 'sum' }],
  content: [{ type: 'reasoning_text', text: 'raw' }],
  encrypted_content: 'secret',
};
const RAW: HistoryItem = { ...THOUGHT, id: 'rs_2', summary: [], encrypted_content: null };
const CALL: HistoryItem = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'look', arguments: '{}' };
const OUTPUT: HistoryItem = { type: 'function_call_output', call_id: 'call_1', output: [text('seen'), image] };
const SEARCH: HistoryItem = { type: 'web_search_call', id: 'ws_1', status: 'completed' };
const SAID: HistoryItem = {
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'a' }],
  id: 'msg_1',
  phase: 'final_answer',
};
const ALL = [BASE, ASKED, THOUGHT, RAW, CALL, OUTPUT, SEARCH, SAID];

/** The history after the refusal; null: nothing may be left out. */
function after(refused: Refused, items: readonly HistoryItem[] = ALL): readonly HistoryItem[] | null {
  const removal = removalFor(refused, items);
  return removal === null ? null : withoutLeftOut(items, removal.rules).sent;
}
const place = (index: number, ...path: string[]): Refused => ({ kind: 'place', items: [index], path });
const but = (...gone: readonly HistoryItem[]): HistoryItem[] => ALL.filter((item) => !gone.includes(item));

t.strictSame(after({ kind: 'encrypted' }), but(THOUGHT), 'encrypted reasoning');
t.strictSame(after({ kind: 'encrypted' }, [BASE, RAW]), null, 'nothing was encrypted');

const { content: _, ...thoughtWithout } = THOUGHT;
const withoutText = but(RAW).map((item) => (item === THOUGHT ? thoughtWithout : item));
t.strictSame(after({ kind: 'reasoning-text' }), withoutText, 'raw reasoning; what then says nothing goes');
t.strictSame(after(place(3, 'content')), withoutText, 'by its place');
t.strictSame(after(place(2, 'ResponseReasoningItem', 'content')), withoutText, 'behind words of the validator');
t.strictSame(after(place(2, 'encrypted_content')), but(THOUGHT), 'the encrypted member');

const { phase: __, ...withoutPhase } = SAID;
t.strictSame(after(place(7, 'phase')), [...but(SAID), withoutPhase], 'an unknown member');
const { id: ___, ...withoutId } = CALL;
t.strictSame(after({ kind: 'id', of: 'fc_1' })?.[4], withoutId, 'an id that refers to more');

t.strictSame(after(place(6)), but(SEARCH), 'an item');
t.strictSame(after(place(6, 'type')), but(SEARCH), 'a type');
t.strictSame(after({ kind: 'named', names: ['x', 'web_search_call'] }), but(SEARCH), 'a type by its name');
t.strictSame(after({ kind: 'named', names: ['call_1'] }), but(CALL, OUTPUT), 'a call goes with its output');
t.strictSame(after(place(5)), but(CALL, OUTPUT), 'and the other way round');

t.test('images become texts everywhere', (t) => {
  for (const refused of [
    place(1, 'content', '1'),
    place(1, 'content', '1', 'image_url'),
    place(5, 'output', '1', 'image_url'),
    place(1, 'content'),
    place(5, 'output'),
  ]) {
    const sent = after(refused);
    t.notMatch(JSON.stringify(sent), /image_url/);
    t.match(JSON.stringify(sent?.[1]), /look.*images left out/);
    t.match(JSON.stringify(sent?.[5]), /seen.*images left out/);
  }
  t.end();
});

t.test('an output that should have been text', (t) => {
  const texts: HistoryItem = { ...OUTPUT, output: [text('seen'), text('more')] };
  t.match(after(place(1, 'output'), [CALL, texts])?.[1], { output: 'seen\nmore' });
  t.end();
});

t.test('messages of a person, texts of codexd, and every call: an error stays an error', (t) => {
  for (const refused of [
    place(0),
    place(0, 'role'),
    place(1),
    place(0, 'content'),
    place(1, 'content', '0'),
    place(1, 'content', '0', 'text'),
    place(99),
    place(4, 'type'),
    { kind: 'named', names: ['message', 'function_call_output'] },
    { kind: 'named', names: ['nothing of it'] },
    { kind: 'id', of: 'fc_9' },
    { kind: 'parts', type: 'input_text' },
    { kind: 'parts', type: 'input_audio' },
  ] as const)
    t.equal(after(refused), null, JSON.stringify(refused));
  t.end();
});
