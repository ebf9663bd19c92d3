import t from 'tap';
import { settle } from '../../rpc/support.js';
import type { LiveThread } from '../../../server/sessions/live/live-thread.js';
import { createWorld, listenersOf, message, notes, sequences, type MemoryClient } from './support.js';

const settingsOf = (thread: LiveThread) => ({ threadId: thread.id, threadSettings: thread.state.wire });
const warn = (thread: LiveThread, text: string) =>
  thread.events.notify('warning', { threadId: thread.id, message: text });
const warnings = (client: MemoryClient): unknown[] => notes(client, 'warning').map(({ params }) => params?.message);

t.test('every subscriber receives the same bytes in the same order, numbered without gaps', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const [a, b] = [await world.join(thread), await world.join(thread)];
  for (let n = 0; n < 50; n++) {
    if (n % 7 === 0) thread.events.announce('thread/name/updated', { threadId: thread.id, threadName: `n${n}` });
    else warn(thread, `w${n}`);
  }
  await settle();
  const told = (client: MemoryClient) => client.lines.filter((line) => line.includes('"sequence"'));
  t.equal(told(a).length, 50);
  t.same(told(a), told(b));
  const numbers = sequences(a);
  t.same(
    numbers,
    numbers.map((_, at) => numbers[0]! + at),
  );
  t.equal(thread.events.sequence, numbers.at(-1));
});

t.test(
  'announcements go to all connections, other notifications to subscribers, and both respect opting out',
  async (t) => {
    const world = createWorld(t);
    const thread = await world.start();
    const stranger = await world.client();
    const deaf = await world.join(thread, { optOutNotificationMethods: ['warning', 'thread/name/updated'] });
    const plain = await world.join(thread, {});
    warn(thread, 'w');
    thread.events.announce('thread/name/updated', { threadId: thread.id, threadName: 'n' });
    thread.events.notify('thread/settings/updated', settingsOf(thread));
    thread.events.notify('thread/readState/changed', {
      threadId: thread.id,
      readState: { firstUnread: null, revision: 1 },
    } as never);
    await settle();
    t.same(
      notes(stranger).map(({ method }) => method),
      ['thread/name/updated'],
    );
    t.same(
      notes(deaf).map(({ method }) => method),
      ['thread/settings/updated'],
      'opted out, and not experimental',
    );
    t.same(
      notes(plain).map(({ method }) => method),
      ['warning', 'thread/name/updated', 'thread/settings/updated'],
      'the read state is for experimental clients',
    );
  },
);

t.test('notifications between the snapshot and its answer come after the answer', async (t) => {
  const world = createWorld(t, (world) => ({
    'thread/loaded/list': async (_params, caller, context) => {
      const thread = world.threads.get([...world.threads.ids()][0]!)!;
      thread.events.join(caller, context);
      warn(thread, 'in between');
      thread.events.announce('thread/name/updated', { threadId: thread.id, threadName: 'in between' });
      await settle();
      warn(thread, 'still in between');
      return { data: [], nextCursor: null };
    },
  }));
  await world.start();
  const client = await world.client();
  await client.request(1, 'thread/loaded/list');
  await settle();
  t.same(
    client.messages.slice(1).map(({ id, method }) => id ?? method),
    [1, 'warning', 'thread/name/updated', 'warning'],
  );
  t.same(sequences(client), [...sequences(client)].sort(), 'in order all the same');
});

t.test('a client that was away receives the missed notifications in their original form', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const [stayed, left] = [await world.join(thread), await world.join(thread)];
  warn(thread, 'one');
  await settle();
  const last = sequences(left).at(-1)!;
  left.listener.ended();
  warn(thread, 'two');
  thread.events.announce('thread/name/updated', { threadId: thread.id, threadName: 'three' });
  warn(thread, 'four');

  const back = await world.client();
  const answer = await back.request('r', 'thread/resume', { threadId: thread.id, afterSequence: last });
  warn(thread, 'five');
  await settle();
  t.match(answer.result, { caughtUp: true, sequence: last + 3 });
  const told = (client: MemoryClient) =>
    client.lines.filter((line) => line.includes('"sequence":') && !line.includes('"result"'));
  t.same(told(back), told(stayed).slice(1), 'byte for byte');
  t.same(
    back.messages.slice(1).map(({ id, method }) => id ?? method),
    ['r', 'warning', 'thread/name/updated', 'warning', 'warning'],
    'behind the answer',
  );
});

t.test('a connection does not receive an announcement twice', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const first = await world.join(thread);
  warn(thread, 'one');
  await settle();
  const last = sequences(first).at(-1)!;
  first.listener.ended();
  const back = await world.client();
  thread.events.announce('thread/name/updated', { threadId: thread.id, threadName: 'heard' });
  warn(thread, 'missed');
  await back.request('r', 'thread/resume', { threadId: thread.id, afterSequence: last });
  await settle();
  t.equal(notes(back, 'thread/name/updated').length, 1);
  t.same(warnings(back), ['missed']);
});

