/** Turns on a real daemon: their order, what joins them, what ends them (docs/protocol/turns.md §1, §2, §7, §8). */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { event, items, say } from '../../fixtures/model-server.js';
import { calls, run, scene, unfinished } from './support.js';

const QUIET =
  /^(thread\/(started|readState|tokenUsage|settings|goal)|account\/|item\/commandExecution\/outputDelta|warning|turn\/diff)/;

t.test('notifications of a simple turn are in order, with the same id from the answer to the end', async (t) => {
  const s = await scene(t, {}, say('hello'));
  const from = s.daemon.messages.length;
  const turn = await s.turn('hi', { clientUserMessageId: 'mine' });
  t.match(turn, { status: 'completed', itemsView: 'summary', items: [{ type: 'agentMessage', text: 'hello' }] });
  t.strictSame(
    s.daemon.order(from).filter((each) => !QUIET.test(each)),
    [
      '<response>',
      'status active',
      'turn/started',
      'item/started',
      'item/completed',
      'item/started',
      'item/agentMessage/delta',
      'item/completed',
      'status idle',
      'turn/completed',
    ],
  );
  t.match(s.items('userMessage'), [{ clientId: 'mine', content: [{ type: 'text', text: 'hi', text_elements: [] }] }]);
});

t.test('empty answers, and answers with unknown content, still end the turn', async (t) => {
  const unknown = { type: 'something_new', id: 'x1', content: 'y' };
  const s = await scene(t, {}, [event.created(), event.completed()], items(unknown), [
    { type: 'response.bogus' },
    event.created(),
    event.done({ type: 'local_shell_call', call_id: 'l1', status: 'completed', action: { type: 'exec' } }),
    event.completed(),
  ]);
  t.match(await s.turn('nothing'), { status: 'completed', items: [], itemsView: 'notLoaded' });
  t.match(await s.turn('unknown'), { status: 'completed', items: [] });
  s.model.push(say('went on'));
  t.match(
    await s.turn('shell'),
    { status: 'completed', items: [{ text: 'went on' }] },
    'a call of a kind we do not offer is answered',
  );
  t.match(s.outputs().l1, /unsupported/);
});

t.test('the same message twice starts one turn: while it runs, and while it is the last one', async (t) => {
  const s = await scene(t, {}, unfinished('thinking'));
  const first = await s.begin('once', { clientUserMessageId: 'c1' });
  await s.note('item/agentMessage/delta');
  t.equal((await s.begin('once', { clientUserMessageId: 'c1' })).id, first.id);
  await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: first.id });
  await s.ended(first.id);
  t.match(await s.begin('once', { clientUserMessageId: 'c1' }), { id: first.id, status: 'interrupted' });
  t.equal(s.model.requests.length, 1);
  t.equal(s.items('userMessage').length, 1);
  s.model.push(say('two'));
  const second = await s.turn('twice', { clientUserMessageId: 'c2' });
  t.not(second.id, first.id);
  s.model.push(say('three'));
  t.not((await s.turn('once', { clientUserMessageId: 'c1' })).id, first.id, 'of an older turn nobody remembers it');
});

t.test('steering: a message while the model writes, and while a command runs', async (t) => {
  const s = await scene(t, { start: { sandbox: 'workspace-write' } }, unfinished('half an ans'), say('whole'));
  const { id } = await s.begin('first');
  await s.note('item/agentMessage/delta');
  const steer = { threadId: s.threadId, expectedTurnId: id, input: [{ type: 'text', text: 'rather this' }] };
  t.strictSame(await s.daemon.call('turn/steer', steer), { turnId: id });
  t.match(await s.ended(id), { status: 'completed' });
  const heard = s
    .input()
    .slice(-2)
    .map(({ role, content }) => [role, content[0].text]);
  t.strictSame(heard, [
    ['assistant', 'half an ans'],
    ['user', 'rather this'],
  ]);
  t.ok(s.model.requests[0]!.aborted, 'the first answer was not waited for');

  s.model.push(calls(run('until [ -e go ]; do sleep 0.02; done; echo done', 'c1')), say('end'));
  const second = await s.begin('second');
  await s.note('item/started', ({ item }) => item.type === 'commandExecution');
  t.equal((await s.begin('joins')).id, second.id, 'turn/start joins the turn that runs');
  await s.daemon.call('command/exec', {
    command: ['touch', 'go'],
    cwd: s.work,
    sandboxPolicy: { type: 'dangerFullAccess' },
  });
  t.match(await s.ended(second.id), { status: 'completed' });
  const tail = s.input().slice(-2);
  t.match(tail[0], { type: 'function_call_output', call_id: 'c1' }, 'it comes behind the output');
  t.match(tail[1], { role: 'user', content: [{ text: 'joins' }] });
});

