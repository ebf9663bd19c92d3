/** Compactions that cannot be read, and searches for tools, in the history that the model is sent. */
import t from 'tap';
import { createModelHistory } from '../../../../server/sessions/store/records/model-history.js';
import type { RecordPayload } from '../../../../server/sessions/store/records/rollout-record.js';

const message = (role: string, text: string): RecordPayload => ({
  type: 'message',
  role,
  content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }],
});
const [asked, answered, summary] = [message('user', 'Q'), message('assistant', 'A'), message('user', 'SUM')];

function after(compacted: RecordPayload): unknown {
  const history = createModelHistory();
  history.responseItem(asked);
  history.responseItem(answered);
  history.compacted(compacted);
  return history.result().items;
}

t.test('a compaction replaces the history with what it holds', (t) => {
  t.strictSame(after({ message: 'SUM' }), [asked, summary]);
  t.strictSame(after({ message: 'SUM', replacement_history: null }), [asked, summary]);
  t.strictSame(after({ message: 'SUM', replacement_history: [7] }), [asked, summary], 'what is no list of items');
  t.strictSame(after({}), [asked, answered], 'one that says nothing replaces nothing');
  t.strictSame(after({ replacement_history: [7] }), [asked, answered]);
  const secret = { type: 'compaction', encrypted_content: 'E' };
  const replacement = [answered, { ...secret, type: 'compaction_summary' }, { type: 'ghost_snapshot' }];
  t.strictSame(after({ message: 'SUM', replacement_history: replacement }), [answered, secret]);
  t.end();
});

t.test('a search for tools has its output, and a client’s output its search', (t) => {
  const history = createModelHistory();
  const search = { type: 'tool_search_call', call_id: 't', execution: 'client', arguments: {} };
  const found = (callId: string | null, execution: string): RecordPayload => ({
    type: 'tool_search_output',
    call_id: callId,
    execution,
    tools: [],
  });
  for (const item of [search, found('other', 'client'), found('other', 'server'), found(null, 'server')])
    history.responseItem(item);
  t.strictSame(history.result().items, [
    search,
    { ...found('t', 'client'), status: 'completed' },
    found('other', 'server'),
    found(null, 'server'),
  ]);
  t.end();
});

const told = (text: string, role = 'user') => ({ type: 'message', role, content: [{ type: 'input_text', text }] });
const call = (id: string) => ({ type: 'function_call', name: 'n', arguments: '{}', call_id: id });
const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: `of ${id}` });

function sent(...items: object[]): string[] {
  const builder = createModelHistory();
  for (const item of items) builder.responseItem(item as Parameters<typeof builder.responseItem>[0]);
  return builder.result().items.map((item) => {
    const { type, call_id: id, content } = item as { type: string; call_id?: string; content?: { text: string }[] };
    return content === undefined ? `${type} ${id}` : (content[0]?.text ?? '');
  });
}

t.test('a message that came while calls ran stands behind their outputs', async (t) => {
  t.strictSame(sent(call('a'), told('injected'), output('a'), told('next')), [
    'function_call a',
    'function_call_output a',
    'injected',
    'next',
  ]);
  t.strictSame(sent(call('a'), call('b'), output('a'), told('1'), told('2', 'developer'), output('b'), told('3')), [
    'function_call a',
    'function_call b',
    'function_call_output a',
    'function_call_output b',
    '1',
    '2',
    '3',
  ]);
  t.strictSame(
    sent(call('a'), told('said between calls', 'assistant'), call('b'), output('a'), output('b')),
    ['function_call a', 'said between calls', 'function_call b', 'function_call_output a', 'function_call_output b'],
    'the model’s own words stay where they were',
  );
});

t.test('a call without an output is answered at once, and holds nothing up', async (t) => {
  t.strictSame(sent(call('a'), told('aborted'), call('b'), output('b'), output('zz')), [
    'function_call a',
    'function_call_output a',
    'aborted',
    'function_call b',
    'function_call_output b',
  ]);
});

t.test(
  'items that are to stay are known from their records and from compactions, whatever else is beside the mark',
  (t) => {
    const history = createModelHistory();
    const item = (id: unknown) => ({ ...told('x'), id });
    history.responseItem(item('a'), { retain_across_windows: true, model_search_state: 'unused' });
    history.responseItem(item('b'), { retain_across_windows: false });
    history.responseItem(item('c'));
    // 0.171 may store an id as an object; such an item is read without its id.
    history.responseItem(item({ id: 'd', id_allocation: 1 }), { retain_across_windows: true });
    t.equal(history.result().items.length, 4);
    history.compacted({
      message: '',
      replacement_history: [item('e'), item('f'), item('g')],
      replacement_history_metadata: [{}, { retain_across_windows: true, image_replay_sources: [] }, null],
      window_id: { ordinal: 1, salt: 's', value: 'v' },
    });
    t.same([...history.result().retained], ['a', 'f']);
    t.equal(history.result().items.length, 3);
    t.end();
  },
);
