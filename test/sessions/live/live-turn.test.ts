import fs from 'node:fs';
import t from 'tap';
import { settle } from '../../rpc/support.js';
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import { createWorld, message, notes, stateOf, type MemoryClient } from './support.js';

const told = (client: MemoryClient): string[] =>
  notes(client).map(({ method, params }) => {
    const status = params?.status as { type: string; activeFlags?: string[] } | undefined;
    return status ? `${status.type}${status.activeFlags?.length ? `[${status.activeFlags.join()}]` : ''}` : method!;
  });
const user = (id: string, text: string): ThreadItem => ({
  type: 'userMessage',
  id,
  clientId: null,
  content: [{ type: 'text', text, text_elements: [] }],
});
const response = (text: string) => ({
  type: 'response_item',
  payload: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
});
const command = (id: string): Extract<ThreadItem, { type: 'commandExecution' }> => ({
  type: 'commandExecution',
  id,
  pluginId: null,
  scriptPath: null,
  command: "/bin/bash -lc 'sleep 9'",
  cwd: '/tmp',
  processId: null,
  source: 'unifiedExecStartup',
  status: 'inProgress',
  commandActions: [],
  aggregatedOutput: null,
  exitCode: null,
  durationMs: null,
});
const kinds = (records: readonly { type: string; payload: Record<string, unknown> }[]): string[] =>
  records.map(({ type, payload }) => {
    const item = payload.item as { type: string } | undefined;
    return [type, type === 'session_meta' ? null : payload.type, item?.type].filter(Boolean).join(' ');
  });

t.test('notifications of a turn have the order of the protocol, and their content is on disk before', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const seen: string[] = [];
  const { notify } = thread.events;
  t.notOk(fs.existsSync(thread.writer!.path), 'a thread that has said nothing is not on disk');

  const turn = thread.beginTurn();
  t.throws(() => thread.beginTurn(), /runs in thread/);
  turn.itemStarted(user('u', 'hello'));
  turn.itemCompleted(user('u', 'hello'), [response('hello')]);
  turn.itemStarted(message('a', ''));
  notify('item/agentMessage/delta', { threadId: thread.id, turnId: turn.id, itemId: 'a', delta: 'hi' });
  turn.itemCompleted(message('a', 'hi'));
  seen.push(...kinds(world.records(thread)));
  await turn.end({ status: 'completed' });
  await settle();

  t.same(told(client), [
    'active',
    'turn/started',
    'item/started',
    'item/completed',
    'item/started',
    'item/agentMessage/delta',
    'item/completed',
    'idle',
    'turn/completed',
  ]);
  const written = [
    'session_meta',
    'event_msg task_started',
    'response_item message',
    'event_msg item_completed UserMessage',
    'event_msg item_completed AgentMessage',
  ];
  t.same(seen, written);
  t.same(kinds(world.records(thread)), [...written, 'event_msg task_complete']);
  t.same(
    world.records(thread).map(({ ordinal }) => ordinal),
    [0, 1, 2, 3, 4, 5],
  );
  t.ok(world.touched.length >= 4);

  const [started] = notes(client, 'turn/started');
  t.match(started!.params!.turn, {
    id: turn.id,
    status: 'inProgress',
    items: [],
    itemsView: 'notLoaded',
    completedAt: null,
  });
  const [completed] = notes(client, 'turn/completed');
  const { turn: ended } = completed!.params as { turn: { startedAt: number; completedAt: number; items: unknown[] } };
  t.match(ended, { status: 'completed', itemsView: 'summary', error: null, rootTurnId: turn.id });
  t.match(ended.items, [{ type: 'agentMessage', text: 'hi' }]);
  t.equal(ended.items.length, 1);
  t.ok(ended.startedAt < 1e11 && ended.completedAt >= ended.startedAt, 'seconds');
  const { params } = notes(client, 'item/completed')[1]!;
  t.ok((params!.completedAtMs as number) > 1e12, 'milliseconds');
  t.match(params!.item, { startedAtMs: Number, completedAtMs: params!.completedAtMs });
  t.equal(params!.contentTokenCount, null);
  t.same(thread.status, { type: 'idle' });
  t.equal(thread.turn, null);
});

t.test('a legacy file has the older events, and no record of a command', async (t) => {
  const world = createWorld(t);
  const thread = await world.start({ mode: 'legacy' });
  const turn = thread.beginTurn();
  turn.itemCompleted(user('u', 'hello'), [response('hello')]);
  turn.itemStarted(command('c'));
  turn.itemCompleted({ ...command('c'), status: 'completed', exitCode: 0 });
  turn.itemCompleted(message('a', 'hi'));
  await turn.end({ status: 'completed' });
  t.same(kinds(world.records(thread)), [
    'session_meta',
    'event_msg task_started',
    'response_item message',
    'event_msg user_message',
    'event_msg agent_message',
    'event_msg task_complete',
  ]);
  t.ok(world.records(thread).every((record) => !('ordinal' in record)));
});

