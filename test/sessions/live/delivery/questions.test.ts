import t from 'tap';
import { settle } from '../../../rpc/support.js';
import type { ServerRequestParams } from '../../../../schema/registry.js';
import type { LiveThread } from '../../../../server/sessions/live/live-thread.js';
import { createWorld, listenersOf, notes, type MemoryClient, type Message } from '../support.js';

const METHOD = 'item/commandExecution/requestApproval';
const paramsOf = (thread: LiveThread): ServerRequestParams<typeof METHOD> => ({
  kind: 'command',
  threadId: thread.id,
  turnId: 'turn',
  itemId: 'item',
  startedAtMs: 1,
  environmentId: 'local',
});
const asked = (client: MemoryClient): Message[] =>
  client.messages.filter(({ id, method }) => method === METHOD && id !== undefined);
const resolved = (client: MemoryClient): unknown[] =>
  notes(client, 'serverRequest/resolved').map(({ params }) => params?.requestId);
const answer = (client: MemoryClient, id: unknown, decision: string): void => client.send({ id, result: { decision } });
const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: Error) => `rejected: ${error.message}`,
  );

t.test('all subscribers are asked under one id, the first answer counts, and all are notified', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const [a, b] = [await world.join(thread), await world.join(thread)];
  const stranger = await world.client();
  const pending = outcome(thread.events.ask(METHOD, paramsOf(thread), new AbortController().signal));
  await settle();
  const [{ id }] = asked(a) as [Message];
  t.same(
    asked(b).map((message) => message.id),
    [id],
  );
  t.same(asked(stranger), []);

  answer(stranger, id, 'accept');
  await settle();
  t.same(resolved(a), [], 'who was not asked has no say');
  answer(b, id, 'decline');
  t.same(await pending, { decision: 'decline' });
  answer(a, id, 'accept');
  await settle();
  t.same(resolved(a), [id]);
  t.same(resolved(b), [id]);
  t.same(resolved(stranger), []);
});

t.test('a later subscriber is asked after the answer, with the same id and params', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const first = await world.join(thread);
  const pending = outcome(thread.events.ask(METHOD, paramsOf(thread), new AbortController().signal));
  const late = await world.join(thread);
  await settle();
  t.same(
    late.messages.slice(1).map(({ id, method }) => method ?? id),
    ['join', METHOD],
  );
  t.same(asked(late), asked(first));
  answer(late, asked(late)[0]!.id, 'accept');
  t.same(await pending, { decision: 'accept' });
});

t.test('a question waits while nobody is subscribed, and goes to the next subscriber', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const first = await world.join(thread);
  const pending = outcome(thread.events.ask(METHOD, paramsOf(thread), new AbortController().signal));
  await settle();
  const { id } = asked(first)[0]!;
  first.listener.ended();
  await settle();
  const second = await world.join(thread);
  await settle();
  t.same(
    asked(second).map((message) => message.id),
    [id],
  );
  answer(second, id, 'accept');
  t.same(await pending, { decision: 'accept' });
});

t.test('one of several subscribers can leave without any effect', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const [a, b] = [await world.join(thread), await world.join(thread)];
  const pending = outcome(thread.events.ask(METHOD, paramsOf(thread), new AbortController().signal));
  await settle();
  a.listener.ended();
  await settle();
  t.same(resolved(b), []);
  answer(b, asked(b)[0]!.id, 'accept');
  t.same(await pending, { decision: 'accept' });
});

t.test('a client that unsubscribed may not answer any more', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const a = await world.join(thread);
  const [caller] = world.callers;
  const pending = outcome(thread.events.ask(METHOD, paramsOf(thread), new AbortController().signal));
  await settle();
  thread.events.unsubscribe(caller!);
  const b = await world.join(thread);
  await settle();
  answer(a, asked(a)[0]!.id, 'accept');
  await settle();
  t.same(resolved(b), []);
  answer(b, asked(b)[0]!.id, 'decline');
  t.same(await pending, { decision: 'decline' });
});

t.test('an error is an answer, but a client that does not know the method leaves it to the others', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const [a, b] = [await world.join(thread), await world.join(thread)];
  const ask = () => outcome(thread.events.ask(METHOD, paramsOf(thread), new AbortController().signal));
  const fail = (client: MemoryClient, code: number): void =>
    client.send({ id: asked(client).at(-1)!.id, error: { code, message: 'no' } });

  let pending = ask();
  await settle();
  fail(a, -32601);
  await settle();
  t.same(resolved(b), []);
  fail(b, -32601);
  t.equal(await pending, 'rejected: no', 'nobody is left who may know it');

  pending = ask();
  await settle();
  fail(a, -32000);
  t.equal(await pending, 'rejected: no');
  await settle();
  t.equal(resolved(b).length, 2);

  pending = ask();
  await settle();
  a.send({ id: asked(a).at(-1)!.id, result: { decision: 'bogus' } });
  t.match(await pending, /^rejected: The answer to .* cannot be used/);
});

t.test('an aborted question is settled for all', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const asker = new AbortController();
  const pending = outcome(thread.events.ask(METHOD, paramsOf(thread), asker.signal));
  await settle();
  asker.abort(new Error('interrupted'));
  t.equal(await pending, 'rejected: interrupted');
  await settle();
  t.same(resolved(client), [asked(client)[0]!.id]);
  t.equal(listenersOf(asker.signal), 0);
  t.equal(await outcome(thread.events.ask(METHOD, paramsOf(thread), asker.signal)), 'rejected: interrupted');
  await settle();
  t.equal(asked(client).length, 1, 'nobody is asked for one who has gone');
});

t.test('unloading the thread settles open questions', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const asker = new AbortController();
  const pending = outcome(thread.events.ask(METHOD, paramsOf(thread), asker.signal));
  await settle();
  await world.threads.unload(thread.id);
  t.match(await pending, /rejected: .*the thread was closed/);
  await settle();
  t.same(
    notes(client).map(({ method }) => method),
    ['serverRequest/resolved', 'thread/status/changed'],
  );
  t.equal(listenersOf(asker.signal), 0);
});

t.test('questions and notifications keep their order', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  const warn = (text: string) => thread.events.notify('warning', { threadId: thread.id, message: text });
  const signal = new AbortController().signal;
  warn('1');
  const first = thread.events.ask(METHOD, paramsOf(thread), signal);
  warn('2');
  const second = thread.events.ask(METHOD, paramsOf(thread), signal);
  warn('3');
  await settle();
  t.same(
    client.messages.slice(2).map(({ method, params }) => (method === METHOD ? 'asked' : params?.message)),
    ['1', 'asked', '2', 'asked', '3'],
  );
  for (const { id } of asked(client)) answer(client, id, 'accept');
  await Promise.all([first, second]);
  t.equal(listenersOf(signal), 0);
  t.equal(listenersOf(world.callers[0]!.closed), 1, 'the subscription itself');
});

t.test('the client that answers a tool call receives no notification of it; the others do', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const [a, b] = [await world.join(thread), await world.join(thread)];
  const pending = thread.events.ask(
    'item/tool/call',
    { threadId: thread.id, turnId: 't', callId: 'c', namespace: null, tool: 'x', arguments: {} },
    new AbortController().signal,
  );
  await settle();
  const { id } = a.messages.find(({ method }) => method === 'item/tool/call')!;
  a.send({ id, result: { contentItems: [], success: true } });
  await pending;
  await settle();
  t.same(resolved(a), []);
  t.same(resolved(b), [id]);
});
