import t from 'tap';
import { connectWebSocket, type Client } from '../../../clients/typescript/index.js';
import { ThreadSequences } from '../../../clients/typescript/thread-sequences.js';
import { relay } from '../../fixtures/relay.js';
import { createWorld, message } from '../../sessions/live/support.js';
import { until } from '../../fixtures/until.js';

const reconnected = (client: Client): Promise<void> =>
  new Promise((resolve) => {
    const stop = client.onState((state) => {
      if (state.kind !== 'connected') return;
      stop();
      resolve();
    });
  });

t.test('a client that loses its connection many times receives every item exactly once', async (t) => {
  const world = createWorld(t);
  t.teardown(() => world.server.shutdown());
  const { address } = await world.server.listenTcp({ host: '127.0.0.1', port: 0, auth: null });
  const { url, cut } = await relay(t, address);
  const thread = await world.start();
  const client = await connectWebSocket(url, { reconnect: { initialDelayMs: 5, maxDelayMs: 10 } });
  t.teardown(() => client.close());
  const heard: string[] = [];
  const numbers: number[] = [];
  client.onNotification('item/completed', ({ item }) => heard.push(item.id));
  client.onEveryNotification((_method, _params, { sequence, emittedAtMs }) => {
    if (sequence !== null) numbers.push(sequence);
    t.type(emittedAtMs, 'number');
  });
  t.equal(client.lastSequence(thread.id), null);
  await client.resumeThread({ threadId: thread.id });

  const told: string[] = [];
  const tell = (): void => {
    const id = `item ${told.length}`;
    told.push(id);
    thread.turn!.itemCompleted(message(id, id));
    // To everybody: it reaches the new connection before the client has resumed.
    thread.events.announce('thread/name/updated', { threadId: thread.id, threadName: id });
  };
  for (let round = 0; round < 8; round++) {
    const turn = thread.beginTurn();
    tell();
    await until(() => heard.length === told.length, 'all is heard');
    const back = reconnected(client);
    cut();
    tell();
    await back;
    tell();
    const { caughtUp } = await client.resumeThread({ threadId: thread.id, excludeTurns: true });
    t.equal(caughtUp, true);
    tell();
    await turn.end({ status: 'completed' });
  }
  await until(() => client.lastSequence(thread.id) === thread.events.sequence, 'the last one');
  t.same(heard, told);
  t.equal(new Set(numbers).size, numbers.length, 'nothing is told twice');
  t.same([...numbers].sort().at(-1), thread.events.sequence);
});

t.test('only sequence numbers received while subscribed count', async (t) => {
  const sequences = new ThreadSequences();
  const note = (sequence: number | null, method = 'item/completed') =>
    sequences.notified(method, { threadId: 't' }, sequence);
  note(5);
  t.equal(sequences.last('t'), null, 'not subscribed');
  sequences.answered('thread/start', {}, { thread: { id: 't' } });
  note(6);
  note(null);
  t.equal(sequences.last('t'), 6);
  sequences.notified('thread/started', { thread: { id: 't' } }, 7);
  t.equal(sequences.last('t'), 7);
  sequences.connectionLost();
  note(9);
  t.equal(sequences.last('t'), 7, 'an announcement on the new connection');
  sequences.answered('thread/resume', {}, { thread: { id: 't' }, sequence: 9, caughtUp: true });
  t.equal(sequences.last('t'), 7, 'the missed ones follow');
  note(8);
  t.equal(sequences.last('t'), 8);
  sequences.answered('thread/resume', {}, { thread: { id: 't' }, sequence: 20, caughtUp: false });
  t.equal(sequences.last('t'), 20, 'a new beginning');
  sequences.answered('thread/unsubscribe', { threadId: 't' }, { status: 'unsubscribed' });
  note(21);
  t.equal(sequences.last('t'), 20);
  note(22, 'thread/closed');
  t.equal(sequences.last('t'), null);
});