t.test('a failed turn: systemError, then the error, then the end; the next turn is active again', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const error = {
    message: 'no',
    codexErrorInfo: { httpConnectionFailed: { httpStatusCode: 401 } },
    additionalDetails: null,
    misalignment: null,
  };
  await thread.beginTurn().end({ status: 'failed', error });
  t.same(thread.status, { type: 'systemError' });
  await thread.beginTurn().end({ status: 'completed' });
  await settle();
  t.same(told(client), [
    'active',
    'turn/started',
    'systemError',
    'error',
    'turn/completed',
    'active',
    'turn/started',
    'idle',
    'turn/completed',
  ]);
  t.match(notes(client, 'error')[0]!.params, { willRetry: false, error });
  t.match(notes(client, 'turn/completed')[0]!.params!.turn, {
    status: 'failed',
    error,
    items: [],
    itemsView: 'notLoaded',
  });
  const end = world.records(thread).find(({ payload }) => payload.type === 'task_complete');
  t.match(end!.payload.error, {
    message: 'no',
    codex_error_info: { http_connection_failed: { http_status_code: 401 } },
  });
});

t.test('an interrupted turn completes its commands, informs the model, and keeps what outlives it', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const turn = thread.beginTurn();
  turn.itemStarted(command('open'));
  turn.itemStarted(command('background'), { outlives: true });
  turn.itemStarted(message('cut', ''));
  turn.signal.addEventListener('abort', () => void turn.end({ status: 'interrupted' }), { once: true });
  await thread.interrupt();
  await settle();
  t.match(
    notes(client, 'item/completed').map(({ params }) => params!.item),
    [{ id: 'open', status: 'failed', exitCode: -1 }],
  );
  t.same(told(client).slice(-3), ['item/completed', 'idle', 'turn/completed']);
  t.match(notes(client, 'turn/completed')[0]!.params!.turn, {
    status: 'interrupted',
    items: [],
    itemsView: 'notLoaded',
  });
  t.same(kinds(world.records(thread)).slice(-3), [
    'event_msg item_completed CommandExecution',
    'response_item message',
    'event_msg turn_aborted',
  ]);
  t.match(JSON.stringify(world.records(thread).at(-2)), /<turn_aborted>/);

  turn.itemCompleted({ ...command('background'), status: 'completed', exitCode: 0 });
  await settle();
  t.match(notes(client, 'item/completed').at(-1)!.params, { turnId: turn.id, item: { id: 'background', exitCode: 0 } });
  turn.itemCompleted({ ...command('background'), status: 'failed' });
  await settle();
  t.equal(notes(client, 'item/completed').length, 2, 'once');
});

t.test('only the first end counts, and a turn waits for all work in it', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const turn = thread.beginTurn();
  const release = turn.hold();
  const ends = [turn.end({ status: 'completed' }), turn.end({ status: 'interrupted' })];
  t.ok(turn.ending);
  await settle();
  t.equal(notes(client, 'turn/completed').length, 0);
  t.equal(thread.turn, turn);
  release();
  await Promise.all(ends);
  await settle();
  t.same(
    notes(client, 'turn/completed').map(({ params }) => (params!.turn as { status: string }).status),
    ['completed'],
  );
});

t.test('flags of an active thread are counted', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const turn = thread.beginTurn();
  thread.flag('waitingOnApproval', true);
  thread.flag('waitingOnApproval', true);
  thread.flag('waitingOnUserInput', true);
  thread.flag('waitingOnApproval', false);
  thread.flag('waitingOnUserInput', false);
  thread.flag('waitingOnApproval', false);
  await turn.end({ status: 'completed' });
  await settle();
  t.same(
    told(client).filter((entry) => !entry.startsWith('turn/')),
    [
      'active',
      'active[waitingOnApproval]',
      'active[waitingOnApproval,waitingOnUserInput]',
      'active[waitingOnApproval]',
      'active',
      'idle',
    ],
  );
});

