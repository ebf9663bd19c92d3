/** Any arguments of a model's call get an answer and never end the turn (docs/protocol/turns.md §4). */
import fc from 'fast-check';
import t from 'tap';
import { event, say } from '../../fixtures/model-server.js';
import { calls, scene } from './support.js';

const TOOLS = [
  'exec_command',
  'write_stdin',
  'view_image',
  'update_plan',
  'request_user_input',
  'request_permissions',
  'create_goal',
  'update_goal',
  'get_goal',
  'apply_patch',
  'mine',
  'nothing',
];
const MEMBERS = [
  'cmd',
  'workdir',
  'tty',
  'yield_time_ms',
  'max_output_tokens',
  'session_id',
  'chars',
  'path',
  'plan',
  'questions',
  'permissions',
  'objective',
  'status',
  'sandbox_permissions',
  'additional_permissions',
];

t.test('any JSON, and invalid JSON, under any name', async (t) => {
  const s = await scene(t, {
    top: '',
    tables: '[tools.update_plan]\nenabled = true',
    start: {
      config: { 'features.request_permissions_tool': true, 'features.exec_permission_approvals': true },
      dynamicTools: [{ type: 'function', name: 'mine', description: '', inputSchema: { type: 'object' } }],
    },
  });
  // Words that no shell runs for long, and that are not the name of a file.
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('', 'true', '/nonexistent', 0, -1, 1e300, null, [], {}),
  );
  const input = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.dictionary(fc.constantFrom(...MEMBERS), value, { maxKeys: 4 }).map((made) => ({
        ...made,
        ...(typeof made.cmd === 'string' ? { cmd: 'true' } : {}),
        yield_time_ms: made.yield_time_ms ?? 250,
      })),
    },
    { weight: 1, arbitrary: value },
  );
  const text = fc.oneof(
    { weight: 5, arbitrary: input.map((made) => JSON.stringify(made)) },
    { weight: 1, arbitrary: fc.string() },
  );
  const call = fc.record({ name: fc.constantFrom(...TOOLS), text, custom: fc.boolean() });
  const made = fc.sample(call, { numRuns: 160, seed: 7 });
  for (let n = 0; n < made.length; n += 40) {
    const batch = made.slice(n, n + 40);
    const from = s.daemon.messages.length;
    s.model.push(
      calls(
        ...batch.map(({ name, text: args, custom }, i) =>
          custom ? event.custom(name, args, `c${n + i}`) : event.call(name, args, `c${n + i}`),
        ),
      ),
      say('end'),
    );
    const { id } = await s.begin('go');
    const answered = new Set<number>();
    const answerAll = (): void => {
      for (const { id: request, method } of s.daemon.messages.slice(from))
        if (method === 'item/tool/call' && request !== undefined && !answered.has(request)) {
          answered.add(request);
          s.daemon.answer(request, { result: { contentItems: [{ type: 'inputText', text: 'fine' }], success: true } });
        }
    };
    const timer = setInterval(answerAll, 20);
    try {
      t.match(await s.ended(id), { status: 'completed' });
    } finally {
      clearInterval(timer);
    }
    const outputs = s.outputs();
    for (let i = n; i < n + batch.length; i++)
      if (
        typeof outputs[`c${i}`] !== 'string' ||
        outputs[`c${i}`] === '' ||
        /TypeError|is not a function|undefined/.test(outputs[`c${i}`]!)
      )
        t.fail(`${JSON.stringify(batch[i - n])} was answered with ${outputs[`c${i}`]}`);
  }
});

t.test('the client’s own tools: late, failing and unreadable answers', async (t) => {
  const s = await scene(t, {
    start: { dynamicTools: [{ type: 'function', name: 'mine', description: '', inputSchema: { type: 'object' } }] },
  });
  const rows: readonly (readonly [answer: object, output: string, status: string])[] = [
    [{ result: { contentItems: [{ type: 'inputText', text: 'yes' }], success: true } }, 'yes', 'completed'],
    [{ result: { contentItems: [{ type: 'inputText', text: 'no' }], success: false } }, 'no', 'failed'],
    [{ error: { code: -1, message: 'x' } }, 'dynamic tool request failed', 'failed'],
    [{ result: { nonsense: true } }, 'dynamic tool response was invalid', 'failed'],
  ];
  for (const [answer, output, status] of rows) {
    const from = s.daemon.messages.length;
    s.model.push(calls(event.call('mine', { a: 1 }, `m${from}`)), say('end'));
    const { id } = await s.begin('go');
    const request = await s.note('item/tool/call', () => true, from);
    t.match(request.params, { tool: 'mine', arguments: { a: 1 }, callId: `m${from}`, turnId: id });
    s.daemon.answer(request.id!, answer as never);
    t.match(await s.ended(id), { status: 'completed' });
    t.equal(s.outputs()[`m${from}`], output);
    t.match(s.items('dynamicToolCall').at(-1), { status });
  }
  const from = s.daemon.messages.length;
  s.model.push(calls(event.call('mine', {}, 'late')));
  const { id } = await s.begin('go');
  const request = await s.note('item/tool/call', () => true, from);
  await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: id });
  t.match(await s.ended(id), { status: 'interrupted' });
  s.daemon.answer(request.id!, { result: { contentItems: [], success: true } });
  s.model.push(say('goes on'));
  t.match(await s.turn('next'), { status: 'completed' });
  t.match(s.outputs().late, /aborted by user/, 'what comes too late counts for nothing');
});

t.test('an output schema is for its turn only; model metadata determines the rest of the request', async (t) => {
  const s = await scene(t, {}, say('{}'), say('b'));
  const outputSchema = { type: 'object', properties: {} };
  await s.turn('one', { outputSchema });
  await s.turn('two');
  t.match(s.model.requests[0]!.body.text, { format: { type: 'json_schema', strict: true, schema: outputSchema } });
  t.equal(s.model.requests[1]!.body.text, undefined);
});
