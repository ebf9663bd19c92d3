/** Forks of threads of a real daemon (docs/protocol/threads.md §7). */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { rawHome } from '../fixtures/raw-daemon.js';
import { CONFIG, WRITE, item, records, begin, turn, outputs } from './thread-lifecycle.js';

t.test('forks, and forks of forks, until the last one is deleted', async (t) => {
  const home = rawHome(t, CONFIG);
  let daemon = await home.start();
  for (const historyMode of ['paginated', 'legacy']) {
    const { id } = await begin(daemon, { historyMode });
    const first = await turn(daemon, id, 'echo one');
    const second = await turn(daemon, id, 'echo two');
    await daemon.call('thread/settings/update', { threadId: id, sandboxPolicy: { type: 'workspaceWrite' } });
    const from = daemon.messages.length;
    const whole = await daemon.call('thread/fork', { threadId: id });
    await daemon.next(({ method }) => method === 'thread/started', from);
    const notice = historyMode === 'paginated' ? ['deprecationNotice'] : [];
    t.strictSame(daemon.order(from), [...notice, '<response>', 'thread/started'], historyMode);
    t.match(whole, { thread: { forkedFromId: id, historyMode }, sandbox: WRITE });
    t.strictSame(
      whole.thread.turns.map((each: { id: string }) => each.id),
      [first, second],
      'turns keep their ids',
    );
    const turns = async (threadId: string) =>
      (await daemon.call('thread/read', { threadId, includeTurns: true })).thread.turns;
    t.strictSame(whole.thread.turns, await turns(whole.thread.id), 'with all of their items');
    if (historyMode === 'legacy') {
      const { thread } = await daemon.call('thread/fork', { threadId: id, ephemeral: true, lastTurnId: first });
      t.strictSame(thread.turns, (await turns(id)).slice(0, 1), 'an ephemeral fork has the turns before its end');
    }
    const part = await daemon.call('thread/fork', { threadId: whole.thread.id, lastTurnId: first });
    t.strictSame(
      part.thread.turns.map((each: { id: string }) => each.id),
      [first],
    );
    const empty = await daemon.call('thread/fork', { threadId: id, beforeTurnId: first });
    t.strictSame([empty.thread.turns, empty.thread.preview], [[], '']);
    await turn(daemon, part.thread.id, 'echo own');
    t.match(await daemon.request('thread/fork', { threadId: id, beforeTurnId: first, lastTurnId: first }), {
      error: { code: -32600, message: '`beforeTurnId` cannot be combined with `lastTurnId`' },
    });
    t.match(await daemon.request('thread/fork', { threadId: id, lastTurnId: 'x' }), {
      error: { message: 'turn not found: x' },
    });

    await daemon.close();
    daemon = await home.start();
    const again = await daemon.call('thread/resume', { threadId: part.thread.id });
    t.equal(again.thread.turns.length, 2);
    t.equal(again.thread.forkedFromId, whole.thread.id);
    if (historyMode === 'legacy') continue;
    t.strictSame(outputs(again.thread), ['one\n', 'own\n']);

    await daemon.call('thread/resume', { threadId: id, excludeTurns: true });
    const refused = daemon.messages.length;
    t.match(await daemon.request('thread/delete', { threadId: id }), {
      error: { code: -32600, message: `cannot delete thread ${id}: forked history still references it` },
    });
    t.strictSame(daemon.order(refused), ['<response>'], 'it stays loaded');
    for (const each of [part.thread.id, whole.thread.id, id]) await daemon.call('thread/delete', { threadId: each });
    t.match(await daemon.request('thread/read', { threadId: id }), { error: { message: `thread not loaded: ${id}` } });
  }
});

t.test('a fork of a running turn shows it as interrupted, and the source continues', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const { id } = await begin(daemon);
  await turn(daemon, id, 'echo one');
  const from = daemon.messages.length;
  await daemon.call('thread/shellCommand', { threadId: id, command: 'echo started; sleep 60' });
  await daemon.next(({ method }) => method === 'item/commandExecution/outputDelta', from);
  const read = await daemon.call('thread/read', { threadId: id, includeTurns: true });
  t.match(read.thread, { status: { type: 'active' }, turns: [{}, { status: 'inProgress', completedAt: null }] });
  const fork = await daemon.call('thread/fork', { threadId: id });
  t.strictSame(
    fork.thread.turns.map((each: { status: string }) => each.status),
    ['completed', 'interrupted'],
  );
  t.match(JSON.stringify(records(fork.thread.path)), /<turn_aborted>/);
  t.match((await daemon.call('thread/read', { threadId: id })).thread, { status: { type: 'active' } });
});

t.test('an ephemeral fork, and the requests that ephemeral threads refuse', async (t) => {
  const home = rawHome(t, CONFIG);
  const daemon = await home.start();
  const { id } = await begin(daemon);
  await turn(daemon, id, 'echo one');
  t.match(await daemon.request('thread/fork', { threadId: id, ephemeral: true }), {
    error: { message: 'ephemeral paginated thread/fork requires `excludeTurns: true`' },
  });
  await daemon.call('thread/name/set', { threadId: id, name: 'a name' });
  const { thread } = await daemon.call('thread/fork', { threadId: id, ephemeral: true, excludeTurns: true });
  t.match(thread, { ephemeral: true, path: null, turns: [], forkedFromId: id, name: 'a name' });
  const rows: readonly [method: string, params: object, message: string | null][] = [
    ['thread/read', {}, null],
    ['thread/read', { includeTurns: true }, 'ephemeral threads do not support includeTurns'],
    ['thread/turns/list', {}, 'ephemeral threads do not support thread/turns/list'],
    ['thread/resume', {}, `no rollout found for thread id ${thread.id}`],
    ['thread/fork', {}, `no rollout found for thread id ${thread.id}`],
    ['thread/archive', {}, `no rollout found for thread id ${thread.id}`],
    ['thread/delete', {}, `thread is not persisted and cannot be deleted: ${thread.id}`],
    ['thread/revert', { beforeTurnId: 'x' }, 'ephemeral threads do not support thread/revert'],
    ['thread/rollback', { numTurns: 1 }, 'ephemeral threads do not support thread/rollback'],
    ['thread/inject_items', { items: [item('x')] }, null],
    ['thread/settings/update', { model: 'm' }, null],
  ];
  for (const [method, params, message] of rows) {
    const { error } = await daemon.request(method, { threadId: thread.id, ...params });
    t.equal(error?.message ?? null, message, method);
  }
  t.equal(
    fs.readdirSync(path.join(home.home, 'sessions'), { recursive: true }).filter((f) => /jsonl/.test(String(f))).length,
    1,
  );
});