t.test('an interrupt ends the turn in every phase, and the thread continues', async (t) => {
  const ask = { approvalPolicy: 'on-request', sandbox: 'read-only' };
  const rows: readonly (readonly [name: string, script: object, until: string | null])[] = [
    ['right behind turn/start', unfinished('x'), null],
    ['while the model writes', unfinished('partial'), 'item/agentMessage/delta'],
    ['before the model says a word', { events: [], hang: true }, 'item/completed'],
    ['while a command runs', calls(run('sleep 30', 'c1')), 'item/started commandExecution'],
    [
      'while a person is asked',
      calls(run('true', 'c1', { sandbox_permissions: 'require_escalated' })),
      'item/commandExecution/requestApproval',
    ],
  ];
  const s = await scene(t, { start: ask });
  for (const [name, step, until] of rows) {
    const from = s.daemon.messages.length;
    // The model receives no request of the first one.
    if (until !== null) s.model.push(step);
    const { id } = await s.begin(name);
    if (until !== null) {
      const [method = '', type] = until.split(' ');
      await s.note(method, (params) => type === undefined || params.item?.type === type, from);
    }
    t.match(await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: id }), {}, name);
    t.match(await s.ended(id), { status: 'interrupted', error: null, items: [] }, name);
    t.equal(s.notes('turn/completed', from).length, 1, name);
    t.match((await s.daemon.call('thread/read', { threadId: s.threadId })).thread, { status: { type: 'idle' } }, name);
  }
  await s.daemon.call('thread/backgroundTerminals/clean', { threadId: s.threadId });
  s.model.push(say('still here'));
  t.match(await s.turn('and now'), { status: 'completed', items: [{ text: 'still here' }] });
  const input = JSON.stringify(s.input());
  t.equal(input.split('<turn_aborted>').length - 1, rows.length, 'the model hears of each');
  const called = s
    .input()
    .filter(({ type }) => type === 'function_call')
    .map(({ call_id: id }) => id);
  const answered = s
    .input()
    .filter(({ type }) => type === 'function_call_output')
    .map(({ call_id: id }) => id);
  t.strictSame(answered, called, 'no call is left without an answer');
});

t.test('a broken answer is requested again; its complete items stay', async (t) => {
  const kept = event.message('whole before the break');
  const s = await scene(t, {}, say('never used'));
  const config = (n: number) => ({ config: { 'model_providers.mock.stream_max_retries': n } });
  const { thread } = await s.daemon.call('thread/start', { cwd: s.work, ...config(1) });
  const input = [{ type: 'text', text: 'x' }];
  s.model.requests.length = 0;
  const first = (await s.daemon.call('turn/start', { threadId: s.threadId, input })).turn;
  await s.ended(first.id);
  s.model.push([event.created(), event.done(kept)], say('again'));
  const { turn } = await s.daemon.call('turn/start', { threadId: thread.id, input });
  t.match(await s.ended(turn.id), { status: 'completed', items: [{ text: 'again' }] });
  t.match(s.notes('error'), [
    { willRetry: true, error: { message: 'Reconnecting... 1/1', codexErrorInfo: { responseStreamDisconnected: {} } } },
  ]);
  t.match(s.input().at(-1), { role: 'assistant', content: [{ text: 'whole before the break' }] });
});

