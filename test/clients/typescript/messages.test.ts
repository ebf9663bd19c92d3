import t, { type Test } from 'tap';
import { once } from 'node:events';
import { connectWebSocket, type Client } from '../../../clients/typescript/index.js';
import { failure } from './failure.js';
import { scriptedServer, type Answer, type ScriptedServer } from './scripted-server.js';
import { elapse } from '../../fixtures/until.js';

async function pair(test: Test, answer?: Answer): Promise<{ server: ScriptedServer; client: Client }> {
  const server = await scriptedServer(answer);
  const client = await connectWebSocket(server.url, { reconnect: false });
  test.teardown(async () => {
    await client.close();
    await server.close();
  });
  return { server, client };
}

const delta = (text: string) => ({ processId: 'p', stream: 'stdout', deltaBase64: text, capReached: false }) as const;
const APPROVAL = 'item/commandExecution/requestApproval';

t.test('listeners receive a notification in order of registration, until they are removed', async (t) => {
  const { client } = await pair(t, (message, send) => {
    for (const text of ['1', '2']) send({ method: 'command/exec/outputDelta', params: delta(text), emittedAtMs: 1 });
    return message.id === undefined ? undefined : {};
  });
  const seen: string[] = [];
  const stop = client.onNotification('command/exec/outputDelta', ({ deltaBase64 }) => seen.push(`a${deltaBase64}`));
  client.onNotification('command/exec/outputDelta', ({ deltaBase64 }) => seen.push(`b${deltaBase64}`));
  await client.request('command/exec', { command: ['x'] });
  stop();
  const before = seen.length;
  t.strictSame(seen.slice(-4), ['a1', 'b1', 'a2', 'b2'], 'all of them before the answer that follows them');
  await client.request('command/exec', { command: ['x'] });
  t.strictSame(seen.slice(before), ['b1', 'b2']);
});

t.test('messages directly after the response to initialize are not lost', async (t) => {
  const server = await scriptedServer((message, send) => {
    if (message.method === 'initialized')
      send({ method: 'configWarning', params: { summary: 'early', details: null } });
  });
  t.teardown(() => server.close());
  const client = await connectWebSocket(server.url, { reconnect: false });
  t.teardown(() => client.close());
  const warning = await new Promise((resolve) => client.onNotification('configWarning', resolve));
  t.match(warning, { summary: 'early' });
});

t.test('a log of the connection gets every message of both directions', async (t) => {
  const server = await scriptedServer(({ id }) => (id === undefined ? undefined : {}));
  const log: string[] = [];
  const client = await connectWebSocket(server.url, {
    reconnect: false,
    onMessage: (direction, text) => log.push(`${direction} ${(JSON.parse(text) as { method?: string }).method ?? ''}`),
  });
  t.teardown(async () => {
    await client.close();
    await server.close();
  });
  await client.request('command/exec', { command: ['x'] });
  t.strictSame(log, ['sent initialize', 'received ', 'sent initialized', 'sent command/exec', 'received ']);
});

t.test('a listener for all notifications receives unknown methods, too', async (t) => {
  const { client } = await pair(t, (message, send) => {
    send({ method: 'from/the/future', params: { a: 1 } });
    return message.id === undefined ? undefined : {};
  });
  const seen: string[] = [];
  client.onEveryNotification((method) => seen.push(method));
  await client.request('command/exec', { command: ['x'] });
  t.ok(seen.includes('from/the/future'));
});

/** Sends `request` as soon as the client has asked for anything, and resolves with what it answers. */
async function ask(server: ScriptedServer, request: { id: number | string; method: string; params: unknown }) {
  const [socket] = server.sockets;
  if (!socket) throw new Error('no connection');
  socket.send(JSON.stringify(request));
  for (;;) {
    const found = server.received.find(({ id, method }) => id === request.id && method === undefined);
    if (found) return found;
    await once(socket, 'message');
  }
}

t.test('a handler answers a server request with the id of the request', async (t) => {
  const { server, client } = await pair(t);
  client.onRequest(APPROVAL, () => Promise.resolve({ decision: 'decline' }));
  t.strictSame(await ask(server, { id: 0, method: APPROVAL, params: {} }), { id: 0, result: { decision: 'decline' } });
  t.strictSame(await ask(server, { id: 'x', method: APPROVAL, params: {} }), {
    id: 'x',
    result: { decision: 'decline' },
  });
});

t.test('the client answers with an error when a server request has no handler or its handler throws', async (t) => {
  const { server, client } = await pair(t);
  t.match(await ask(server, { id: 1, method: APPROVAL, params: {} }), { error: { code: -32601 } });
  const dispose = client.onRequest(APPROVAL, () => {
    throw new Error('cannot show a dialog');
  });
  t.match(await ask(server, { id: 2, method: APPROVAL, params: {} }), { error: { code: -32603, message: /dialog/ } });
  t.throws(() => client.onRequest(APPROVAL, () => ({ decision: 'accept' })), /has a handler already/);
  dispose();
  t.match(await ask(server, { id: 3, method: APPROVAL, params: {} }), { error: { code: -32601 } });
});

t.test('a server request that another client answered aborts its handler and gets no second response', async (t) => {
  const { server, client } = await pair(t);
  const aborted = new Promise<void>((resolve) => {
    client.onRequest(APPROVAL, (_params, { signal }) => {
      return new Promise((answer) => {
        signal.addEventListener('abort', () => {
          answer({ decision: 'accept' });
          resolve();
        });
      });
    });
  });
  const [socket] = server.sockets;
  socket?.send(JSON.stringify({ id: 7, method: APPROVAL, params: {} }));
  socket?.send(JSON.stringify({ method: 'serverRequest/resolved', params: { threadId: 't', requestId: 7 } }));
  await aborted;
  await client.request('command/exec', { command: ['x'] }); // an answer would have arrived before this
  t.notOk(server.received.some(({ id, method }) => id === 7 && method === undefined));
});

const JUNK: [what: string, text: string, error: RegExp][] = [
  ['text that is not JSON', 'hello there', /not JSON: "hello there"/],
  ['an array', '[]', /no message of the protocol/],
  ['null', 'null', /no message of the protocol/],
  ['an object without id and method', '{"a":1}', /no message of the protocol/],
];
for (const [what, text, error] of JUNK) {
  t.test(`${what} ends the connection with an error that shows it`, async (t) => {
    const { server, client } = await pair(t, () => undefined);
    const pending = client.request('command/exec', { command: ['x'] });
    for (const socket of server.sockets) socket.send(text);
    t.match(await failure(pending), { kind: 'lost', message: error });
    t.match(await failure(client.request('command/exec', { command: ['x'] })), { kind: 'closed', message: error });
  });
}

t.test('a paused client reads nothing and receives everything after it resumes', async (t) => {
  const { server, client } = await pair(t);
  let seen = 0;
  client.onNotification('command/exec/outputDelta', () => seen++);
  client.pause();
  const [socket] = server.sockets;
  for (let i = 0; i < 100; i++) {
    socket?.send(JSON.stringify({ method: 'command/exec/outputDelta', params: delta('x') }));
  }
  const answer = client.request('command/exec', { command: ['x'] });
  await once(socket!, 'message');
  await elapse(50, 'what has arrived would be read now');
  t.equal(seen, 0);
  client.resume();
  await answer;
  t.equal(seen, 100);
});
