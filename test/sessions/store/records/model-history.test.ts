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
  return history.result();
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
  t.strictSame(history.result(), [
    search,
    { ...found('t', 'client'), status: 'completed' },
    found('other', 'server'),
    found(null, 'server'),
  ]);
  t.end();
});