t.test('a failed turn reports its reason and stores the message, and the next turn works', async (t) => {
  const s = await scene(t, {}, { status: 400, body: 'no' });
  const from = s.daemon.messages.length;
  t.match(await s.turn('asked in vain'), { status: 'failed', error: { message: 'no', codexErrorInfo: 'other' } });
  const order = s.daemon.order(from).filter((each) => !QUIET.test(each));
  t.strictSame(order.slice(-3), ['status systemError', 'error', 'turn/completed']);
  s.model.push(say('yes'));
  t.match(await s.turn('again'), { status: 'completed' });
  t.ok(JSON.stringify(s.input()).includes('asked in vain'));
});

t.test('a folder that does not exist yet is taken; a command says so until it does', async (t) => {
  const s = await scene(t, {}, calls(run('pwd', 'c1')), say('one'), calls(run('pwd', 'c2')), say('two'));
  const cwd = path.join(s.work, 'later');
  t.match(await s.turn('before', { cwd }), { status: 'completed' });
  const why = 'Failed to create unified exec process: No such file or directory (os error 2)';
  t.equal(s.outputs().c1, `exec_command failed: ${why}`);
  t.match(s.items('commandExecution'), [{ status: 'failed', exitCode: -1, aggregatedOutput: why }]);
  fs.mkdirSync(cwd);
  await s.turn('after');
  t.match(s.outputs().c2, new RegExp(`${cwd}\n$`));
});

t.test('an interrupt is answered when the turn is over: its items before, its end right behind', async (t) => {
  const s = await scene(t, { start: { sandbox: 'danger-full-access' } });
  const from = s.daemon.messages.length;
  await s.daemon.call('thread/shellCommand', { threadId: s.threadId, command: 'sleep 30' });
  const { params } = await s.note('item/started', ({ item }) => item.type === 'commandExecution', from);
  const at = s.daemon.messages.length;
  await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: params.turnId });
  await s.ended(params.turnId);
  t.strictSame(
    s.daemon.order(at).filter((each) => !QUIET.test(each)),
    ['item/completed', '<response>', 'status idle', 'turn/completed'],
  );
});

t.test('two interrupts in a row end the turn once', async (t) => {
  const s = await scene(t, {}, unfinished('thinking'), say('next'));
  const turn = await s.begin('go');
  await s.note('item/agentMessage/delta');
  const asked = { threadId: s.threadId, turnId: turn.id };
  const [first, second] = await Promise.all([
    s.daemon.request('turn/interrupt', asked),
    s.daemon.request('turn/interrupt', asked),
  ]);
  t.strictSame(first.result, {});
  t.match(second.error?.message ?? second.result, second.error ? 'no active turn to interrupt' : {});
  await s.ended(turn.id);
  t.equal(s.notes('turn/completed').length, 1);
  t.match(await s.turn('again'), { status: 'completed', items: [{ text: 'next' }] });
});

t.test('a message waits for a turn that accepts none, and then has a turn of its own', async (t) => {
  const s = await scene(t, {}, say('first'));
  await s.turn('one');
  await s.daemon.call('thread/shellCommand', { threadId: s.threadId, command: 'sleep 0.3' });
  const shell = (
    await s.note(
      'turn/started',
      () => true,
      s.daemon.messages.findIndex(({ method }) => method === 'turn/completed'),
    )
  ).params.turn;
  s.model.push(say('behind the shell'));
  const second = await s.begin('two');
  t.not(second.id, shell.id);
  t.match(await s.ended(second.id), { status: 'completed', items: [{ text: 'behind the shell' }] });

  s.model.push({ events: [event.created()], hang: true });
  await s.daemon.call('thread/compact/start', { threadId: s.threadId });
  const { params } = await s.note('item/started', ({ item }) => item.type === 'contextCompaction');
  t.match(
    await s.daemon.request('turn/steer', {
      threadId: s.threadId,
      expectedTurnId: params.turnId,
      input: [{ type: 'text', text: 'x' }],
    }),
    {
      error: {
        message: 'cannot steer a compact turn',
        data: { codexErrorInfo: { activeTurnNotSteerable: { turnKind: 'compact' } } },
      },
    },
  );
  s.model.push(say('behind the compaction'));
  const third = await s.begin('three');
  await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: params.turnId });
  t.match(await s.ended(third.id), { status: 'completed', items: [{ text: 'behind the compaction' }] });
});

