/** The forms that real servers of Chat Completions send and expect. */
import t from 'tap';
import type { TomlTable } from '../../../../server/config/toml/value.js';
import { noRequirements } from '../../../../server/config/requirements/requirements.js';
import { createModelProviders } from '../../../../server/sessions/model/model-providers.js';
import {
  ModelError,
  type HistoryItem,
  type ModelEvent,
  type ModelRequest,
} from '../../../../server/sessions/model/provider/model-provider.js';
import { isItem, isKnownItem } from '../../../../server/sessions/store/records/history-item.js';
import { textIn } from '../../../../server/sessions/store/records/item-text.js';
import { startModelServer, type ModelServer, type Step } from '../../../fixtures/model-server.js';
import { request, table } from '../support.js';

const never = new AbortController().signal;

interface Asked {
  readonly events: ModelEvent[];
  readonly items: HistoryItem[];
  readonly error: ModelError | null;
}

async function ask(model: ModelServer, more: Partial<ModelRequest> = {}, chat: object = {}): Promise<Asked> {
  const providers = createModelProviders({
    modelRequirements: () => noRequirements('none').modelRequirements,
    env: {},
    codexHome: '/nowhere',
    installationId: '',
  });
  const settings = { base_url: model.url, wire_api: 'chat', request_max_retries: 0, stream_idle_timeout_ms: 400 };
  const config = { ...table(settings), codexd: { chat: { mock: chat } } };
  const provider = await providers.find(config as unknown as TomlTable, 'mock');
  const events: ModelEvent[] = [];
  let error: ModelError | null = null;
  try {
    for await (const event of provider!.stream(request(more), never)) events.push(event);
  } catch (caught) {
    if (!(caught instanceof ModelError)) throw caught;
    error = caught;
  }
  return { events, items: events.flatMap((event) => (event.type === 'item' ? [event.item] : [])), error };
}

