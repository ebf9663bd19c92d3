import t from 'tap';
import { createLogger } from '../../../../server/log/log.js';
import type { KnownHistoryItem } from '../../../../schema/protocol/threads/history-item.js';
import { textIn } from '../../../../server/sessions/store/records/item-text.js';
import {
  agentEvent,
  agentItem,
  allTurns,
  answeredTurns,
  assistant,
  brief,
  completed,
  event,
  exchange,
  id,
  itemEvent,
  makeHome,
  meta,
  started,
  turnOf,
  user,
  userEvent,
  userItem,
  type Line,
} from '../support.js';
import { elapse } from '../../../fixtures/until.js';

interface Row {
  readonly name: string;
  readonly lines: readonly (Line | string)[];
  readonly paginated?: boolean;
  readonly eol?: string;
  readonly end?: string;
  readonly turns: readonly (readonly [string, string, readonly string[]])[];
}

const ID = id(1);
const legacy: readonly Row[] = [
  {
    name: 'a turn is opened by each user message, and named for the record that opened it',
    lines: [meta(ID), ...exchange('q', 'a'), ...exchange('q2', 'a2')],
    turns: [
      ['rollout-2', 'completed', ['userMessage:item-1:q', 'agentMessage:item-2:a']],
      ['rollout-6', 'completed', ['userMessage:item-3:q2', 'agentMessage:item-4:a2']],
    ],
  },
  {
    name: 'garbage, blank lines and kinds that nobody knows do not count as records; CRLF ends a line too',
    lines: [meta(ID), 'garbage', '', { type: 'future', payload: {} }, event({ type: 'zzz' }), ...exchange('q', 'a')],
    eol: '\r\n',
    turns: [['rollout-2', 'completed', ['userMessage:item-1:q', 'agentMessage:item-2:a']]],
  },
  {
    name: 'garbage before the meta does not keep a thread from being read',
    lines: ['garbage', meta(ID), ...exchange('q', 'a')],
    turns: [['rollout-2', 'completed', ['userMessage:item-1:q', 'agentMessage:item-2:a']]],
  },
  {
    name: 'the last line may lack its end',
    lines: [meta(ID), ...exchange('q', 'a')],
    end: '',
    turns: [['rollout-2', 'completed', ['userMessage:item-1:q', 'agentMessage:item-2:a']]],
  },
  {
    name: 'a last line that was cut off is skipped',
    lines: [meta(ID), ...exchange('q', 'a'), '{"timestamp":"x","type":"event_msg","payload":{"type":"agent_mess'],
    end: '',
    turns: [['rollout-2', 'completed', ['userMessage:item-1:q', 'agentMessage:item-2:a']]],
  },
  {
    name: 'turns with ids of their own; one without an end counts as interrupted',
    lines: [meta(ID), started('T1'), ...exchange('q', 'a'), completed('T1'), started('T2'), ...exchange('q2', 'a2')],
    turns: [
      ['T1', 'completed', ['userMessage:item-1:q', 'agentMessage:item-2:a']],
      ['T2', 'interrupted', ['userMessage:item-3:q2', 'agentMessage:item-4:a2']],
    ],
  },
  {
    name: 'an end for another turn ends that one; one for no turn ends the turn that runs',
    lines: [
      meta(ID),
      started('T1'),
      userEvent('q'),
      started('T2'),
      userEvent('q2'),
      completed('T1'),
      completed('T9'),
      userEvent('x'),
    ],
    turns: [
      ['T1', 'completed', ['userMessage:item-1:q']],
      ['T2', 'completed', ['userMessage:item-2:q2']],
      ['rollout-7', 'completed', ['userMessage:item-3:x']],
    ],
  },
  {
    name: 'a rollback takes turns away, and the numbers of items go on after what is left',
    lines: [
      meta(ID),
      ...exchange('q', 'a'),
      ...exchange('q2', 'a2'),
      ...exchange('q3', 'a3'),
      event({ type: 'thread_rolled_back', num_turns: 2 }),
      ...exchange('q4', 'a4'),
    ],
    turns: [
      ['rollout-2', 'completed', ['userMessage:item-1:q', 'agentMessage:item-2:a']],
      ['rollout-15', 'completed', ['userMessage:item-3:q4', 'agentMessage:item-4:a4']],
    ],
  },
  {
    name: 'neighbouring reasonings are one item; empty texts are none',
    lines: [
      meta(ID),
      agentEvent('hello'),
      event({ type: 'agent_reasoning', text: '' }),
      event({ type: 'agent_reasoning', text: 'r1' }),
      event({ type: 'agent_reasoning', text: 'r2' }),
      agentEvent(''),
      userEvent('q'),
      event({ type: 'turn_aborted', reason: 'interrupted' }),
    ],
    turns: [
      ['rollout-1', 'completed', ['agentMessage:item-1:hello', 'reasoning:item-2:r1|r2']],
      ['rollout-6', 'interrupted', ['userMessage:item-3:q']],
    ],
  },
  {
    name: 'a compaction before the first message opens its turn',
    lines: [meta(ID), { type: 'compacted', payload: { message: 'S' } }, ...exchange('q', 'a')],
    turns: [['rollout-1', 'completed', ['userMessage:item-1:q', 'agentMessage:item-2:a']]],
  },
  {
    name: 'a second session_meta changes nothing about the turns',
    lines: [meta(ID), ...exchange('q', 'a'), meta(id(9), { cwd: '/other' }), ...exchange('q2', 'a2')],
    turns: [
      ['rollout-2', 'completed', ['userMessage:item-1:q', 'agentMessage:item-2:a']],
      ['rollout-7', 'completed', ['userMessage:item-3:q2', 'agentMessage:item-4:a2']],
    ],
  },
];

