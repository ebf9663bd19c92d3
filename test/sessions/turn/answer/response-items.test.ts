/** What was started is completed, however the answer ends; what the model gives is kept, whatever it is. */
import fs from 'node:fs';
import t from 'tap';
import { event, items, say, type Step } from '../../../fixtures/model-server.js';
import { scene, unfinished, type Scene } from '../support.js';

/** Items that were started and not completed. */
function open(s: Scene): string[] {
  const completed = new Set(s.notes('item/completed').map(({ item }) => item.id));
  return s.notes('item/started').flatMap(({ item }) => (completed.has(item.id) ? [] : [`${item.type} ${item.id}`]));
}

const thought = { type: 'reasoning', id: 'rs_1', summary: [] };
const search = { type: 'web_search_call', id: 'ws_1', status: 'in_progress' };
const message = event.message('half', 'msg_1');
const broken: Step = {
  events: [
    event.created(),
    event.added(thought),
    { type: 'response.reasoning_summary_text.delta', item_id: 'rs_1', summary_index: 0, delta: 'why' },
    event.added(search),
    event.added({ ...message, content: [] }),
    event.text('half', 'msg_1'),
  ],
};

t.test('a stream that breaks off, then a retry; then one that fails for good', async (t) => {
  const s = await scene(t, { tables: '' }, broken, say('whole'));
  const config = fs
    .readFileSync(`${s.home}/config.toml`, 'utf8')
    .replace('stream_max_retries = 0', 'stream_max_retries = 1');
  fs.writeFileSync(`${s.home}/config.toml`, config);
  const { thread } = await s.daemon.call('thread/start', { cwd: s.work });
  const turn = async (text: string) => {
    const input = [{ type: 'text', text }];
    return s.ended((await s.daemon.call('turn/start', { threadId: thread.id, input })).turn.id);
  };
  t.match(await turn('one'), { status: 'completed' });
  t.strictSame(open(s), []);
  t.match(s.items('reasoning')[0], { summary: ['why'] }, 'as far as it came');
  t.match(s.items('webSearch'), [{ id: 'ws_1' }]);
  t.strictSame(
    s.items('agentMessage').map(({ text }) => text),
    ['half', 'whole'],
  );
  t.notMatch(JSON.stringify(s.input()), /half/, 'for people only');
  s.model.push(broken, broken);
  t.match(await turn('two'), { status: 'failed' });
  t.strictSame(open(s), []);
  s.model.push({ events: [event.created(), event.added(message), event.failed('cyber_policy', 'no')] });
  t.match(await turn('three'), { status: 'failed' });
  t.strictSame(open(s), []);
});

t.test('a server that numbers its items from the start in each answer', async (t) => {
  const s = await scene(t);
  const answer = (n: number, ...last: readonly object[]): Step =>
    items(
      { ...thought, summary: [{ type: 'summary_text', text: `why ${n}` }] },
      { ...search, status: 'completed', action: { type: 'search', query: `q ${n}` } },
      event.message(`said ${n}`, 'msg_1'),
      ...last,
    );
  const call = { ...event.call('exec_command', JSON.stringify({ cmd: 'true' })), call_id: 'call_0' };
  s.model.push(answer(1, call), answer(2, call), answer(3));
  const { id } = await s.begin('one');
  t.match(await s.ended(id), { status: 'completed' });
  const started = s.notes('item/started').map(({ item }) => item.id);
  t.strictSame(started, [...new Set(started)], 'each item of the turn has an id of its own');
  t.strictSame(open(s), []);
  for (const type of ['reasoning', 'webSearch', 'agentMessage', 'commandExecution'] as const)
    t.equal(s.items(type).length, type === 'commandExecution' ? 2 : 3, type);
  const calls = s.input().filter(({ type }) => type === 'function_call');
  const outputs = s.input().filter(({ type }) => type === 'function_call_output');
  t.equal(new Set(calls.map(({ call_id: own }) => own)).size, 2);
  t.strictSame(
    outputs.map(({ call_id: own }) => own),
    calls.map(({ call_id: own }) => own),
    'each output is of its own call',
  );
  const told = s.notes('item/completed').map(({ item }) => item.id);
  const read = await s.daemon.call('thread/read', { threadId: s.threadId, includeTurns: true });
  t.strictSame(
    read.thread.turns.flatMap((turn: { items: { id: string }[] }) => turn.items.map((item) => item.id)),
    told,
  );
});

