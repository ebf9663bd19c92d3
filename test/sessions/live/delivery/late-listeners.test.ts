import t, { type Test } from 'tap';
import { ANSWER_AGE_MS } from '../../../../server/sessions/live/delivery/late-listeners.js';
import type { Caller } from '../../../../server/rpc/connection/caller.js';
import type { LiveThread } from '../../../../server/sessions/live/live-thread.js';
import { elapse } from '../../../fixtures/until.js';
import { connect, settle } from '../../../rpc/support.js';
import { createWorld, notes, type MemoryClient, type World } from '../support.js';

const SDK = { name: 'codex_python_sdk', title: 'Codex Python SDK', version: '1.0.0' };

/** A little longer: a timer may be due before its clock says so. */
const oldEnough = (): Promise<void> => elapse(ANSWER_AGE_MS + 20, 'the answer grows old');

interface Joined {
  readonly client: MemoryClient;
  readonly caller: Caller;
}

async function join(world: World, thread: LiveThread, clientInfo: object): Promise<Joined> {
  const client = connect(world.server);
  client.send({ id: 'init', method: 'initialize', params: { clientInfo, capabilities: { experimentalApi: true } } });
  await client.next(({ id }) => id === 'init');
  await client.request('join', 'thread/resume', { threadId: thread.id });
  return { client, caller: world.callers.at(-1)! };
}
/** A turn that ends at once, with the answer to turn/start right before it. */
async function quickTurn(thread: LiveThread, caller?: Caller): Promise<void> {
  if (caller) thread.events.turnAnswered(caller);
  const turn = thread.beginTurn();
  await turn.end({ status: 'completed' });
  await settle();
}
const told = ({ client }: Joined): string[] => notes(client).map(({ method }) => method!);
const BEGUN = ['thread/status/changed', 'turn/started'];
async function scene(t: Test, clientInfo: object = SDK) {
  const world = createWorld(t);
  const thread = await world.start();
  return { world, thread, sdk: await join(world, thread, clientInfo) };
}
const warn = (thread: LiveThread): void =>
  thread.events.notify('warning', { threadId: thread.id, message: 'behind it' });

t.test('the end of a quick turn waits until the answer is old enough; the thread continues after it', async (t) => {
  const { world, thread, sdk } = await scene(t);
  const other = await join(world, thread, { name: 'other', title: null, version: '1' });
  const elsewhere = await world.start();
  await sdk.client.request('too', 'thread/resume', { threadId: elsewhere.id });
  const before = performance.now();
  await quickTurn(thread, sdk.caller);
  warn(thread);
  warn(elsewhere);
  await settle();
  t.ok(performance.now() - before < ANSWER_AGE_MS, 'the test is quick enough to mean anything');
  t.notOk(told(sdk).includes('turn/completed'));
  t.same(
    notes(sdk.client, 'warning').map(({ params }) => params?.threadId),
    [elsewhere.id],
    'another thread does not wait',
  );
  t.ok(told(other).includes('turn/completed'), 'nor another client');
  await oldEnough();
  const got = told(sdk);
  t.ok(got.indexOf('turn/completed') < got.lastIndexOf('warning'), 'in the order of the thread');
  t.same(notes(sdk.client, 'warning').length, 2);
  t.same(
    got.filter((method) => method !== 'warning'),
    told(other).filter((method) => method !== 'warning'),
  );
});

t.test('the title identifies the client, too, if the name is another one', async (t) => {
  const { thread, sdk } = await scene(t, { ...SDK, name: 'my_service' });
  await quickTurn(thread, sdk.caller);
  t.notOk(told(sdk).includes('turn/completed'));
});

t.test('a client that does not listen yet receives nothing yet', async (t) => {
  const { thread, sdk, world } = await scene(t, { name: 'ai-sdk-provider-codex-app-server', title: 'x', version: '1' });
  const other = await join(world, thread, { name: 'other', title: null, version: '1' });
  await quickTurn(thread, sdk.caller);
  t.same(told(sdk), []);
  await oldEnough();
  t.same(told(sdk), told(other), 'all of it, in order');
  t.ok(told(sdk).includes('turn/completed'));
  warn(thread);
  await settle();
  t.equal(told(sdk).at(-1), 'warning', 'and then at once');
});

t.test('no client waits without need', async (t) => {
  const { thread, sdk } = await scene(t);
  await quickTurn(thread);
  t.same(told(sdk).slice(0, 2), BEGUN);
  t.ok(told(sdk).includes('turn/completed'), 'a turn that the client did not start');
  thread.events.turnAnswered(sdk.caller);
  await oldEnough();
  await quickTurn(thread);
  t.equal(notes(sdk.client, 'turn/completed').length, 2, 'an answer that is old');
  await quickTurn(thread);
  t.equal(notes(sdk.client, 'turn/completed').length, 3, 'an answer counts for one end');
});

t.test('waiting messages are sent if the client or the thread leaves before', async (t) => {
  const { thread, sdk, world } = await scene(t);
  await quickTurn(thread, sdk.caller);
  thread.events.unsubscribe(sdk.caller);
  await settle();
  t.ok(told(sdk).includes('turn/completed'), 'unsubscribed');

  await sdk.client.request('again', 'thread/resume', { threadId: thread.id });
  await quickTurn(thread, sdk.caller);
  await world.threads.close();
  await settle();
  t.equal(notes(sdk.client, 'turn/completed').length, 2, 'the thread was closed');
  t.ok(told(sdk).lastIndexOf('turn/completed') < told(sdk).length - 1, 'before its status');
});

t.test('a client that disconnects leaves no timer and gets nothing', async (t) => {
  const { thread, sdk } = await scene(t);
  await quickTurn(thread, sdk.caller);
  sdk.client.listener.ended();
  await oldEnough();
  t.notOk(told(sdk).includes('turn/completed'));
  await quickTurn(thread, sdk.caller);
});