const chunk = (delta: object, finish: string | null = null): object => ({
  id: 'c',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const call = (delta: object): object => chunk({ tool_calls: [delta] });
const fn = (name: string, args: unknown = '{}'): object => ({ name, arguments: args });
const STOP = chunk({}, 'stop');
const CALLED = chunk({}, 'tool_calls');
const DONE = 'data: [DONE]\n\n';

/** The calls of an answer as `name arguments`. */
const callsOf = ({ items }: Asked): string[] =>
  items.flatMap((item) => (isItem(item, 'function_call') ? [`${item.name} ${item.arguments}`] : []));
const textsOf = ({ items }: Asked, kind: 'message' | 'reasoning' = 'message'): string[] =>
  items.flatMap((item) => (isItem(item, kind) ? [textIn(item.content)] : []));

const CALLS: readonly {
  readonly why: string;
  readonly chunks: readonly object[];
  readonly calls: readonly string[];
}[] = [
  {
    why: 'every call is counted as the first: the ids tell them apart',
    chunks: [
      call({ index: 0, id: 'a', function: fn('one', '{"n":') }),
      call({ index: 0, function: { arguments: '1}' } }),
      call({ index: 0, id: 'b', function: fn('two') }),
    ],
    calls: ['one {"n":1}', 'two {}'],
  },
  {
    why: 'the id changes with every piece: the index tells',
    chunks: [
      call({ index: 0, id: 'a', function: fn('one', '{"n":') }),
      call({ index: 0, id: 'b', function: { arguments: '1}' } }),
    ],
    calls: ['one {"n":1}'],
  },
  {
    why: 'neither id nor index: a name behind whole arguments begins the next call',
    chunks: [call({ function: fn('one') }), call({ function: fn('two') })],
    calls: ['one {}', 'two {}'],
  },
  {
    why: 'several calls in one piece, without ids and indexes',
    chunks: [chunk({ tool_calls: [{ function: fn('one') }, { function: fn('two') }] })],
    calls: ['one {}', 'two {}'],
  },
  {
    why: 'arguments as an object',
    chunks: [call({ index: 0, id: 'a', function: fn('one', { n: 1 }) })],
    calls: ['one {"n":1}'],
  },
  { why: 'the older form of a call', chunks: [chunk({ function_call: fn('one', '{"n":1}') })], calls: ['one {"n":1}'] },
];

for (const { why, chunks, calls } of CALLS) {
  t.test(`calls: ${why}`, async (t) => {
    const model = await startModelServer({ events: [...chunks, CALLED] });
    t.teardown(() => model.close());
    const asked = await ask(model);
    t.equal(asked.error, null);
    t.same(callsOf(asked), calls);
    const ids = asked.items.map(({ call_id: id }) => id);
    t.equal(new Set(ids).size, ids.length, 'each has an id of its own');
  });
}

const sse = (...events: readonly object[]): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
const OK = { error: null, text: ['whole'] };

const ENDS: readonly {
  readonly why: string;
  readonly step: Step;
  readonly error: RegExp | null;
  readonly text: readonly string[];
}[] = [
  {
    why: '[DONE], and the connection stays open',
    step: { chunks: [sse(chunk({ content: 'whole' }), STOP), DONE], hang: true },
    ...OK,
  },
  { why: '[DONE] without a finish reason', step: { chunks: [sse(chunk({ content: 'whole' })), DONE] }, ...OK },
  {
    why: 'a finish reason, then silence',
    step: { chunks: [sse(chunk({ content: 'whole' }), STOP)], hang: true },
    ...OK,
  },
  {
    why: 'no blank line at the end',
    step: { chunks: [sse(chunk({ content: 'whole' })), `data: ${JSON.stringify(STOP)}`] },
    ...OK,
  },
  {
    why: 'content as parts',
    step: { events: [chunk({ content: [{ type: 'text', text: 'who' }] }), chunk({ content: 'le' }), STOP] },
    ...OK,
  },
  {
    why: 'the answer in one piece',
    step: { body: { choices: [{ message: { content: 'whole' }, finish_reason: 'stop' }] } },
    ...OK,
  },
  { why: 'a refusal', step: { events: [chunk({ refusal: 'whole' }), STOP] }, ...OK },
  {
    why: 'neither text nor a call',
    step: { events: [chunk({ content: '' }), STOP] },
    error: /neither text nor reasoning nor a call/,
    text: [],
  },
  { why: 'no end', step: { events: [chunk({ content: 'ha' })] }, error: /before a finish_reason/, text: [] },
  {
    why: 'an error inside a choice',
    step: { events: [{ choices: [{ error: { code: 502, message: 'upstream is gone' } }] }] },
    error: /upstream is gone/,
    text: [],
  },
  {
    why: 'an error event with plain words',
    step: { chunks: ['event: error\ndata: the model crashed\n\n'] },
    error: /the model crashed/,
    text: [],
  },
  {
    why: "an error in vLLM's form",
    step: { events: [{ object: 'error', message: 'bad sampling', code: 400 }] },
    error: /bad sampling/,
    text: [],
  },
  {
    why: 'a login page',
    step: {
      headers: { 'content-type': 'text/html' },
      body: '<html><title>x</title><body>Please sign in</body></html>',
    },
    error: /Please sign in/,
    text: [],
  },
];

for (const { why, step, error, text } of ENDS) {
  t.test(`ends: ${why}`, async (t) => {
    const model = await startModelServer(step);
    t.teardown(() => model.close());
    const asked = await ask(model);
    if (error === null) t.equal(asked.error, null);
    else t.match(asked.error?.message, error);
    t.same(textsOf(asked), text);
    t.equal(asked.events.at(-1)?.type === 'completed', error === null);
  });
}

t.test('the network may split characters of several bytes', async (t) => {
  const bytes = Buffer.from(sse(chunk({ content: 'grün 日本 🙂' }), STOP));
  const model = await startModelServer({ chunks: [...bytes].map((byte) => Buffer.from([byte])) });
  t.teardown(() => model.close());
  t.same(textsOf(await ask(model)), ['grün 日本 🙂']);
});

t.test('<think> at the beginning is reasoning', async (t) => {
  const pieces = ['\n<th', 'ink>let me', ' see</thi', 'nk>\n\nThe answer', ' is <think>'];
  const model = await startModelServer({ events: [...pieces.map((content) => chunk({ content })), STOP] });
  model.always(() => ({ events: [chunk({ content: '<think>kept</think>' }), STOP] }));
  t.teardown(() => model.close());
  const asked = await ask(model);
  t.same(textsOf(asked, 'reasoning'), ['let me see']);
  t.same(textsOf(asked), ['The answer is <think>']);
  t.same(textsOf(await ask(model, {}, { think_tags: false })), ['<think>kept</think>']);
});

t.test('reasoning may come beside an empty other form, in parts, and after text', async (t) => {
  const model = await startModelServer({
    events: [
      chunk({ reasoning_content: '', reasoning: 'first' }),
      chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: ', second' }] }] }),
      chunk({ content: 'said' }),
      chunk({ reasoning_content: 'third' }),
      STOP,
    ],
  });
  t.teardown(() => model.close());
  const asked = await ask(model);
  t.same(textsOf(asked, 'reasoning'), ['first, second', 'third']);
  t.same(textsOf(asked), ['said']);
});