const P = { history_mode: 'paginated' } as const;
const paginated: readonly Row[] = [
  {
    name: 'turns and items are read from a file that no database knows',
    lines: [meta(ID, P), ...turnOf(ID, 'T1', 'q', 'a'), ...turnOf(ID, 'T2', 'q2', 'a2')],
    turns: [
      ['T1', 'completed', ['userMessage:u-T1:q', 'agentMessage:a-T1:a']],
      ['T2', 'completed', ['userMessage:u-T2:q2', 'agentMessage:a-T2:a2']],
    ],
  },
  {
    name: 'a later version of an item takes the place of the earlier one, and what comes late goes to its turn',
    lines: [
      meta(ID, P),
      started('T1'),
      itemEvent(ID, 'T1', agentItem('a1', 'first')),
      itemEvent(ID, 'T1', agentItem('a2', 'second')),
      itemEvent(ID, 'T1', agentItem('a1', 'changed')),
      completed('T1'),
      started('T2'),
      itemEvent(ID, 'T1', agentItem('late', 'l')),
      itemEvent(ID, 'T2', agentItem('b', 'b')),
      completed('T2'),
    ],
    turns: [
      ['T1', 'completed', ['agentMessage:a1:changed', 'agentMessage:a2:second', 'agentMessage:late:l']],
      ['T2', 'completed', ['agentMessage:b:b']],
    ],
  },
  {
    name: 'an item of a turn that never began is in no turn, nor is one of a kind that nobody knows',
    lines: [
      meta(ID, P),
      started('T1'),
      itemEvent(ID, 'TX', agentItem('x', 'x')),
      itemEvent(ID, 'T1', { type: 'Future', id: 'f' }),
      itemEvent(ID, 'T1', userItem('u', 'q')),
    ],
    turns: [['T1', 'interrupted', ['userMessage:u:q']]],
  },
  {
    name: 'a turn that was only ended stands where it ended, with what was said of it before',
    lines: [
      meta(ID, P),
      itemEvent(ID, 'outer', agentItem('o', 'o')),
      started('inner'),
      itemEvent(ID, 'inner', userItem('u', 'q')),
      completed('outer'),
    ],
    turns: [
      ['inner', 'interrupted', ['userMessage:u:q']],
      ['outer', 'completed', ['agentMessage:o:o']],
    ],
  },
  {
    name: 'records in another order of members are read as well',
    lines: [
      meta(ID, P),
      '{"type":"event_msg","payload":{"turn_id":"T1","type":"task_started"},"ordinal":1}',
      `{"payload":{"item":{"id":"u","type":"UserMessage","content":[{"type":"text","text":"q"}]},"turn_id":"T1","thread_id":"${ID}","type":"item_completed"},"ordinal":2,"type":"event_msg"}`,
    ],
    turns: [['T1', 'interrupted', ['userMessage:u:q']]],
  },
];

for (const [form, rows] of [
  ['legacy', legacy],
  ['paginated', paginated],
] as const) {
  for (const { name, lines, turns, ...options } of rows) {
    t.test(`${form}: ${name}`, async (t) => {
      const home = makeHome(t);
      home.put(ID, lines, { ...options, paginated: form === 'paginated' });
      const all = await allTurns(home.store, ID);
      t.strictSame(brief(all), turns);
      t.strictSame(await answeredTurns(home.another(), ID), all, 'written in the pass that builds the index');
      t.strictSame(await answeredTurns(home.store, ID), all, 'written in a pass of its own');
    });
  }
}

