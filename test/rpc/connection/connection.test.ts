import t from 'tap';
import type { Caller } from '../../../server/rpc/connection/caller.js';
import { invalidParams, invalidRequest } from '../../../server/errors/rpc-error.js';
import { connect, INITIALIZE, initialized, recordingLog, settle, testServer } from '../support.js';
import type { MemoryClient } from '../support.js';

const LIST = 'thread/loaded/list';
const list = () => ({ data: [], nextCursor: null });
const APPROVAL = 'item/commandExecution/requestApproval';

t.test('before initialize: decoding first, then the handshake, and no notification is sent', async (t) => {
  const server = testServer({ [LIST]: list });
  const client = connect(server);
  t.match(await client.request(1, LIST), { error: { code: -32600, message: 'Not initialized' } });
  t.match(await client.request(2, 'no/such'), { error: { message: /^Invalid request: unknown variant `no\/such`/ } });
  t.match(await client.request(3, 'thread/read'), { error: { message: 'Invalid request: missing field `threadId`' } });
  client.send({ id: 4, method: LIST });
  t.match(await client.next(({ id }) => id === 4), { error: { message: 'Invalid request: missing field `params`' } });
  client.send({ method: 'initialized' });
  client.send({ method: 'initialize', params: INITIALIZE.params });
  server.broadcast('thread/archived', { threadId: 'x' });
  t.match(await client.request(5, LIST), { error: { message: 'Not initialized' } }, 'notifications change nothing');
  t.equal(client.messages.length, 5);
});

t.test('initialize: the answer comes first, a second one is refused, a failed one may be repeated', async (t) => {
  const server = testServer(
    { [LIST]: list },
    { afterInitialized: (caller) => caller.notify('configWarning', { summary: 'x' } as never) },
  );
  const client = connect(server);
  const bad = { clientInfo: { name: 'a\rb', version: '1' } };
  t.match(await client.request('bad', 'initialize', bad), {
    error: { code: -32600, message: "Invalid clientInfo.name: 'a\rb'. Must be a valid HTTP header value." },
  });
  t.match(await client.request(1, LIST), { error: { message: 'Not initialized' } });
  client.send(INITIALIZE);
  client.send({ id: 2, method: LIST, params: {} });
  await client.next(({ id }) => id === 2);
  t.match(
    client.messages.slice(2).map(({ id, method }) => id ?? method),
    ['init', 'configWarning', 2],
    'a request right behind initialize finds it done',
  );
  client.send({ ...INITIALIZE, id: 'again' });
  t.match(await client.next(({ id }) => id === 'again'), { error: { message: 'Already initialized' } });
  client.send({ id: 'bad again', method: 'initialize', params: {} });
  t.match(await client.next(({ id }) => id === 'bad again'), { error: { message: /missing field `clientInfo`/ } });
  t.match(await initialized(server), { messages: [{ id: 'init' }] }, 'tab and other characters are no obstacle');
});

t.test('the signal of the end, for who asks before the end and for who asks after it', async (t) => {
  const callers: Caller[] = [];
  const server = testServer({}, { afterInitialized: (caller) => void callers.push(caller) });
  const [early, late] = [await initialized(server), await initialized(server)];
  await settle();
  const signal = callers[0]?.closed;
  t.equal(signal?.aborted, false);
  early.listener.ended();
  late.listener.ended();
  t.equal(signal?.aborted, true);
  t.equal(callers[0]?.closed, signal, 'it stays the same one');
  t.equal(callers[1]?.closed.aborted, true);
});

t.test('work of a handler after its answer comes directly after it, for all clients', async (t) => {
  const server = testServer({
    [LIST]: (_params, caller, context) => {
      context.afterAnswer(() => server.broadcast('thread/archived', { threadId: 'first' }));
      context.afterAnswer(() => {
        throw new Error('lost');
      });
      context.afterAnswer(() => caller.notify('thread/archived', { threadId: 'second' }));
      return list();
    },
    'thread/unsubscribe': (_params, _caller, context) => {
      context.afterAnswer(() => server.broadcast('thread/archived', { threadId: 'even so' }));
      throw invalidParams('no');
    },
  });
  const client = await initialized(server);
  const other = await initialized(server);
  client.send({ id: 1, method: LIST, params: {} });
  client.send({ id: 2, method: LIST, params: {} });
  client.send({ id: 3, method: 'thread/unsubscribe', params: { threadId: 'x' } });
  await settle();
  const told = ({ messages }: MemoryClient) => messages.slice(1).map(({ id, params }) => id ?? params?.threadId);
  t.strictSame(told(client), [1, 'first', 'second', 2, 'first', 'second', 3, 'even so']);
  t.strictSame(told(other), ['first', 'first', 'even so']);
});

