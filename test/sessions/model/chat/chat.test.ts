import t from 'tap';
import type { TomlTable } from '../../../../server/config/toml/value.js';
import type {
  HistoryItem,
  ModelEvent,
  ModelRequest,
} from '../../../../server/sessions/model/provider/model-provider.js';
import { noRequirements } from '../../../../server/config/requirements/requirements.js';
import { createModelProviders } from '../../../../server/sessions/model/model-providers.js';
import { startModelServer, type ModelServer } from '../../../fixtures/model-server.js';
import { collect, request, table } from '../support.js';

const NO_MODEL_REQUIREMENTS = () => noRequirements('none').modelRequirements;

const never = new AbortController().signal;

async function ask(model: ModelServer, more: Partial<ModelRequest> = {}): Promise<ModelEvent[]> {
  const providers = createModelProviders({
    modelRequirements: NO_MODEL_REQUIREMENTS,
    env: {},
    codexHome: '/nowhere',
    installationId: '',
  });
  const settings = { base_url: model.url, wire_api: 'chat', request_max_retries: 0 } as unknown as TomlTable;
  const provider = await providers.find(table(settings), 'mock');
  return collect(provider!.stream(request(more), never));
}

const chunk = (delta: object, finish: string | null = null): object => ({
  id: 'chatcmpl-1',
  choices: [{ index: 0, delta, finish_reason: finish }],
});

t.test('text, reasoning and usage of a stream', async (t) => {
  const model = await startModelServer({
    events: [
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'let me ' }),
      chunk({ reasoning_content: 'think' }),
      chunk({ content: 'he' }),
      chunk({ content: 'llo' }, 'stop'),
      { id: 'chatcmpl-1', choices: [], usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 } },
    ],
  });
  t.teardown(() => model.close());
  const events = await ask(model);
  t.same(
    events.map(({ type }) => type),
    [
      'itemStarted',
      'reasoningDelta',
      'reasoningDelta',
      'item',
      'itemStarted',
      'textDelta',
      'textDelta',
      'item',
      'completed',
    ],
  );
  t.match(events[3], { item: { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'let me think' }] } });
  t.match(events[7], { item: { role: 'assistant', content: [{ text: 'hello' }] } });
  t.match(events[8], { usage: { inputTokens: 7, outputTokens: 2, totalTokens: 9 } });
  t.equal(model.requests[0]?.url, '/v1/chat/completions');
  t.match(model.requests[0]?.body, { stream: true, stream_options: { include_usage: true } });
});

t.test('tool calls arrive in pieces, several at once, under flat names', async (t) => {
  const model = await startModelServer({
    events: [
      chunk({ content: 'Looking.' }),
      chunk({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'exec_command', arguments: '{"cmd":' } }] }),
      chunk({
        tool_calls: [{ index: 1, id: 'c2', function: { name: 'apply_patch', arguments: '{"input":"*** B"}' } }],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '"ls"}' } }] }),
      chunk(
        { tool_calls: [{ index: 2, id: 'c3', function: { name: 'mcp__s__find', arguments: '{}' } }] },
        'tool_calls',
      ),
    ],
  });
  t.teardown(() => model.close());
  const tools = [
    { type: 'function', name: 'exec_command', description: 'd', parameters: { type: 'object' } },
    { type: 'custom', name: 'apply_patch', description: 'p' },
    { type: 'namespace', name: 'mcp__s', tools: [{ type: 'function', name: 'find', parameters: { type: 'object' } }] },
    { type: 'web_search' },
  ];
  const events = await ask(model, { tools });
  t.same(events.flatMap((event) => (event.type === 'item' ? [event.item] : [])).slice(1), [
    { type: 'function_call', call_id: 'c1', name: 'exec_command', arguments: '{"cmd":"ls"}' },
    { type: 'custom_tool_call', call_id: 'c2', name: 'apply_patch', input: '*** B' },
    { type: 'function_call', call_id: 'c3', namespace: 'mcp__s', name: 'find', arguments: '{}' },
  ]);
  const sent = model.requests[0]?.body.tools as { function: { name: string } }[];
  t.same(
    sent.map((tool) => tool.function.name),
    ['exec_command', 'apply_patch', 'mcp__s__find'],
  );
});

t.test('the history is sent as messages', async (t) => {
  const model = await startModelServer({ events: [chunk({ content: 'ok' }, 'stop')] });
  t.teardown(() => model.close());
  const text = (role: string, value: string, type = 'input_text'): HistoryItem => ({
    type: 'message',
    role,
    content: [{ type, text: value }],
  });
  await ask(model, {
    input: [
      text('developer', 'base'),
      text('developer', 'rules'),
      text('user', 'question'),
      { type: 'reasoning', id: 'r', summary: [] },
      text('assistant', 'I look', 'output_text'),
      { type: 'function_call', call_id: 'c1', name: 'exec_command', arguments: '{}' },
      { type: 'custom_tool_call', call_id: 'c2', name: 'apply_patch', input: 'P' },
      { type: 'function_call_output', call_id: 'c1', output: 'out' },
      { type: 'custom_tool_call_output', call_id: 'c2', output: 'done' },
      text('developer', 'changed'),
      {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'see' },
          { type: 'input_image', image_url: 'data:x' },
        ],
      },
    ],
  });
  t.same(model.requests[0]?.body.messages, [
    { role: 'system', content: 'base\n\nrules' },
    { role: 'user', content: 'question' },
    {
      role: 'assistant',
      content: 'I look',
      tool_calls: [
        { id: 'c1', type: 'function', function: { name: 'exec_command', arguments: '{}' } },
        { id: 'c2', type: 'function', function: { name: 'apply_patch', arguments: '{"input":"P"}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'out' },
    { role: 'tool', tool_call_id: 'c2', content: 'done' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'changed' },
        { type: 'text', text: 'see' },
        { type: 'image_url', image_url: { url: 'data:x' } },
      ],
    },
  ]);
});

t.test('an answer that breaks off, is cut or fails is an error', async (t) => {
  const cases = [
    [[chunk({ content: 'ha' })], /stream closed before a finish_reason/],
    [[chunk({ content: 'ha' }, 'length')], /reason: max_output_tokens/],
    [[{ error: { message: 'out of memory' } }], /out of memory/],
  ] as const;
  for (const [events, message] of cases) {
    const model = await startModelServer({ events });
    await t.rejects(ask(model), { message });
    await model.close();
  }
});