t.test('extra members of an answer are returned to its server, and to no other', async (t) => {
  const model = await startModelServer({
    events: [
      chunk({ reasoning_content: 'because', reasoning_details: [{ id: 1 }] }),
      chunk({ reasoning_details: [{ id: 2 }] }),
      call({ index: 0, id: 'a', function: fn('one'), extra_content: { google: { thought_signature: 'S' } } }),
      CALLED,
    ],
  });
  model.always(() => ({ events: [chunk({ content: 'ok' }), STOP] }));
  t.teardown(() => model.close());
  const { items } = await ask(model);
  const input: HistoryItem[] = [
    ...request().input,
    ...items,
    { type: 'function_call_output', call_id: 'a', output: 'x' },
  ];
  const messages = async (given: readonly HistoryItem[], chat: object = {}): Promise<Record<string, unknown>[]> => {
    await ask(model, { input: given }, chat);
    return model.requests.at(-1)?.body.messages as Record<string, unknown>[];
  };
  const sent = {
    role: 'assistant',
    content: null,
    reasoning_content: 'because',
    reasoning_details: [{ id: 1 }, { id: 2 }],
    tool_calls: [
      { id: 'a', type: 'function', function: fn('one'), extra_content: { google: { thought_signature: 'S' } } },
    ],
  };
  t.same((await messages(input))[1], sent);
  const { reasoning_content: _, ...withoutReasoning } = sent;
  t.same((await messages(input, { send_reasoning: 'never' }))[1], withoutReasoning);
  const foreign = input.map((item) =>
    isKnownItem(item) && item.chat ? { ...item, chat: { ...item.chat, provider: 'other' } } : item,
  );
  t.same(Object.keys((await messages(foreign))[1]!).sort(), ['content', 'role', 'tool_calls']);
  t.same((await messages(input, { null_content: false }))[1]?.content, '');
  const short = await messages(input, { call_ids: 'short' });
  const [{ id }] = short[1]?.tool_calls as [{ id: string }];
  t.match(id, /^[a-zA-Z0-9]{9}$/);
  t.equal(short[2]?.tool_call_id, id, 'the output names the same call');
});

t.test('roles alternate, and usage is requested unless the server refuses it', async (t) => {
  const model = await startModelServer();
  model.always(() => ({ events: [chunk({ content: 'ok' }), STOP] }));
  t.teardown(() => model.close());
  const user = (text: string): HistoryItem => ({
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text }],
  });
  await ask(model, { input: [user('one'), user('two')] });
  t.same(model.requests[0]?.body.messages, [{ role: 'user', content: 'one\n\ntwo' }]);
  t.same(model.requests[0]?.body.stream_options, { include_usage: true });
  await ask(model, {}, { stream_options: false });
  t.notOk('stream_options' in model.requests[1]!.body);
});

t.test('usage as texts', async (t) => {
  const usage = { prompt_tokens: '7', completion_tokens: '2' };
  const model = await startModelServer({ events: [chunk({ content: 'ok' }, 'stop'), { choices: [], usage }] });
  t.teardown(() => model.close());
  t.match((await ask(model)).events.at(-1), { usage: { inputTokens: 7, outputTokens: 2, totalTokens: 9 } });
});
