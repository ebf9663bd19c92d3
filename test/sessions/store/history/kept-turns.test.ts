import { open } from 'node:fs/promises';
import fs from 'node:fs';
import t from 'tap';
import { createKeptTurns } from '../../../../server/sessions/store/history/kept-turns.js';
import { TAKEN } from '../../../../server/sessions/store/records/raw-texts.js';
import type { ThreadFiles } from '../../../../server/sessions/store/records/thread-store.js';
import {
  agentEvent,
  allTurns,
  answeredTurns,
  completed,
  event,
  exchange,
  id,
  itemEvent,
  agentItem,
  makeHome,
  meta,
  started,
  text,
  turnOf,
  turnsIn,
  userEvent,
  type Home,
  type Line,
} from '../support.js';

const ID = id(1);
const P = { history_mode: 'paginated' } as const;

async function opened(home: Home) {
  const kept = createKeptTurns();
  return { history: await home.store.history(await find(home, ID), kept), kept };
}

async function find(home: Home, threadId: string): Promise<ThreadFiles> {
  const files = await home.store.find(threadId);
  if (files === null) throw new Error(`there is no thread ${threadId}`);
  return files;
}

const legacyTurn = (turn: string, words: string): Line[] => [
  started(turn),
  ...exchange(`question ${words}`, `answer ${words}`),
  completed(turn),
];

for (const paginated of [false, true]) {
  t.test(`an answer with all turns reads the file once (${paginated ? 'paginated' : 'legacy'})`, async (t) => {
    const home = makeHome(t);
    const turns = Array.from({ length: 40 }, (_, i) => `T${i}`);
    const words = 'word '.repeat(20_000);
    const lines = turns.flatMap((turn) => (paginated ? turnOf(ID, turn, 'q', words) : legacyTurn(turn, words)));
    const file = home.put(ID, [meta(ID, paginated ? P : {}), ...lines], { paginated });
    const handle = await open(file);
    const shared = Object.getPrototypeOf(handle) as { read: (...args: unknown[]) => Promise<{ bytesRead: number }> };
    await handle.close();
    const { read } = shared;
    let bytes = 0;
    shared.read = async function (this: unknown, ...args) {
      const result = await read.apply(this, args);
      bytes += result.bytesRead;
      return result;
    };
    t.teardown(() => {
      shared.read = read;
    });
    t.equal((await answeredTurns(home.store, ID)).length, turns.length);
    const { size } = fs.statSync(file);
    t.ok(size > 4 * 1024 * 1024);
    t.equal(bytes, size);
  });
}

t.test('what follows the pass counts: records that were appended, and turns that were taken back', async (t) => {
  const home = makeHome(t);
  const file = home.put(ID, [meta(ID), ...legacyTurn('T1', '1'), started('T2'), ...exchange('q', 'a')]);
  const { history, kept } = await opened(home);
  const more = [
    agentEvent('more'),
    completed('T2'),
    ...legacyTurn('T3', '3'),
    ...legacyTurn('T4', '4'),
    event({ type: 'thread_rolled_back', num_turns: 2 }),
    userEvent('at last'),
  ];
  fs.appendFileSync(file, `${text(more, false)}\n`);
  await history.refresh();
  const turns = turnsIn(await history.writtenTurns(kept));
  t.strictSame(turns, await allTurns(home.another(), ID));
  t.match(turns, [{ id: 'T1' }, { id: 'T2', items: { length: 3 } }, { items: { length: 1 } }]);
});

t.test('a turn whose end or item came later than the next turn is whole', async (t) => {
  const home = makeHome(t);
  const lines = [
    meta(ID, P),
    ...turnOf(ID, 'T1', 'q', 'a').slice(0, -1),
    ...turnOf(ID, 'T2', 'q2', 'a2'),
    itemEvent(ID, 'T1', agentItem('late', 'later')),
    completed('T1', { completed_at: 9 }),
  ];
  home.put(ID, lines, { paginated: true });
  const turns = await answeredTurns(home.store, ID);
  t.strictSame(turns, await allTurns(home.another(), ID));
  t.match(turns, [{ completedAt: 9, items: { length: 3 } }, { items: { length: 2 } }]);
});

/** A long text that nobody may trim, split, escape again or read. */
const LONG = `  \n${'a "line" of\toutput \u001b[1m“é→😀” <b>#1</b> '.repeat(30)}\r\n\n  `;