t.test(
  'a thought grows under the id that clients know, also when the server names it again or not at all',
  async (t) => {
    const s = await scene(t);
    const delta = (item_id: string | undefined) => ({
      type: 'response.reasoning_summary_text.delta',
      item_id,
      summary_index: 0,
      delta: 'why',
    });
    const whole = { ...thought, summary: [{ type: 'summary_text', text: 'why' }] };
    s.model.push({
      events: [
        event.created(),
        event.added(thought),
        delta('rs_1'),
        event.done(whole),
        event.added(thought),
        delta('rs_1'),
        delta(undefined),
        event.done(whole),
        delta('rs_1'),
        event.completed(),
      ],
    });
    const { id } = await s.begin('one');
    await s.ended(id);
    const [first, second] = s.items('reasoning').map((item) => item.id);
    t.equal(first, 'rs_1');
    t.not(second, first);
    t.strictSame(
      s.notes('item/reasoning/summaryTextDelta').map(({ itemId }) => itemId),
      [first, second, second],
      'and not after its end',
    );
  },
);

t.test('what is said meanwhile ends the answer, and nothing stays open', async (t) => {
  const s = await scene(
    t,
    {},
    {
      events: [event.created(), event.added(thought), event.added({ ...message, content: [] })],
      hang: true,
    },
  );
  const { id } = await s.begin('one');
  await s.note('item/started', ({ item }) => item.id === 'msg_1');
  s.model.push(say('two'));
  await s.begin('and this');
  await s.ended(id);
  t.strictSame(open(s), []);
});

t.test('an interrupt leaves the message open, as the official program does', async (t) => {
  const s = await scene(t, {}, unfinished('half'));
  const { id } = await s.begin('one');
  await s.note('item/agentMessage/delta');
  await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: id });
  t.match(await s.ended(id), { status: 'interrupted' });
  t.equal(open(s).length, 1);
});

t.test('kinds without an item of their own go back to the endpoint; unknown ones stay in the file', async (t) => {
  const kept = [
    { type: 'image_generation_call', id: 'ig_1', status: 'completed', result: 'AAAA' },
    { type: 'compaction', id: 'cmp_1', encrypted_content: 'E' },
    { type: 'agent_message', id: 'am_1', author: '/a', recipient: '/b', content: [{ type: 'input_text', text: 'x' }] },
    { type: 'tool_search_output', id: 'tso_1', call_id: 'x', execution: 'server', status: 'completed', tools: [] },
  ];
  const unknown = { type: 'computer_call', id: 'cc_1', action: { type: 'UNKNOWN' } };
  const s = await scene(
    t,
    {},
    items(...kept, { type: 'compaction_summary', id: 'cmp_2', encrypted_content: 'F' }, unknown),
  );
  t.match(await s.turn('one'), { status: 'completed' });
  await s.turn('two');
  const input = s.input();
  for (const item of kept)
    t.ok(
      input.some((one) => JSON.stringify(one) === JSON.stringify(item)),
      item.type,
    );
  t.match(
    input.find(({ id }) => id === 'cmp_2'),
    { type: 'compaction' },
  );
  t.notMatch(JSON.stringify(input), /UNKNOWN/);
  const { path } = (await s.daemon.call('thread/read', { threadId: s.threadId })).thread;
  t.match(fs.readFileSync(path, 'utf8'), /UNKNOWN/);
});

t.test('a patch is shown while the model writes it, where the feature is on', async (t) => {
  const patch = '*** Begin Patch\n*** Add File: new.txt\n+one\n+two\n*** End Patch\n';
  const call = event.custom('apply_patch', patch, 'p1') as { id: string };
  const streamed = [
    event.created(),
    event.added({ ...call, input: '' }),
    ...[...patch].map((delta) => ({ type: 'response.custom_tool_call_input.delta', item_id: call.id, delta })),
    event.done(call),
    event.completed(),
  ];
  for (const on of [true, false]) {
    const s = await scene(
      t,
      { start: { sandbox: 'workspace-write', config: { 'features.apply_patch_streaming_events': on } } },
      streamed,
      say('end'),
    );
    fs.writeFileSync(
      `${s.home}/catalog.json`,
      JSON.stringify({ models: [{ slug: 'mock-model', apply_patch_tool_type: 'freeform' }] }),
    );
    const config = fs.readFileSync(`${s.home}/config.toml`, 'utf8');
    fs.writeFileSync(`${s.home}/config.toml`, `model_catalog_json = "${s.home}/catalog.json"\n${config}`);
    const again = await s.restarted();
    const { thread } = await again.daemon.call('thread/start', {
      cwd: s.work,
      sandbox: 'workspace-write',
      config: { 'features.apply_patch_streaming_events': on },
    });
    const input = [{ type: 'text', text: 'go' }];
    const { turn } = await again.daemon.call('turn/start', { threadId: thread.id, input });
    await again.ended(turn.id);
    const told = again.notes('item/fileChange/patchUpdated');
    if (on) {
      t.match(told[0], {
        itemId: 'p1',
        turnId: turn.id,
        changes: [{ path: 'new.txt', kind: { type: 'add' }, diff: '' }],
      });
      t.match(told.at(-1), { changes: [{ path: 'new.txt', diff: 'one\ntwo\n' }] });
    } else t.strictSame(told, []);
    t.match(again.items('fileChange'), [{ id: 'p1', status: 'completed' }]);
  }
});