t.test('work after an answer is also done if the client has left meanwhile', async (t) => {
  let proceed = (): void => {};
  const waiting = new Promise<void>((resolve) => (proceed = resolve));
  const server = testServer({
    [LIST]: async (_params, _caller, context) => {
      context.afterAnswer(() => server.broadcast('thread/archived', { threadId: 'done' }));
      await waiting;
      return list();
    },
  });
  const client = await initialized(server);
  const other = await initialized(server);
  client.send({ id: 1, method: LIST, params: {} });
  await settle();
  client.listener.ended();
  proceed();
  await settle();
  t.match(other.messages.at(-1), { method: 'thread/archived', params: { threadId: 'done' } });
});

t.test('a slow initialize delays later messages, only on its own connection', async (t) => {
  let proceed = (): void => {};
  const waiting = new Promise<void>((resolve) => (proceed = resolve));
  const server = testServer(
    { [LIST]: list },
    {
      initialize: async (_params, { client }) => {
        if (client.name === 'slow') await waiting;
        return { userAgent: 'x', codexHome: '/', platformFamily: 'unix', platformOs: 'linux' };
      },
    },
  );
  const slow = connect(server);
  slow.send({ id: 1, method: 'initialize', params: { clientInfo: { name: 'slow', version: '1' } } });
  slow.send({ id: 2, method: LIST, params: {} });
  const quick = await initialized(server);
  t.match(await quick.request(1, LIST), { result: { data: [] } });
  t.equal(slow.messages.length, 0);
  proceed();
  await slow.next(({ id }) => id === 2);
  t.match(slow.messages, [
    { id: 1, result: {} },
    { id: 2, result: { data: [] } },
  ]);
});

t.test('ids are returned exactly, in their type, also if two requests share one', async (t) => {
  const server = testServer({ [LIST]: list });
  const client = await initialized(server);
  for (const id of ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0', '-7', '""', '"1"', '1']) {
    client.sendText(`{"id":${id},"method":"${LIST}","params":{}}`);
  }
  client.sendText(`{"id":1,"method":"${LIST}","params":{}}`);
  await settle();
  t.same(
    client.lines.slice(1).map((line) => /"id":([^,]*),/.exec(line)![1]),
    ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0', '-7', '""', '"1"', '1', '1'],
  );
});

t.test('requests run at the same time: a slow one does not delay the next', async (t) => {
  let finish = (): void => {};
  const server = testServer({
    [LIST]: list,
    'config/read': () => new Promise((resolve) => (finish = () => resolve({}))),
  });
  const client = await initialized(server);
  client.send({ id: 'slow', method: 'config/read', params: {} });
  t.match(await client.request('quick', LIST), { result: {} });
  finish();
  await client.next(({ id }) => id === 'slow');
});

t.test('errors: RpcError unchanged, a bug as -32603 with a log line, a missing handler as -32601', async (t) => {
  const { log, logged } = recordingLog();
  const server = testServer(
    {
      [LIST]: () => {
        throw invalidParams('size must not be 0');
      },
      'thread/read': () => Promise.reject(invalidRequest('conflict', { config_write_error_code: 'x' })),
      'config/read': () => {
        throw new TypeError('undefined is not a function');
      },
      'model/list': () => {
        const circle: { self?: unknown } = {};
        return Object.assign(circle, { self: circle });
      },
    },
    { log },
  );
  const client = await initialized(server);
  t.same(await client.request(1, LIST), { id: 1, error: { code: -32602, message: 'size must not be 0' } });
  t.same((await client.request(2, 'thread/read', { threadId: 'x' })).error, {
    code: -32600,
    message: 'conflict',
    data: { config_write_error_code: 'x' },
  });
  t.match(await client.request(3, 'config/read'), { error: { code: -32603, message: /undefined is not a function/ } });
  t.match(await client.request(4, 'model/list'), { error: { code: -32603, message: /cannot be written as JSON/ } });
  t.match(await client.request(5, 'thread/list'), {
    error: { code: -32601, message: 'thread/list is not supported by codexd yet' },
  });
  t.equal(logged.length, 2, 'the two that are faults of ours');
});