/** Records of a legacy thread. Every text in which a client reads words of somebody is long. */
const LEGACY: readonly Record<string, unknown>[] = [
  { type: 'agent_message', message: LONG },
  { type: 'agent_reasoning', text: LONG },
  { type: 'agent_reasoning_raw_content', text: LONG },
  {
    type: 'mcp_tool_call_end',
    call_id: 'c1',
    invocation: { server: 's', tool: 't', arguments: { text: LONG, deep: [{ text: LONG }] } },
    duration: { secs: 1, nanos: 0 },
    result: {
      Ok: { content: [{ type: 'text', text: LONG }], structuredContent: { text: LONG }, _meta: { text: LONG } },
    },
  },
  {
    type: 'mcp_tool_call_end',
    call_id: 'c2',
    invocation: { server: 's', tool: 't', arguments: null },
    duration: { secs: 1, nanos: 0 },
    result: { Err: LONG },
  },
  {
    type: 'patch_apply_end',
    call_id: 'c3',
    stdout: LONG,
    stderr: LONG,
    success: true,
    status: 'completed',
    changes: {
      '/x/a': { type: 'update', unified_diff: LONG, move_path: null },
      '/x/b': { type: 'add', content: LONG },
      '/x/c': { type: 'delete', content: LONG },
    },
  },
  {
    type: 'exec_command_end',
    call_id: 'c4',
    command: ['sh', '-c', LONG],
    cwd: '/x',
    parsed_cmd: [{ type: 'unknown', cmd: LONG }],
    aggregated_output: LONG,
    formatted_output: LONG,
    exit_code: 0,
    duration: { secs: 1, nanos: 0 },
    status: 'completed',
  },
];

/** Items of a paginated thread, in the same way. */
const ITEMS: readonly Record<string, unknown>[] = [
  {
    type: 'UserMessage',
    content: [
      { type: 'text', text: LONG, text_elements: [] },
      { type: 'image', image_url: LONG },
      { type: 'text', text: `# Files mentioned by the user:\n\n${LONG}`, text_elements: [] },
    ],
  },
  {
    type: 'AgentMessage',
    content: [
      { type: 'Text', text: LONG },
      { type: 'Text', text: LONG },
    ],
    phase: null,
  },
  { type: 'Reasoning', summary_text: [LONG], raw_content: [LONG] },
  { type: 'Plan', text: LONG },
  {
    type: 'CommandExecution',
    command: ['sh', '-c', LONG],
    cwd: '/x',
    parsed_cmd: [],
    aggregated_output: LONG,
    exit_code: 0,
    status: 'completed',
    duration: { secs: 1, nanos: 0 },
  },
  {
    type: 'FileChange',
    status: 'completed',
    changes: {
      '/x/a': { type: 'update', unified_diff: LONG, move_path: null },
      '/x/b': { type: 'add', content: LONG },
      '/x/c': { type: 'delete', content: LONG },
    },
  },
  { type: 'ImageGeneration', status: 'completed', revised_prompt: LONG, result: LONG },
  {
    type: 'McpToolCall',
    server: 's',
    tool: 't',
    arguments: { text: LONG },
    status: 'completed',
    result: { content: [{ type: 'text', text: LONG }], structured_content: { text: LONG } },
    duration: { secs: 1, nanos: 0 },
  },
];

t.test('long texts are in the answer as they are, whatever else has them', async (t) => {
  const legacy = LEGACY.map((payload) => event(payload));
  const items = ITEMS.map((item, i) => itemEvent(ID, 'T1', { ...item, id: `item-${i}` }));
  for (const [lines, paginated] of [
    [legacy, false],
    [items, true],
  ] as const) {
    const home = makeHome(t);
    home.put(ID, [meta(ID, paginated ? P : {}), started('T1'), ...lines, completed('T1')], { paginated });
    const parsed = await allTurns(home.another(), ID);
    t.strictSame(await answeredTurns(home.store, ID), parsed, paginated ? 'items' : 'events');
    t.ok((parsed[0]?.items.length ?? 0) >= (paginated ? ITEMS.length : 5), 'they are items');
  }
  for (const [kind, members] of Object.entries(TAKEN)) {
    const records = [
      ...LEGACY.filter(({ type }) => `.${String(type)}` === kind),
      ...ITEMS.filter(({ type }) => type === kind),
    ];
    for (const member of members) t.match(JSON.stringify(records), `"${member}":"  \\n`, `${kind} with ${member}`);
  }
});