t.test('views: a summary is the first question and the last answer, notLoaded is no items', async (t) => {
  const home = makeHome(t);
  const lines = [meta(ID), userEvent('q'), agentEvent('one'), agentEvent('two')];
  home.put(ID, lines);
  const history = await home.store.history((await home.store.find(ID)) as never);
  t.strictSame(brief(await history.turns(0, 1, 'summary')), [
    ['rollout-1', 'completed', ['userMessage:item-1:q', 'agentMessage:item-3:two']],
  ]);
  t.strictSame(brief(await history.turns(0, 1, 'notLoaded')), [['rollout-1', 'completed', []]]);
});

t.test('the end of a turn has its time, its duration, and the reason of a failure', async (t) => {
  const home = makeHome(t);
  const error = { message: 'no', codex_error_info: { http_connection_failed: { http_status_code: 401 } } };
  home.put(ID, [meta(ID), started('T1'), userEvent('q'), completed('T1', { error, completed_at: 7, duration_ms: 8 })]);
  t.match((await allTurns(home.store, ID))[0], {
    status: 'failed',
    error: { message: 'no', codexErrorInfo: { httpConnectionFailed: { httpStatusCode: 401 } } },
    startedAt: 1759312800,
    completedAt: 7,
    durationMs: 8,
  });
});

t.test('items come in order both ways, from a position on, and also from a turn that never began', async (t) => {
  const home = makeHome(t);
  home.put(
    ID,
    [
      meta(ID, P),
      ...turnOf(ID, 'T1', 'q', 'a'),
      itemEvent(ID, 'TX', agentItem('x', 'x')),
      ...turnOf(ID, 'T2', 'q2', 'a2'),
    ],
    { paginated: true },
  );
  const history = await home.store.history((await home.store.find(ID)) as never);
  const read = async (options: Parameters<typeof history.items>[0]): Promise<string[]> => {
    const found: string[] = [];
    for await (const { item, position } of history.items(options)) found.push(`${position}:${item.id}`);
    return found;
  };
  const all = ['3:u-T1', '4:a-T1', '7:x', '10:u-T2', '11:a-T2'];
  t.strictSame(await read({}), all);
  t.strictSame(await read({ backwards: true }), all.toReversed());
  t.strictSame(await read({ from: 9 }), all.slice(3), 'turns before the position are left out');
  t.strictSame(await read({ turnId: 'T2', backwards: true }), ['11:a-T2', '10:u-T2']);
  t.strictSame(await read({ turnId: 'none' }), []);
  const timeline: string[] = [];
  for await (const entry of history.timeline()) timeline.push(`${entry.position}:${entry.type}`);
  t.strictSame(timeline, [
    '1:turnStarted',
    '3:item',
    '4:item',
    '6:turnCompleted',
    '7:item',
    '8:turnStarted',
    '10:item',
    '11:item',
    '13:turnCompleted',
  ]);
});

const call = (callId: string): Line => ({
  type: 'response_item',
  payload: { type: 'function_call', name: 'f', arguments: '{}', call_id: callId },
});
const output = (callId: string): Line => ({
  type: 'response_item',
  payload: { type: 'function_call_output', call_id: callId, output: 'o' },
});
const compacted = (payload: Record<string, unknown>): Line => ({ type: 'compacted', payload });
const said = (items: readonly KnownHistoryItem[]): string[] =>
  items.map((item) => {
    if (item.type === 'message') return `${item.role}:${textIn(item.content)}`;
    if (item.type === 'function_call_output') return `output ${item.call_id}:${item.output as string}`;
    return item.type === 'function_call' ? `call ${item.call_id}` : item.type;
  });