t.test('the experimental gate comes after the handshake and before the handler', async (t) => {
  const server = testServer({ 'command/exec': () => ({}), 'process/kill': () => ({}) });
  const plain = await initialized(server, null);
  t.match(await plain.request(1, 'process/kill', { processHandle: 'h' }), {
    error: { code: -32600, message: 'process/kill requires experimentalApi capability' },
  });
  t.match(await plain.request(2, 'command/exec', { command: ['true'], permissionProfile: ':read-only' }), {
    error: { message: 'command/exec.permissionProfile requires experimentalApi capability' },
  });
  t.match(await plain.request(3, 'command/exec', { command: ['true'], permissionProfile: null }), { result: {} });
  t.match(await plain.request(4, 'process/kill', {}), { error: { message: /missing field/ } }, 'decoding first');
  const experimental = await initialized(server);
  t.match(await experimental.request(1, 'process/kill', { processHandle: 'h' }), { result: {} });
});

t.test('opted-out notifications are not sent, exactly those, and only on that connection', async (t) => {
  const server = testServer();
  const names = ['thread/archived', 'thread/Deleted', 'thread/*', 'no/such'];
  const quiet = await initialized(server, { optOutNotificationMethods: names });
  const other = await initialized(server);
  server.broadcast('thread/archived', { threadId: 'x' });
  server.broadcast('thread/deleted', { threadId: 'x' });
  t.same(
    quiet.messages.slice(1).map(({ method }) => method),
    ['thread/deleted'],
  );
  t.same(
    other.messages.slice(1).map(({ method }) => method),
    ['thread/archived', 'thread/deleted'],
  );
  t.match(other.messages[1], { params: { threadId: 'x' }, emittedAtMs: Number });
  t.notOk('jsonrpc' in other.messages[1]!);
});

t.test('experimental broadcasts reach only clients that declared support; multicast only the named ones', async (t) => {
  const server = testServer();
  const plain = await initialized(server, {});
  const experimental = await initialized(server);
  server.broadcast('thread/archived', { threadId: 'x' }, { experimental: true });
  t.equal(plain.messages.length, 1);
  t.equal(experimental.messages.length, 2);
  server.multicast([server.callers()[0]!], 'thread/deleted', { threadId: 'x' });
  t.equal(plain.messages.length, 2);
  t.equal(experimental.messages.length, 2);
});

t.test("handlers receive a client's capabilities, including codexd extensions", async (t) => {
  let seen: Caller | undefined;
  const server = testServer({
    [LIST]: (_params, caller) => {
      seen = caller;
      return list();
    },
  });
  const client = await initialized(server, { experimentalApi: true, codexdPrompts: true });
  await client.request(1, LIST);
  t.match(seen, {
    transport: 'websocket',
    client: { name: 'test', version: '1.0.0', title: null },
    experimentalApi: true,
    capabilities: { codexdPrompts: true },
  });
});

