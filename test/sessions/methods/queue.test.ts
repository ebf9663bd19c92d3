/** thread/queue/* where the thread is not loaded, on a real daemon (docs/protocol/threads.md §9). */
import t from 'tap';
import { say } from '../../fixtures/model-server.js';
import { elapse, until } from '../../fixtures/until.js';
import { scene, unfinished, type Scene } from '../turn/support.js';

const text = (words: string) => [{ type: 'text', text: words }];
const add = (s: Scene, words: string) =>
  s.daemon.call('thread/queue/add', { threadId: s.threadId, input: text(words), clientUserMessageId: words });
const waiting = async (s: Scene): Promise<number> =>
  (await s.daemon.call('thread/queue/list', { threadId: s.threadId })).data.length;
/** What the persons said in the last request. */
const said = (s: Scene): string[] =>
  s.input().flatMap(({ role, content }) => (role === 'user' && content.length === 1 ? [content[0].text] : []));

t.test('a message for a thread that is not loaded loads it and is answered', async (t) => {
  const s = await scene(t, {}, say('one'), say('two'), say('three'));
  await s.turn('first');
  const again = await s.restarted();
  await add(again, 'queued');
  await again.note('thread/status/changed', ({ status }) => status.type === 'idle');
  await again.daemon.next(
    ({ method, params }) => method === 'thread/status/changed' && params.status.type === 'active',
  );
  await until(() => again.model.requests.length === 2, 'the message reaches the model');
  t.strictSame(said(again).slice(-2), ['first', 'queued']);
  t.strictSame((await again.daemon.call('thread/loaded/list', {})).data, [again.threadId]);
  t.equal(await waiting(again), 0);
});

t.test('what waits begins when the thread is resumed, unless its last turn was interrupted', async (t) => {
  const s = await scene(t, {}, unfinished('thinking'), say('two'), say('three'));
  const turn = await s.begin('first');
  await s.note('item/agentMessage/delta');
  await add(s, 'queued');
  await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: turn.id });
  await s.ended(turn.id);
  const again = await s.again();
  await elapse(500, 'nothing begins by itself');
  t.equal(await waiting(again), 1, 'a person who interrupted says when it goes on');
  t.equal(again.model.requests.length, 1);
  const from = again.daemon.messages.length;
  const { turn: started } = await again.daemon.call('thread/queue/start', { threadId: s.threadId });
  await again.note('turn/completed', ({ turn: ended }) => ended.id === started.id, from);
  t.equal(await waiting(again), 0);
});

t.test('the queue of an archived thread is refused with the way out', async (t) => {
  const s = await scene(t, {}, say('one'));
  await s.turn('first');
  await s.daemon.call('thread/archive', { threadId: s.threadId });
  const why = `session ${s.threadId} is archived. Run \`codex unarchive ${s.threadId}\` to unarchive it first.`;
  await t.rejects(add(s, 'queued'), { message: `thread/queue/add: ${why}` });
  await t.rejects(waiting(s), { message: `thread/queue/list: ${why}` });
  await s.daemon.call('thread/unarchive', { threadId: s.threadId });
  t.equal(await waiting(s), 0, 'nothing was kept of it');
});
