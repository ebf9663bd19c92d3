import t from 'tap';
import { ModelError, type ModelProvider } from '../../../../server/sessions/model/provider/model-provider.js';
import { noRequirements } from '../../../../server/config/requirements/requirements.js';
import { createModelProviders } from '../../../../server/sessions/model/model-providers.js';
import type { TomlTable } from '../../../../server/config/toml/value.js';
import { event, say, startModelServer, type ModelServer, type Step } from '../../../fixtures/model-server.js';
import { collect, request, table } from '../support.js';
import { until } from '../../../fixtures/until.js';

const NO_MODEL_REQUIREMENTS = () => noRequirements('none').modelRequirements;

const never = new AbortController().signal;

async function provider(model: ModelServer, more: TomlTable = {}, env: NodeJS.ProcessEnv = {}): Promise<ModelProvider> {
  const providers = createModelProviders({
    modelRequirements: NO_MODEL_REQUIREMENTS,
    env,
    codexHome: '/nowhere',
    installationId: 'installation',
  });
  const settings = { base_url: model.url, request_max_retries: 0, stream_max_retries: 0, ...more } as TomlTable;
  const found = await providers.find(table(settings), 'mock');
  if (found === null) throw new Error('there should be a provider');
  return found;
}

t.test('an answer becomes its items, their deltas and the usage', async (t) => {
  const model = await startModelServer(say('hello'));
  t.teardown(() => model.close());
  const events = await collect((await provider(model)).stream(request(), never));
  t.same(
    events.map(({ type }) => type),
    ['itemStarted', 'textDelta', 'item', 'completed'],
  );
  t.match(events.at(-1), {
    usage: { inputTokens: 10, cachedInputTokens: 4, reasoningOutputTokens: 1, totalTokens: 15 },
  });
  const [seen] = model.requests;
  t.equal(seen?.url, '/v1/responses');
  t.match(seen?.body, {
    model: 'mock-model',
    stream: true,
    store: false,
    prompt_cache_key: request().identity.threadId,
  });
  t.match(seen?.headers, { originator: 'test', 'thread-id': request().identity.threadId });
  t.notOk(seen?.headers.authorization);
});

t.test('the stream may be cut at any byte and may contain unknown events', async (t) => {
  const bytes = Buffer.from(
    [
      ': a comment',
      'data:{"type":"response.created","response":{"id":"r"}}',
      'data: {"type":"response.something_new"}',
      'data: {broken',
      'data: [DONE]',
      `data: ${JSON.stringify(event.text('grün ✓', 'm'))}`,
      `data: ${JSON.stringify(event.completed('r', null))}`,
      `data: ${JSON.stringify(event.text('never heard', 'm'))}`,
    ]
      .map((line) => `${line}\r\n\r\n`)
      .join(''),
  );
  const chunks = Array.from({ length: Math.ceil(bytes.length / 3) }, (_, n) => bytes.subarray(n * 3, n * 3 + 3));
  const model = await startModelServer({ chunks });
  t.teardown(() => model.close());
  t.same(await collect((await provider(model)).stream(request(), never)), [
    { type: 'itemStarted', item: { type: 'message', role: 'assistant', id: 'm', content: [] } },
    { type: 'textDelta', itemId: 'm', delta: 'grün ✓' },
    {
      type: 'item',
      item: { type: 'message', role: 'assistant', id: 'm', content: [{ type: 'output_text', text: 'grün ✓' }] },
    },
    { type: 'completed', responseId: 'r', usage: null },
  ]);
});

const answers = { type: 'message', role: 'assistant', id: 'm', content: [{ type: 'output_text', text: 'hello' }] };
const calls = { type: 'function_call', id: 'f', call_id: 'c', name: 'run', arguments: '{"n":1}' };
const added = (item: object): object => ({ type: 'response.output_item.added', item });
const done = (item: object): object => ({ type: 'response.output_item.done', item });
const completed = (more: object = {}): object => ({ type: 'response.completed', response: { id: 'r', ...more } });

const PARTS: readonly {
  readonly why: string;
  readonly events: readonly object[];
  readonly items: readonly object[];
}[] = [
  { why: 'items in the last event alone', events: [completed({ output: [answers, calls] })], items: [answers, calls] },
  {
    why: 'items twice, in their own events and in the last one',
    events: [done(answers), completed({ output: [answers, calls] })],
    items: [answers, calls],
  },
  {
    why: 'arguments in an event of their own',
    events: [
      added({ ...calls, arguments: '' }),
      { type: 'response.function_call_arguments.done', item_id: 'f', arguments: '{"n":1}' },
      done({ ...calls, arguments: '' }),
      completed(),
    ],
    items: [calls],
  },
  {
    why: 'an item that was begun and never ended',
    events: [
      added({ ...calls, arguments: '' }),
      { type: 'response.function_call_arguments.delta', item_id: 'f', delta: '{"n":1}' },
      completed(),
    ],
    items: [calls],
  },
  {
    why: 'arguments as an object',
    events: [done({ ...calls, arguments: { n: 1 } }), completed()],
    items: [calls],
  },
  {
    why: 'content as a text',
    events: [done({ ...answers, content: 'hello' }), completed()],
    items: [answers],
  },
  {
    why: 'response.done for response.completed',
    events: [done(answers), { type: 'response.done' }],
    items: [answers],
  },
];