const views: readonly { readonly name: string; readonly lines: readonly Line[]; readonly sees: readonly string[] }[] = [
  {
    name: 'a call without its output is answered with `aborted`; an output without its call is dropped',
    lines: [...exchange('q', 'a'), call('c1'), call('c2'), output('c2'), output('c3')],
    sees: ['user:q', 'assistant:a', 'call c1', 'output c1:aborted', 'call c2', 'output c2:o'],
  },
  {
    name: 'kinds of items that nobody knows are skipped',
    lines: [user('q'), { type: 'response_item', payload: { type: 'future' } }],
    sees: ['user:q'],
  },
  {
    name: 'a compaction with a replacement restarts the history from it',
    lines: [
      ...exchange('q', 'a'),
      compacted({ message: 'S', replacement_history: [user('kept').payload, user('summary').payload] }),
      ...exchange('q2', 'a2'),
    ],
    sees: ['user:kept', 'user:summary', 'user:q2', 'assistant:a2'],
  },
  {
    name: 'a compaction without one keeps what the user said and adds the summary',
    lines: [
      ...exchange('q', 'a'),
      user('<environment_context>x</environment_context>'),
      compacted({ message: 'S' }),
      ...exchange('q2', 'a2'),
    ],
    sees: ['user:q', 'user:S', 'user:q2', 'assistant:a2'],
  },
  {
    name: 'a rollback takes the last turns from the model too, with the message that opened each',
    lines: [
      ...exchange('q', 'a'),
      ...exchange('q2', 'a2'),
      event({ type: 'thread_rolled_back', num_turns: 1 }),
      ...exchange('q3', 'a3'),
    ],
    sees: ['user:q', 'assistant:a', 'user:q3', 'assistant:a3'],
  },
  {
    name: 'a rollback across a compaction brings back what was before it',
    lines: [
      started('T1'),
      ...exchange('q', 'a'),
      completed('T1'),
      started('T2'),
      ...exchange('q2', 'a2'),
      compacted({ message: 'S', replacement_history: [user('S').payload] }),
      completed('T2'),
      event({ type: 'thread_rolled_back', num_turns: 1 }),
      assistant('after'),
    ],
    sees: ['user:q', 'assistant:a', 'assistant:after'],
  },
];

for (const { name, lines, sees } of views) {
  t.test(`the model: ${name}`, async (t) => {
    const home = makeHome(t);
    home.put(ID, [meta(ID), ...lines]);
    const history = await home.store.history((await home.store.find(ID)) as never);
    t.strictSame(said((await history.modelHistory()).items), sees);
  });
}

t.test('settings: the last applied ones win over the last turn; usage is the last count', async (t) => {
  const home = makeHome(t);
  const usage = (total: number): Line =>
    event({ type: 'token_count', info: { total_token_usage: { total_tokens: total }, last_token_usage: {} } });
  home.put(ID, [
    meta(ID),
    event({ type: 'thread_settings_applied', thread_settings: { model: 'old', effort: 'low' } }),
    { type: 'turn_context', payload: { model: 'turn', effort: 'high', approval_policy: 'never', summary: 'auto' } },
    event({ type: 'thread_settings_applied', thread_settings: { model: 'new', model_provider_id: 'p' } }),
    usage(1),
    usage(2),
    event({ type: 'token_count', info: null }),
  ]);
  const history = await home.store.history((await home.store.find(ID)) as never);
  t.match(await history.settings(), {
    model: 'new',
    modelProvider: 'p',
    effort: null,
    approvalPolicy: 'never',
    summary: 'auto',
  });
  t.match(await history.tokenUsage(), { total: { totalTokens: 2 }, modelContextWindow: null });
});

t.test('a refreshed history has the appended records; another handle stays unchanged', async (t) => {
  const home = makeHome(t);
  home.put(ID, [meta(ID, P), ...turnOf(ID, 'T1', 'q', 'a')], { paginated: true });
  const files = (await home.store.find(ID)) as never;
  const [one, other] = [await home.store.history(files), await home.store.history(files)];
  const writer = await home.store.open(files);
  writer.append(turnOf(ID, 'T2', 'q2', 'a2'));
  await Promise.all([one.refresh(), one.refresh()]);
  t.equal(one.turnCount, 2);
  t.equal(one.indexOfTurn('T2'), 1);
  t.equal(other.turnCount, 1);
  t.equal((await home.store.history(files)).turnCount, 2);
  await writer.close();
});

t.test('invalid lines are reported once per file', async (t) => {
  const logged: string[] = [];
  const log = await createLogger({ env: { CODEXD_LOG: 'warn' }, write: (text) => logged.push(text) });
  const home = makeHome(t, log);
  home.put(ID, [meta(ID), 'x', 'y', ...exchange('q', 'a')]);
  await allTurns(home.store, ID);
  await allTurns(home.store, ID);
  await elapse(200, 'a second line of the log would come now');
  t.equal(logged.filter((line) => line.includes('skipped 2 lines')).length, 1);
});