t.test('a turn that waits for another one can be interrupted by its id', async (t) => {
  const s = await scene(t, {}, say('unused'));
  await s.daemon.call('thread/shellCommand', { threadId: s.threadId, command: 'sleep 0.4' });
  await s.note('turn/started');
  const promised = await s.begin('never mind');
  await s.daemon.call('turn/interrupt', { threadId: s.threadId, turnId: promised.id });
  t.match(await s.ended(promised.id), { status: 'interrupted' });
  t.ok(
    s.items('userMessage').some(({ content }) => content[0].text === 'never mind'),
    'what was said is kept',
  );
  t.equal(s.model.requests.length, 0);
});

t.test('settings of the running turn change from its next request on, and the thread keeps its own', async (t) => {
  const s = await scene(t, {
    start: { sandbox: 'workspace-write', config: { 'features.step_model_switching': true } },
  });
  s.model.push(calls(run('until [ -e go ]; do sleep 0.02; done', 'c1')), say('b'), say('c'));
  const { id } = await s.begin('first');
  await s.note('item/started', ({ item }) => item.type === 'commandExecution');
  const update = { threadId: s.threadId, turnId: id, model: 'mock-b', effort: 'high' };
  t.strictSame(await s.daemon.call('turn/settings/update', update), { status: 'applied' });
  t.strictSame(await s.daemon.call('turn/settings/update', { ...update, turnId: 'other' }), {
    status: 'targetUnavailable',
  });
  await s.daemon.call('command/exec', {
    command: ['touch', 'go'],
    cwd: s.work,
    sandboxPolicy: { type: 'dangerFullAccess' },
  });
  await s.ended(id);
  await s.turn('second');
  t.strictSame(
    s.model.requests.map(({ body }) => body.model),
    ['mock-model', 'mock-b', 'mock-model'],
  );
  t.equal(JSON.stringify(s.input(1)).split('<model_switch>').length, 2);
});

t.test('what is said at the very end of a turn is answered', async (t) => {
  const s = await scene(t, {});
  s.model.always(() => say('yes'));
  for (let round = 0; round < 8; round++) {
    const turn = await s.begin(`early ${round}`);
    const which = ['item/completed', 'thread/tokenUsage/updated', 'thread/status/changed', 'turn/completed'][
      round % 4
    ]!;
    await s.daemon.next(
      ({ method, params }) =>
        method === which &&
        (params.turnId === turn.id || params.turn?.id === turn.id || params.status?.type === 'idle') &&
        (params.item === undefined || params.item.type === 'agentMessage'),
      0,
    );
    const late = await s.begin(`late ${round}`);
    await s.ended(late.id);
    t.ok(
      s.model.requests.some(({ body }) => JSON.stringify((body.input as object[]).at(-1)).includes(`late ${round}`)),
      `${which}: a request ends with it`,
    );
  }
});

t.test('a child that the shell leaves behind does not keep its command open, and does not outlive it', async (t) => {
  const seconds = `41.${process.pid}`;
  const s = await scene(
    t,
    { start: { sandbox: 'danger-full-access' } },
    calls(run(`sleep ${seconds} & echo started`, 'c1')),
    say('end'),
  );
  const began = performance.now();
  await s.turn('go');
  t.ok(performance.now() - began < 1_900, 'not the two seconds of a client’s command');
  t.match(s.outputs().c1, /exited with code 0[^]*started\n$/);
  t.match(s.items('commandExecution'), [{ status: 'completed', exitCode: 0, aggregatedOutput: 'started\n' }]);
  const alive = fs
    .readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(seconds);
      } catch {
        return false; // it ended meanwhile
      }
    });
  t.strictSame(alive, []);
});