for (const { why, events, items } of PARTS) {
  t.test(`parts: ${why}`, async (t) => {
    const model = await startModelServer({ events });
    t.teardown(() => model.close());
    const seen = await collect((await provider(model)).stream(request(), never));
    t.same(
      seen.flatMap((one) => (one.type === 'item' ? [one.item] : [])),
      items,
    );
    t.equal(seen.at(-1)?.type, 'completed');
  });
}

t.test('only the event’s own line may have the type, and the last event may lack its blank line', async (t) => {
  const lines = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify(data)}`;
  const chunks = [
    `${lines('response.output_item.done', { item: answers })}\n\n`,
    lines('response.completed', { response: { id: 'r', usage: { input_tokens: '3', output_tokens: '2' } } }),
  ];
  const model = await startModelServer({ chunks });
  t.teardown(() => model.close());
  const seen = await collect((await provider(model)).stream(request(), never));
  t.match(seen[0], { item: answers });
  t.match(seen.at(-1), { type: 'completed', usage: { inputTokens: 3, totalTokens: 5 } });
});

t.test('a whole answer, of a server that does not stream', async (t) => {
  const model = await startModelServer({ body: { object: 'response', id: 'r', output: [answers] } });
  t.teardown(() => model.close());
  const seen = await collect((await provider(model)).stream(request(), never));
  t.match(seen, [
    { type: 'item', item: answers },
    { type: 'completed', responseId: 'r' },
  ]);
});

t.test('other answers of an endpoint are reported in the words of the protocol', async (t) => {
  const cases: readonly { step: Step; info: unknown; retry: string; message: RegExp | string }[] = [
    { step: { status: 400, body: 'as it is' }, info: 'other', retry: 'never', message: 'as it is' },
    {
      step: { status: 400, body: { error: { code: 'context_length_exceeded' } } },
      info: 'contextWindowExceeded',
      retry: 'never',
      message: /context window/,
    },
    {
      step: { status: 401, body: { error: { message: 'no key' } }, headers: { 'x-request-id': 'q1' } },
      info: { httpConnectionFailed: { httpStatusCode: 401 } },
      retry: 'never',
      message: /^unexpected status 401 Unauthorized: no key, url: http:.*\/v1\/responses, request id: q1$/,
    },
    {
      step: { status: 429, body: '' },
      info: { responseTooManyFailedAttempts: { httpStatusCode: 429 } },
      retry: 'never',
      message: 'exceeded retry limit, last status: 429 Too Many Requests',
    },
    {
      step: { status: 429, body: { error: { type: 'usage_limit_reached', resets_at: 1999999999 } } },
      info: 'usageLimitExceeded',
      retry: 'never',
      message: /resets at 2033-05-18/,
    },
    { step: { status: 500, body: '' }, info: 'internalServerError', retry: 'stream', message: /internal error/ },
    {
      step: { status: 503, body: { error: { code: 'server_is_overloaded' } } },
      info: 'serverOverloaded',
      retry: 'never',
      message: /capacity/,
    },
    {
      step: [event.created(), event.failed('rate_limit_exceeded', 'slow')],
      info: 'rateLimitExceeded',
      retry: 'stream',
      message: 'rate limit exceeded: slow',
    },
    { step: [event.failed('cyber_policy', 'no')], info: 'cyberPolicy', retry: 'never', message: 'no' },
    {
      step: [event.failed('weird', 'odd')],
      info: 'other',
      retry: 'stream',
      message: 'stream disconnected before completion: odd',
    },
    {
      step: { chunks: ['data: {"error":{"message":"no name"}}\n\n'] },
      info: 'other',
      retry: 'stream',
      message: 'stream disconnected before completion: no name',
    },
    {
      step: { chunks: ['data: {"type":"response.failed","response":{"error":"as text"}}\n\n'] },
      info: 'other',
      retry: 'stream',
      message: 'stream disconnected before completion: as text',
    },
    {
      step: { chunks: ['data: {"type":"response.failed","response":{"error":null}}\n\n'] },
      info: 'other',
      retry: 'stream',
      message: 'stream disconnected before completion: response.failed event received',
    },
    {
      step: [event.created()],
      info: 'other',
      retry: 'stream',
      message: 'stream disconnected before completion: stream closed before response.completed',
    },
    {
      step: { chunks: ['<html><body>Sign in'] },
      info: 'other',
      retry: 'never',
      message: /answered with something that is not a stream of events: Sign in, url: /,
    },
    {
      step: { chunks: [': keep-alive\n\n', 'event: resp'] },
      info: 'other',
      retry: 'stream',
      message: 'stream disconnected before completion: stream closed before response.completed',
    },
  ];
  for (const { step, info, retry, message } of cases) {
    const model = await startModelServer(step);
    const error = await collect((await provider(model)).stream(request(), never)).catch((error: unknown) => error);
    await model.close();
    if (!(error instanceof ModelError)) return t.fail(`no error for ${JSON.stringify(step)}`);
    t.same(error.info, info, JSON.stringify(step));
    t.equal(error.retry, retry, JSON.stringify(step));
    t.match(error.message, message, JSON.stringify(step));
  }
});

t.test('a request that found no stream is repeated silently, but only then', async (t) => {
  const model = await startModelServer({ status: 502, body: '' }, { status: 500, body: '' }, say('at last'));
  t.teardown(() => model.close());
  const patient = await provider(model, { request_max_retries: 2 });
  t.equal((await collect(patient.stream(request(), never))).length, 4);
  t.equal(model.requests.length, 3);
});

t.test('an unreachable endpoint is soon an error', async (t) => {
  const model = await startModelServer();
  await model.close();
  await t.rejects(collect((await provider(model)).stream(request(), never)), {
    message: /^error sending request for url \(http:.*ECONNREFUSED\. Nothing listens at 127\.0\.0\.1:\d+\./,
    retry: 'never',
  });
});

t.test('silence in the middle of an answer ends it', async (t) => {
  const model = await startModelServer({ events: [event.created()], hang: true });
  t.teardown(() => model.close());
  const impatient = await provider(model, { stream_idle_timeout_ms: 200 });
  await t.rejects(collect(impatient.stream(request(), never)), {
    message: 'stream disconnected before completion: idle timeout waiting for SSE',
  });
});

t.test('an abort closes the connection', async (t) => {
  const model = await startModelServer({ events: [event.text('a', 'm')], hang: true });
  t.teardown(() => model.close());
  const controller = new AbortController();
  const reason = new Error('enough');
  const reading = (async () => {
    for await (const _ of (await provider(model)).stream(request(), controller.signal)) controller.abort(reason);
  })();
  await t.rejects(reading, reason);
  await until(() => model.requests[0]?.aborted === true, 'the request is given up');
  t.ok(model.requests[0]?.aborted);
});

t.test('keys, headers and query come from configuration and environment', async (t) => {
  const model = await startModelServer(say('x'));
  t.teardown(() => model.close());
  const settings = {
    env_key: 'THE_KEY',
    http_headers: { 'X-Fixed': 'f' },
    env_http_headers: { 'X-Env': 'FROM_ENV', 'X-None': 'NOT_SET' },
    query_params: { version: '2' },
  } as unknown as TomlTable;
  await collect((await provider(model, settings, { THE_KEY: 'k', FROM_ENV: 'e' })).stream(request(), never));
  const [seen] = model.requests;
  t.equal(seen?.url, '/v1/responses?version=2');
  t.match(seen?.headers, { authorization: 'Bearer k', 'x-fixed': 'f', 'x-env': 'e' });
  t.notOk(seen?.headers['x-none']);
  await t.rejects(collect((await provider(model, settings)).stream(request(), never)), {
    message: 'Missing environment variable: `THE_KEY`.',
    retry: 'never',
  });
  t.equal(model.requests.length, 1, 'nothing was sent without the key');
});

t.test('a provider that is not configured is not found', async (t) => {
  const providers = createModelProviders({
    modelRequirements: NO_MODEL_REQUIREMENTS,
    env: {},
    codexHome: '/nowhere',
    installationId: '',
  });
  t.equal(await providers.find({}, 'nope'), null);
  t.ok(await providers.find({}, 'openai'));
});

t.test('a provider without a usable address is an error, and no request is made', async (t) => {
  const model = await startModelServer();
  t.teardown(() => model.close());
  const rows: readonly (readonly [string, RegExp])[] = [
    ['', /model_providers\.mock\.base_url must be an http or https address: none is set/],
    ['localhost:1234/v1', /`localhost:1234\/v1` is none/],
    ['file:///etc', /`file:\/\/\/etc` is none/],
  ];
  for (const [address, message] of rows) {
    const wrong = await provider(model, { base_url: address });
    await t.rejects(collect(wrong.stream(request(), never)), { name: 'ModelError', message, retry: 'never' });
  }
});
