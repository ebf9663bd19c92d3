/**
 * Turns that a thread starts by itself: its queue, and steps towards its goal, and how both end
 * (docs/protocol/threads.md §9).
 */
import t from 'tap';
import { event, say } from '../../fixtures/model-server.js';
import { calls, run, scene, unfinished } from './support.js';
import { elapse } from '../../fixtures/until.js';

const said = (text: string): object => ({ input: [{ type: 'text', text }], clientUserMessageId: `id ${text}` });

t.test('a queue: a message starts at once if nothing runs, the next one when the turn is complete', async (t) => {
  const s = await scene(t, {}, calls(run('sleep 0.2', 'c1')), say('a'), say('b'), say('c'));
  const { threadId } = s;
  await s.note('thread/started');
  const from = s.daemon.messages.length;
  await s.daemon.call('thread/queue/add', { threadId, ...said('one') });
  await s.note('turn/started');
  t.strictSame(
    s.daemon.order(from).slice(0, 4),
    ['thread/queue/changed', 'thread/queue/changed', '<response>', 'status active'],
    'the answer stands behind both notes and before the turn',
  );
  for (const text of ['two', 'three']) await s.daemon.call('thread/queue/add', { threadId, ...said(text) });
  t.equal((await s.daemon.call('thread/queue/list', { threadId })).data.length, 2);
  await s.daemon.next(({ method }) => method === 'turn/completed' && s.notes('turn/completed').length === 3);
  t.strictSame(
    s.items('userMessage').map(({ content, clientId }) => [content[0].text, clientId]),
    [
      ['one', 'id one'],
      ['two', 'id two'],
      ['three', 'id three'],
    ],
  );
  t.strictSame((await s.daemon.call('thread/queue/list', { threadId })).data, []);
  t.match(await s.daemon.request('thread/queue/start', { threadId }), { error: { message: 'queue is empty' } });
});

t.test('an interrupt stops a queue, until it is started or another turn is complete', async (t) => {
  const s = await scene(t, {}, unfinished('x'));
  const { threadId } = s;
  const { id } = await s.begin('first');
  await s.note('item/agentMessage/delta');
  for (const text of ['one', 'two']) await s.daemon.call('thread/queue/add', { threadId, ...said(text) });
  t.match(await s.daemon.request('thread/queue/start', { threadId }), {
    error: { code: -32600, message: 'thread already has an active or pending turn' },
  });
  await s.daemon.call('turn/interrupt', { threadId, turnId: id });
  await s.ended(id);
  await elapse(200, 'the next turn would begin now');
  t.equal((await s.daemon.call('thread/queue/list', { threadId })).data.length, 2, 'nothing goes on by itself');
  s.model.push(say('a'), say('b'));
  const from = s.daemon.messages.length;
  const { turn } = await s.daemon.call('thread/queue/start', { threadId });
  t.match(turn, { status: 'inProgress' });
  await s.ended(turn.id);
  t.equal(s.daemon.order(from)[0], 'thread/queue/changed');
  await s.daemon.next(({ method }) => method === 'turn/completed' && s.notes('turn/completed', from).length === 2);
  t.strictSame((await s.daemon.call('thread/queue/list', { threadId })).data, []);
});

t.test('work on a goal continues until the model reports that it is reached', async (t) => {
  const s = await scene(
    t,
    {},
    say('hello'),
    calls(run('true', 'c1')),
    say('a step'),
    calls(event.call('update_goal', { status: 'complete' }, 'u')),
    say('reached'),
  );
  const { threadId } = s;
  await s.turn('hi');
  await s.daemon.call('thread/goal/set', { threadId, objective: 'KNIT', tokenBudget: 1000 });
  await s.note('thread/goal/updated', ({ goal }) => goal.status === 'complete');
  await s.daemon.next(({ method }) => method === 'turn/completed' && s.notes('turn/completed').length === 3);
  const { goal } = await s.daemon.call('thread/goal/get', { threadId });
  t.match(goal, { status: 'complete', tokenBudget: 1000 });
  t.ok(goal.tokensUsed > 0);
  t.match(JSON.stringify(s.input(1)), /goal_objective.*KNIT/, 'shown as a tool’s output: it is nobody’s instruction');
  t.equal(s.items('userMessage').length, 1, 'steps are no messages of the person');
  await elapse(400, 'a further step would begin now');
  t.equal(s.model.requests.length, 5, 'and then it is quiet');
});

t.test('steps without work are slower each time, and a budget, an interrupt or a failure ends them', async (t) => {
  const s = await scene(t, {}, say('hello'));
  const { threadId } = s;
  await s.turn('hi');
  const before = s.model.requests.length;
  await s.daemon.call('thread/goal/set', { threadId, objective: 'TALK' });
  await elapse(1500, 'steps are counted over this time');
  const steps = s.model.requests.length - before;
  t.ok(steps >= 1 && steps <= 3, `${steps} requests in a second and a half: the reference sends tens of them`);
  await s.daemon.call('thread/goal/clear', { threadId });
  const quiet = s.model.requests.length;
  await elapse(1200, 'the next step would begin within a second');
  t.equal(s.model.requests.length, quiet, 'no step without a goal');

  s.model.push(say('one'));
  await s.daemon.call('thread/goal/set', { threadId, objective: 'CHEAP', tokenBudget: 5 });
  await s.note('thread/goal/updated', ({ goal }) => goal.status === 'budgetLimited');

  s.model.push({ status: 400, body: 'no' });
  const from = s.daemon.messages.length;
  await s.daemon.call('thread/goal/set', { threadId, objective: 'FAILS', status: 'active', tokenBudget: null });
  await s.note('turn/completed', ({ turn }) => turn.status === 'failed', from);
  const failed = s.model.requests.length;
  await elapse(800, 'the next step would begin now');
  t.equal(s.model.requests.length, failed, 'a failed step is the last');
});

t.test('goals for the model: one at a time, checked, and none in an ephemeral thread', async (t) => {
  const goal = (name: string, input: object, id: string): object => event.call(name, input, id);
  const s = await scene(
    t,
    {},
    calls(
      goal('get_goal', {}, 'g0'),
      goal('update_goal', { status: 'complete' }, 'u0'),
      goal('create_goal', { objective: ' ' }, 'c0'),
      goal('create_goal', { objective: 'x', token_budget: 0.5 }, 'c1'),
      goal('update_goal', { status: 'active' }, 'u1'),
    ),
    calls(goal('create_goal', { objective: 'KNIT', token_budget: 100000 }, 'c2')),
    calls(goal('create_goal', { objective: 'other' }, 'c3')),
    calls(goal('update_goal', { status: 'paused' }, 'u2')),
    say('end'),
  );
  await s.turn('go');
  t.match(s.outputs(), {
    g0: '{"goal":null,"remainingTokens":null,"completionBudgetReport":null}',
    u0: 'cannot update goal: this thread has none',
    c0: 'goal objective must not be empty',
    c1: 'goal budgets must be positive when provided',
    u1: /^failed to parse function arguments: unknown variant/,
    c2: /"status":"active","tokenBudget":100000/,
    c3: /unfinished goal/,
    u2: /"status":"paused"/,
  });
  s.model.push(calls(goal('create_goal', { objective: 'x' }, 'e')), say('end'));
  const { thread } = await s.daemon.call('thread/start', { ephemeral: true });
  const { turn } = await s.daemon.call('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'x' }] });
  await s.ended(turn.id);
  t.match(s.outputs().e, /does not support goals/);
});
