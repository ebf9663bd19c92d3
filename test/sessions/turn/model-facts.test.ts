/**
 * The facts about a model and the configuration, in requests and in notifications (docs/protocol/turns.md §2 to §4).
 */
import fs from 'node:fs';
import t from 'tap';
import { contextWindow, compactLimit } from '../../../server/sessions/context/token-usage.js';
import { say } from '../../fixtures/model-server.js';
import { calls, run, scene } from './support.js';

const UNKNOWN = { contextWindow: null, usablePercent: null, compactLimit: null };

t.test('the window, and when a history is summarised: configured, known, or the default', (t) => {
  const rows: readonly (readonly [table: object, model: object, window: number, limit: number])[] = [
    [{}, {}, 258_400, 244_800],
    [{ model_context_window: 100_000 }, {}, 95_000, 90_000],
    [{ model_context_window: 100_000n }, { contextWindow: 5 }, 95_000, 90_000],
    [{}, { contextWindow: 200_000, usablePercent: 50 }, 100_000, 180_000],
    [{}, { contextWindow: 200_000, compactLimit: 150_000 }, 190_000, 150_000],
    [{}, { contextWindow: 200_000, compactLimit: 500_000 }, 190_000, 180_000],
    [{ model_auto_compact_token_limit: 7 }, { compactLimit: 150_000 }, 258_400, 7],
  ];
  for (const [table, model, window, limit] of rows) {
    t.equal(
      contextWindow(table as never, { ...UNKNOWN, ...model }),
      window,
      JSON.stringify([Object.keys(table), model]),
    );
    t.equal(compactLimit(table as never, { ...UNKNOWN, ...model }), limit);
  }
  t.end();
});

t.test('a catalog determines the requests to a model; an unknown model gets the defaults', async (t) => {
  const s = await scene(t, {}, say('unused'));
  const file = `${s.home}/catalog.json`;
  const entry = {
    slug: 'known',
    context_window: 1000,
    support_verbosity: true,
    default_verbosity: 'low',
    default_reasoning_level: 'medium',
    truncation_policy: { mode: 'tokens', limit: 50 },
    apply_patch_tool_type: 'freeform',
    base_instructions: 'OWN BASE',
  };
  fs.writeFileSync(file, JSON.stringify({ models: [entry, { slug: 'mute', shell_type: 'disabled' }] }));
  const tools = (n: number): string[] =>
    (s.model.requests[n]!.body.tools as { name?: string }[]).map(({ name = '' }) => name);
  const go = async (config: object, ...steps: (readonly object[])[]): Promise<void> => {
    const { thread } = await s.daemon.call('thread/start', { config: { model_catalog_json: file, ...config } });
    s.model.push(...steps);
    const { turn } = await s.daemon.call('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'x' }] });
    await s.ended(turn.id);
  };
  await s.turn('unused');
  await go({ model: 'known' }, calls(run('seq 1000', 'c1')), say('a'));
  const [, first] = s.model.requests;
  t.match(first!.body, { text: { verbosity: 'low' }, reasoning: { effort: 'medium' } });
  t.match(JSON.stringify(s.input(1)[0]), /OWN BASE/);
  t.ok(tools(1).includes('apply_patch'));
  t.match(s.outputs().c1, /tokens truncated/);
  t.match(s.notes('thread/tokenUsage/updated').at(-1), { tokenUsage: { modelContextWindow: 950 } });
  await go({ model: 'known', model_verbosity: 'high', model_reasoning_effort: 'high' }, say('b'));
  t.match(s.model.requests.at(-1)!.body, { text: { verbosity: 'high' }, reasoning: { effort: 'high' } });
  await go({ model: 'mute' }, say('c'));
  t.notOk(tools(s.model.requests.length - 1).some((name) => name === 'exec_command' || name === 'write_stdin'));
  await go({ model: 'other', model_verbosity: 'high' }, say('d'));
  t.equal(s.model.requests.at(-1)!.body.text, undefined, 'a model that nobody knows is not told how much to say');
  t.ok(tools(s.model.requests.length - 1).includes('exec_command'));
});

t.test('an unusable provider fails the turn with its reason, and the person’s message is stored', async (t) => {
  const s = await scene(t, {}, say('unused'));
  const rows: readonly (readonly [config: object, message: RegExp])[] = [
    [
      { 'model_providers.mock.env_key': 'CODEXD_TEST_NO_SUCH_KEY' },
      /^Missing environment variable: `CODEXD_TEST_NO_SUCH_KEY`\./,
    ],
    [{ 'model_providers.mock.base_url': 'http://127.0.0.1:9/v1' }, /error sending request|127\.0\.0\.1:9/],
  ];
  for (const [config, message] of rows) {
    const { thread } = await s.daemon.call('thread/start', { config });
    const { turn } = await s.daemon.call('turn/start', {
      threadId: thread.id,
      input: [{ type: 'text', text: 'SAID' }],
    });
    t.match(await s.ended(turn.id), { status: 'failed', error: { message } });
    const read = await s.daemon.call('thread/read', { threadId: thread.id, includeTurns: true });
    t.match(read.thread.turns, [{ status: 'failed', items: [{ type: 'userMessage', content: [{ text: 'SAID' }] }] }]);
  }
  t.equal(s.model.requests.length, 0);
  const { error } = await s.daemon.request('thread/start', { modelProvider: 'nowhere' });
  t.match(error, { code: -32600 }, 'an unknown one is refused when the thread is started');
});
