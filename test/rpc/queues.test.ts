import t from 'tap';
import { createIngress, type Queued } from '../../server/rpc/connection/ingress.js';
import { connect, initialized, INITIALIZE, settle, testServer } from './support.js';

const LIST = 'thread/loaded/list';
const list = () => ({ data: [], nextCursor: null });
const request = (id: number): Queued => ({ kind: 'request', id, method: 'm', params: {} });

t.test('connections take turns: a flood on one delays the others by one message', async (t) => {
  const ingress = createIngress({ capacity: 1000, maxBytes: 1e9, perTurn: 4 });
  const begun: string[] = [];
  const flood = ingress.inbox(() => void begun.push('flood'));
  const calm = ingress.inbox(() => void begun.push('calm'));
  for (let id = 0; id < 100; id++) flood.offer(request(id), 10);
  calm.offer(request(0), 10);
  await ingress.idle();
  t.ok(begun.indexOf('calm') <= 1, `begun as number ${begun.indexOf('calm') + 1}`);
  t.equal(begun.length, 101);
});

t.test('a full queue refuses requests, by number and by bytes, and accepts answers', (t) => {
  const byNumber = createIngress({ capacity: 2, maxBytes: 1e9, perTurn: 4 }).inbox(() => {});
  t.same(
    [1, 2, 3].map((id) => byNumber.offer(request(id), 1)),
    [true, true, false],
  );
  t.ok(byNumber.offer({ kind: 'response', id: 1, result: {} }, 1), 'an answer to our own question always gets in');
  const byBytes = createIngress({ capacity: 100, maxBytes: 10, perTurn: 4 }).inbox(() => {});
  t.same(
    [1, 2].map((id) => byBytes.offer(request(id), 10)),
    [true, false],
  );
  t.end();
});

t.test('the waiting messages of a lost connection are released', async (t) => {
  const ingress = createIngress({ capacity: 2, maxBytes: 1e9, perTurn: 4 });
  const lost = ingress.inbox(() => t.fail('nothing of it is begun'));
  lost.offer(request(1), 1);
  lost.offer(request(2), 1);
  lost.discard();
  const other = ingress.inbox(() => {});
  t.ok(other.offer(request(1), 1));
  await ingress.idle();
});

t.test('overload answers every request, once, with the result or with -32001', async (t) => {
  const server = testServer({ [LIST]: list }, { ingressLimits: { capacity: 50, maxBytes: 1e9, perTurn: 4 } });
  const client = await initialized(server);
  const asked = 3000;
  for (let id = 0; id < asked; id++) client.send({ id, method: LIST, params: {} });
  await client.next(({ id }) => id === asked - 1);
  await settle();
  const answers = client.messages.slice(1);
  t.equal(new Set(answers.map(({ id }) => id)).size, asked, 'each id once');
  t.equal(answers.length, asked);
  const refused = answers.filter(({ error }) => error);
  t.ok(refused.length > 0 && refused.length < asked, `${refused.length} refused`);
  t.same(
    new Set(refused.map(({ error }) => JSON.stringify(error))),
    new Set(['{"code":-32001,"message":"Server overloaded; retry later."}']),
  );
  t.match(await client.request('after', LIST), { result: {} });
});

t.test('overload by one connection does not block the questions to another one', async (t) => {
  const server = testServer({}, { ingressLimits: { capacity: 10, maxBytes: 1e9, perTurn: 1 } });
  const client = await initialized(server);
  const answer = server.callers()[0]!.request('item/commandExecution/requestApproval', {
    threadId: 't',
    turnId: 'u',
    itemId: 'i',
    startedAtMs: 0,
  } as never);
  await settle();
  const flood = connect(server);
  for (let id = 0; id < 100; id++) flood.send({ id, method: LIST, params: {} });
  client.send({ id: 0, result: { decision: 'accept' } });
  t.same(await answer, { decision: 'accept' });
});

t.test('a connection with much waiting is not read until the work is done', async (t) => {
  const server = testServer({ [LIST]: list });
  const client = await initialized(server);
  for (let id = 0; id < 2000 && !client.paused; id++) client.send({ id, method: LIST, params: {} });
  t.ok(client.paused);
  await settle();
  t.notOk(client.paused);
});

t.test('a client that does not read', async (t) => {
  const limits = { highWaterBytes: 1000, pauseReadingBytes: 10_000, maxNotificationBytes: 20_000 };
  const big = { data: ['x'.repeat(2000)], nextCursor: null };

  t.test('receives no more requests, and gets all answers when it reads', async (t) => {
    const server = testServer({ [LIST]: () => big }, { outboxLimits: limits });
    const client = await initialized(server);
    client.stall = true;
    let sent = 0;
    for (; sent < 1000 && !client.paused; sent++) {
      client.send({ id: sent, method: LIST, params: {} });
      await settle();
    }
    t.ok(client.paused && sent < 10, `paused after ${sent} answers of 2 kB`);
    client.read();
    t.notOk(client.paused);
    t.equal(client.messages.length, sent + 1);
  });

  t.test('delays only its own producers of bulk output', async (t) => {
    const server = testServer({}, { outboxLimits: limits });
    const slow = await initialized(server);
    const quick = await initialized(server);
    const [slowCaller, quickCaller] = server.callers();
    slow.stall = true;
    let drained = false;
    slowCaller!.notify('thread/archived', { threadId: 'x'.repeat(2000) });
    quickCaller!.notify('thread/archived', { threadId: 'x'.repeat(2000) });
    const waiting = slowCaller!.drained().then(() => (drained = true));
    await quickCaller!.drained();
    t.equal(quick.messages.length, 2);
    t.notOk(drained);
    slow.read();
    await waiting;
  });

  t.test(
    'is closed with 1013 if too many notifications are unsent, and releases everything that waits for it',
    async (t) => {
      const server = testServer({}, { outboxLimits: limits });
      const slow = await initialized(server);
      const other = await initialized(server);
      slow.stall = true;
      const caller = server.callers()[0]!;
      for (let count = 0; count < 20; count++) {
        server.broadcast('thread/archived', { threadId: 'x'.repeat(2000) });
        await settle();
      }
      t.match(slow.closed, { code: 1013 });
      t.ok(slow.messages.length < 15, 'bounded');
      await caller.drained();
      t.ok(caller.closed.aborted);
      t.equal(other.messages.length, 21, 'others got everything');
    },
  );
});

t.test('the handshake delays only later messages', async (t) => {
  const server = testServer({ [LIST]: list }, { ingressLimits: { capacity: 100, maxBytes: 1e9, perTurn: 100 } });
  const client = connect(server);
  client.send({ id: 1, method: LIST, params: {} });
  client.send(INITIALIZE);
  client.send({ id: 2, method: LIST, params: {} });
  await client.next(({ id }) => id === 2);
  t.match(client.messages, [{ id: 1, error: { message: 'Not initialized' } }, { id: 'init' }, { id: 2, result: {} }]);
});