t.test('server requests', async (t) => {
  const approval = { threadId: 't', turnId: 'u', itemId: 'i', startedAtMs: 0 } as never;
  const setUp = async () => {
    const server = testServer();
    const asked = await initialized(server);
    const other = await initialized(server);
    return { server, asked, other, caller: server.callers()[0]! };
  };

  t.test('ids count from 0 for the whole process', async (t) => {
    const { server, asked, other } = await setUp();
    const [first, second] = server.callers();
    const answers = [first, second, first].map((caller) => caller!.request(APPROVAL, approval));
    await settle();
    t.same(
      asked.messages.slice(1).map(({ id }) => id),
      [0, 2],
    );
    t.same(
      other.messages.slice(1).map(({ id }) => id),
      [1],
    );
    t.same(Object.keys(asked.messages[1]!).sort(), ['id', 'method', 'params']);
    asked.send({ id: 2, result: { decision: 'decline' } });
    other.send({ id: 1, result: { decision: 'cancel' } });
    asked.send({ id: 0, result: { decision: 'accept' } });
    t.same(await Promise.all(answers), [{ decision: 'accept' }, { decision: 'cancel' }, { decision: 'decline' }]);
  });

  t.test('an answer counts only from the connection that was asked', async (t) => {
    const { asked, other, caller } = await setUp();
    let answered = false;
    const answer = caller.request(APPROVAL, approval).finally(() => (answered = true));
    await settle();
    other.send({ id: 0, result: { decision: 'accept' } });
    other.send({ id: 0, error: { code: 1, message: 'no' } });
    await settle();
    t.notOk(answered, 'another connection guessed the id: nothing happens');
    asked.send({ id: '0', result: { decision: 'accept' } });
    asked.send({ id: 1, result: { decision: 'accept' } });
    await settle();
    t.notOk(answered, 'an id of another type or number is not it');
    asked.send({ id: 0, result: { decision: 'decline' } });
    asked.send({ id: 0, result: { decision: 'accept' } });
    t.same(await answer, { decision: 'decline' }, 'the first answer is the answer');
  });

  t.test('an error answer, and an invalid one, reject', async (t) => {
    const { asked, caller } = await setUp();
    const refused = caller.request(APPROVAL, approval);
    const strange = caller.request(APPROVAL, approval);
    await settle();
    asked.send({ id: 0, error: { code: -5, message: 'cannot', data: 1 } });
    asked.send({ id: 1, result: { decision: 'perhaps' } });
    await t.rejects(refused, { rpcCode: -5, message: 'cannot', data: 1 });
    await t.rejects(strange, { rpcCode: -32600, message: /unknown variant `perhaps`/ });
  });

  t.test('an abort withdraws the question: a late answer has no effect', async (t) => {
    const { asked, caller } = await setUp();
    const abort = new AbortController();
    const answer = caller.request(APPROVAL, approval, { signal: abort.signal });
    await settle();
    abort.abort();
    await t.rejects(answer, { message: `${APPROVAL} was withdrawn` });
    asked.send({ id: 0, result: { decision: 'accept' } });
    await settle();
    await t.rejects(caller.request(APPROVAL, approval, { signal: abort.signal }), /withdrawn/, 'aborted before');
    t.equal(asked.messages.length, 2, 'and nothing was sent for it');
  });

  t.test('one id for several connections: each may answer its own copy', async (t) => {
    const { server, asked, other } = await setUp();
    const id = server.nextRequestId();
    const answers = server.callers().map((caller) => caller.request(APPROVAL, approval, { id }));
    await settle();
    t.same([asked.messages[1]!.id, other.messages[1]!.id], [id, id]);
    asked.send({ id, result: { decision: 'accept' } });
    other.send({ id, result: { decision: 'decline' } });
    t.same(await Promise.all(answers), [{ decision: 'accept' }, { decision: 'decline' }]);
  });

  t.test('the end of the connection rejects pending requests and notifies its handlers', async (t) => {
    const { asked, caller } = await setUp();
    const answer = caller.request(APPROVAL, approval);
    await settle();
    t.notOk(caller.closed.aborted);
    asked.listener.ended();
    await t.rejects(answer, { name: 'RpcError' });
    t.ok(caller.closed.aborted);
    await t.rejects(caller.request(APPROVAL, approval), /has ended/);
    caller.notify('thread/archived', { threadId: 'x' });
    t.equal(asked.messages.length, 2, 'nothing is sent to the dead');
  });
});

t.test('a handler that ends after its client has no effect', async (t) => {
  let finish = (): void => {};
  const server = testServer({
    [LIST]: list,
    'config/read': () => new Promise((resolve) => (finish = () => resolve({}))),
  });
  const gone = await initialized(server);
  gone.send({ id: 1, method: 'config/read', params: {} });
  await settle();
  gone.listener.ended();
  finish();
  await settle();
  t.equal(gone.messages.length, 1);
  t.match(await (await initialized(server)).request(1, LIST), { result: {} });
});

t.test('invalid messages are not answered, and do not flood the log', async (t) => {
  const { log, logged } = recordingLog();
  const server = testServer({ [LIST]: list }, { log });
  const client = await initialized(server);
  for (let count = 0; count < 1000; count++) client.sendText('{oops');
  client.send({ method: '$/cancelRequest', params: { id: 1 } });
  client.send({ method: '$/cancelRequest' });
  client.send({ method: LIST, params: {} });
  client.send({ id: 77, result: {} });
  t.match(await client.request(1, LIST), { result: {} });
  t.equal(client.messages.length, 2);
  t.ok(logged.length > 10 && logged.length < 20, `${logged.length} lines for 1000 messages`);
});