t.test('a client with an unknown number must start again', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.client();
  let requests = 0;
  const resume = async (afterSequence: number) =>
    (await client.request(++requests, 'thread/resume', { threadId: thread.id, afterSequence })).result;
  const base = thread.events.sequence;
  t.match(await resume(base), { caughtUp: true, sequence: base }, 'nothing was told since');
  t.match(await resume(0), { caughtUp: false }, '0 is never a number');
  t.match(await resume(base - 1), { caughtUp: false }, 'of an earlier load');
  t.match(await resume(base + 1), { caughtUp: false }, 'not told yet: not ours');
  for (let n = 0; n < 9000; n++) warn(thread, 'x');
  t.match(await resume(base), { caughtUp: false }, 'dropped meanwhile');
  t.match(await resume(base + 8999), { caughtUp: true });
  await settle();
  t.notOk('caughtUp' in ((await client.request('plain', 'thread/resume', { threadId: thread.id })).result as object));

  await world.threads.unload(thread.id);
  const again = await world.start();
  t.ok(again.events.sequence > thread.events.sequence, 'a later load has higher numbers');
});

t.test('clients that resume at random moments have every item exactly once, in snapshot or stream', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  let random = 7;
  const chance = (of: number): boolean => {
    random = (random * 1103515245 + 12345) & 0x7fffffff;
    return random % of === 0;
  };
  const joining: Promise<{ client: MemoryClient; answer: unknown }>[] = [];
  const items: string[] = [];
  for (let turns = 0; turns < 30; turns++) {
    const turn = thread.beginTurn();
    for (let n = 0; n < 8; n++) {
      const id = `${turns}-${n}`;
      items.push(id);
      turn.itemStarted(message(id, ''));
      if (chance(3)) {
        const client = await world.client();
        joining.push(
          client.request('r', 'thread/resume', { threadId: thread.id }).then((answer) => ({ client, answer })),
        );
      }
      if (chance(2)) await new Promise((resolve) => setImmediate(resolve));
      turn.itemCompleted(message(id, `text ${id}`));
      if (chance(4)) await settle();
    }
    await turn.end({ status: 'completed' });
  }
  const clients = await Promise.all(joining);
  await settle();
  t.ok(clients.length > 40, `${clients.length} clients`);
  for (const { client, answer } of clients) {
    const { turns } = (answer as { result: { thread: { turns: { items: { id: string; text: string }[] }[] } } }).result
      .thread;
    const done = turns.flatMap((turn) => turn.items.filter(({ text }) => text !== '').map(({ id }) => id));
    const told = notes(client, 'item/completed').map(({ params }) => (params?.item as { id: string }).id);
    const all = [...done, ...told];
    if (JSON.stringify(all) !== JSON.stringify(items)) t.same(all, items);
    const at = client.messages.findIndex(({ id }) => id === 'r');
    if (client.messages.slice(1, at).some(({ method }) => method?.startsWith('item/')))
      t.fail('an item was told before the answer');
  }
  t.pass('all of them');
});

t.test('nothing is left of connections that ended, in any way', async (t) => {
  const world = createWorld(t, (world) => ({
    'thread/unsubscribe': ({ threadId }: { threadId: string }, caller) => {
      world.threads.get(threadId)!.events.unsubscribe(caller);
      return { status: 'unsubscribed' };
    },
  }));
  const thread = await world.start();
  for (let n = 0; n < 20; n++) {
    const client = await world.join(thread);
    const caller = world.callers.at(-1)!;
    t.equal(listenersOf(caller.closed), 1);
    if (n % 2) client.listener.ended();
    else await client.request('u', 'thread/unsubscribe', { threadId: thread.id });
    t.equal(listenersOf(caller.closed), 0);
  }
  t.equal(thread.events.subscribers.length, 0);
  await world.join(thread);
  const caller = world.callers.at(-1)!;
  await world.threads.unload(thread.id);
  t.equal(listenersOf(caller.closed), 0, 'unloaded');
});

t.test('subscribing twice is one subscription', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const client = await world.join(thread);
  await client.request('again', 'thread/resume', { threadId: thread.id });
  warn(thread, 'once');
  await settle();
  t.same(warnings(client), ['once']);
  const [caller] = world.callers;
  t.equal(thread.events.subscribe(caller!), false);
  t.equal(thread.events.unsubscribe(caller!), true);
  t.equal(thread.events.unsubscribe(caller!), false);
});

t.test('bulk output waits for clients that read, but only briefly for one that does not', async (t) => {
  const world = createWorld(t);
  const thread = await world.start();
  const [reads, stalls] = [await world.join(thread), await world.join(thread)];
  const flood = (): void => {
    for (let n = 0; n < 20; n++) warn(thread, 'x'.repeat(100_000));
  };
  reads.stall = true;
  flood();
  let over = false;
  const waited = thread.events.drained().then(() => (over = true));
  await settle();
  t.equal(over, false);
  reads.read();
  await waited;

  stalls.stall = true;
  flood();
  await thread.events.drained();
  flood();
  // The client is known to be slow: a second's wait for each of a hundred pieces would exceed the test's time.
  for (let n = 0; n < 100; n++) await thread.events.drained();
  stalls.read();
  await settle();
  stalls.stall = true;
  flood();
  over = false;
  const again = thread.events.drained().then(() => (over = true));
  await settle();
  t.equal(over, false, 'it is waited for again once it has caught up');
  stalls.read();
  await again;
});