t.test('an ephemeral thread keeps its turns and its records in memory', async (t) => {
  const world = createWorld(t);
  const thread = await world.start({ ephemeral: true });
  const turn = thread.beginTurn();
  turn.itemCompleted(user('u', 'hello'), [response('hello')]);
  await turn.end({ status: 'completed' });
  t.match(thread.ephemeralTurns, [{ id: turn.id, status: 'completed', itemsView: 'full', items: [{ id: 'u' }] }]);
  t.ok(thread.ephemeralRecords.some(({ type }) => type === 'response_item'));
  t.same(
    fs.readdirSync(world.folder),
    fs.readdirSync(world.folder).filter((name) => name !== 'sessions'),
    'no file',
  );
});

t.test('if the disk refuses, nothing unwritten is reported, and the turn ends as failed', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const turn = thread.beginTurn();
  const { append } = thread.writer!;
  Object.assign(thread.writer!, {
    append() {
      throw new Error('ENOSPC: no space left on device');
    },
  });
  t.throws(() => turn.itemCompleted(message('a', 'hi')), /ENOSPC/);
  await turn.end({ status: 'completed' });
  Object.assign(thread.writer!, { append });
  await settle();
  t.equal(notes(client, 'item/completed').length, 0);
  t.match(notes(client, 'turn/completed')[0]!.params!.turn, { status: 'failed', error: { message: /ENOSPC/ } });
  t.same(thread.status, { type: 'systemError' });
  await thread.beginTurn().end({ status: 'completed' });
  t.same(thread.status, { type: 'idle' }, 'it is usable again');
});

t.test('changed settings are written and reported once; equal settings are not', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const state = stateOf(world.folder);
  thread.applySettings(state);
  thread.applySettings({ ...state, wire: { ...state.wire, model: 'other' } });
  await settle();
  t.match(
    notes(client, 'thread/settings/updated').map(({ params }) => params),
    [{ threadId: thread.id, threadSettings: { model: 'other' } }],
  );
  t.match(world.records(thread).at(-1)!.payload, {
    type: 'thread_settings_applied',
    thread_settings: { model: 'other', permission_profile: { type: 'disabled' } },
  });
});

t.test('a watcher of records also sees those of other origins', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const seen: unknown[] = [];
  const stop = thread.watchRecords((records) => seen.push(...kinds(records)));
  thread.record([response('injected')]);
  stop();
  thread.record([response('later')]);
  t.same(seen, ['response_item message']);
});

t.test('unloading ends the turn, reports the status, and releases the file', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const turn = thread.beginTurn();
  turn.signal.addEventListener('abort', () => void turn.end({ status: 'interrupted' }), { once: true });
  t.ok(world.threads.busy());
  const idle = world.threads.idle();
  await world.threads.unload(thread.id);
  await idle;
  await settle();
  t.same(told(client), ['active', 'turn/started', 'idle', 'turn/completed', 'notLoaded']);
  t.same([...world.threads.ids()], []);
  t.throws(() => thread.record([response('late')]), /thread not found/);
  const files = await world.store.find(thread.id);
  const writer = await world.store.open(files!);
  await writer.close();
});

t.test('unloading a thread also interrupts a turn that waits for the end of another one', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const begin = () => {
    const turn = thread.beginTurn();
    turn.signal.addEventListener('abort', () => void turn.end({ status: 'interrupted' }), { once: true });
    return turn;
  };
  const first = begin();
  const second = first.ended.then(begin);
  await world.threads.unload(thread.id);
  t.equal((await second).signal.aborted, true);
  await settle();
  t.same(told(client), [
    ...['active', 'turn/started', 'idle', 'turn/completed'],
    ...['active', 'turn/started', 'idle', 'turn/completed'],
    'notLoaded',
  ]);
});

t.test('a thread without subscribers and without a turn is unloaded after a while, and closed', async (t) => {
  const world = createWorld(t, undefined, { idleUnloadMs: 600 });
  // The daemon's listeners keep it alive; these timers alone must not.
  const alive = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(alive));
  // Each thread is used at once, so that a busy machine does not unload it before; the unused one comes last.
  const used = await world.start();
  const client = await world.join(used);
  const working = await world.start();
  const turn = working.beginTurn();
  const unused = await world.start();
  const closed = await client.next(({ method }) => method === 'thread/closed');
  t.equal(closed.params!.threadId, unused.id);
  t.same(told(client).slice(-2), ['notLoaded', 'thread/closed']);
  t.same([...world.threads.ids()].sort(), [used.id, working.id].sort());

  await turn.end({ status: 'completed' });
  await client.next(({ method, params }) => method === 'thread/closed' && params!.threadId === working.id);
  const witness = await world.client();
  client.listener.ended();
  await witness.next(({ method, params }) => method === 'thread/closed' && params!.threadId === used.id);
  t.same([...world.threads.ids()], []);
});
