/**
 * Long histories: when they are summarised, what remains of them, and the effect of a failure (docs/protocol/turns.md
 * §9).
 */
import t from 'tap';
import { event, say } from '../../fixtures/model-server.js';
import { calls, run, scene, type Scene } from '../turn/support.js';

const used = (total: number): object => ({ input_tokens: total, output_tokens: 0, total_tokens: total });
function sayUsing(text: string, total: number): object[] {
  return [event.created(), event.done(event.message(text)), event.completed('r', used(total))];
}
const layout = (s: Scene, n?: number): string[] =>
  s
    .input(n)
    .map(({ type, role, content, call_id: id }) =>
      type === 'message' ? `${role}: ${content[0].text.slice(0, 24)}` : `${type} ${id}`,
    );

t.test(
  'before a turn: the new history is context, the person’s messages and the summary; usage is estimated again',
  async (t) => {
    const s = await scene(
      t,
      { top: 'model_auto_compact_token_limit = 5000' },
      sayUsing('one', 6000),
      sayUsing('SUMMARY', 5500),
      say('two'),
      say('three'),
    );
    await s.turn('first');
    const from = s.daemon.messages.length;
    await s.turn('second');
    const order = s.daemon.messages
      .slice(from)
      .flatMap(({ method, params }) =>
        /^item\/(started|completed)/.test(method ?? '') ? [`${method} ${params.item.type}`] : [],
      );
    t.strictSame(order.slice(0, 3), [
      'item/started contextCompaction',
      'item/completed contextCompaction',
      'item/started userMessage',
    ]);
    t.match(s.model.requests[1]!.body, { tools: [] });
    const after = layout(s);
    t.match(after.slice(1, 3).join(), /developer: <[^]*user: <environment_context>/);
    t.match(after.at(-3), /user: first/);
    t.match(JSON.stringify(s.input().at(-2)), /SUMMARY/);
    t.match(after.at(-1), /user: second/);
    const estimated = s.notes('thread/tokenUsage/updated').at(-2)!.tokenUsage;
    t.ok(estimated.last.totalTokens < 5000, 'what the summary’s own request cost is not what the history holds');
    await s.turn('third');
    t.equal(s.model.requests.length, 4, 'and it is not summed up again at once');
  },
);

t.test('within a turn, after the outputs of its tools', async (t) => {
  const tool = [event.created(), event.done(run('echo x', 'c1')), event.completed('r', used(9000))];
  const s = await scene(t, { top: 'model_auto_compact_token_limit = 8000' }, tool, sayUsing('SUMMARY', 10), say('end'));
  t.match(await s.turn('go'), { status: 'completed', items: [{ text: 'end' }] });
  t.match(JSON.stringify(s.input(1)), /Output:\\nx/, 'the summary is made of all of it');
  t.match(layout(s).slice(-2)[0], /user: go/);
});

t.test('a compaction that fails also fails its turn, and leaves the history unchanged', async (t) => {
  const s = await scene(t, {}, say('one'), { status: 400, body: 'too long' });
  await s.turn('first');
  await s.daemon.call('thread/compact/start', { threadId: s.threadId });
  const { params } = await s.note('turn/completed', ({ turn }) => turn.status === 'failed');
  t.match(params.turn, { error: { message: 'too long' } });
  t.strictSame(s.items('contextCompaction'), [], 'it is left as it began');
  s.model.push(say('two'));
  await s.turn('second');
  t.strictSame(
    s
      .input()
      .slice(0, s.input(0).length)
      .map((item) => JSON.stringify(item)),
    s.input(0).map((item) => JSON.stringify(item)),
  );

  const auto = await scene(t, { top: 'model_auto_compact_token_limit = 50' }, sayUsing('one', 60), {
    status: 400,
    body: 'no',
  });
  await auto.turn('first');
  t.match(await auto.turn('second'), { status: 'failed' });
  t.ok(
    auto.items('userMessage').some(({ content }) => content[0].text === 'second'),
    'what was said is kept',
  );
});

t.test('an empty summary is an error; after a restart the thread continues from the summary', async (t) => {
  const s = await scene(t, {}, say('one'), say('  '));
  await s.turn('first');
  await s.daemon.call('thread/compact/start', { threadId: s.threadId });
  await s.note('turn/completed', ({ turn }) => turn.status === 'failed');
  s.model.push(say('GOOD SUMMARY'));
  const from = s.daemon.messages.length;
  await s.daemon.call('thread/compact/start', { threadId: s.threadId });
  await s.note('turn/completed', ({ turn }) => turn.status === 'completed', from);
  const next = await s.again();
  next.model.push(say('two'), calls());
  await next.turn('second');
  t.match(JSON.stringify(next.input()), /GOOD SUMMARY/);
  t.notMatch(JSON.stringify(next.input()), /"one"/);
});

t.test('injected items that are to stay survive compactions, in order; others go by their role', async (t) => {
  const said = (role: string, text: string) => ({
    type: 'message',
    role,
    content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text }],
  });
  const stays = (item: object, retention = 'always') => ({ item, retention });
  const s = await scene(t, {}, say('one'), say('SUMMARY'), say('two'), say('SUMMARY'), say('three'));
  await s.turn('first');
  const items = [
    stays(said('developer', 'D1')),
    stays(said('developer', 'D2'), 'default'),
    stays(said('assistant', 'A1')),
    stays({ type: 'function_call', name: 'n', arguments: '{}', call_id: 'kept' }),
    stays({ type: 'function_call_output', call_id: 'kept', output: 'o' }),
    stays(said('user', 'U2'), 'default'),
    said('developer', 'D3'),
  ];
  await s.daemon.call('thread/inject_items', { threadId: s.threadId, items });
  const compacted = async (): Promise<void> => {
    const from = s.daemon.messages.length;
    await s.daemon.call('thread/compact/start', { threadId: s.threadId });
    await s.note('turn/completed', () => true, from);
  };
  const kept = (): string[] => layout(s).filter((line) => /: (first|[DAU]\d)|function_call/.test(line));
  const EXPECTED = [
    'user: first',
    'developer: D1',
    'assistant: A1',
    'function_call kept',
    'function_call_output kept',
    'user: U2',
  ];
  await compacted();
  await s.turn('second');
  t.strictSame(kept(), EXPECTED);
  await compacted();
  await s.turn('third');
  t.strictSame(kept(), EXPECTED);
});
