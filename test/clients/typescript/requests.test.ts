import t, { type Test } from 'tap';
import { connectWebSocket, RequestTimeoutError, ServerError } from '../../../clients/typescript/index.js';
import { failure } from './failure.js';
import { IDENTITY, scriptedServer, type Answer } from './scripted-server.js';

const exec = { command: ['true'] };

/** A server and a client on it; both are closed with the test. */
async function pair(test: Test, answer?: Answer, options: Parameters<typeof connectWebSocket>[1] = {}) {
  const server = await scriptedServer(answer);
  const client = await connectWebSocket(server.url, { reconnect: false, ...options });
  test.teardown(async () => {
    await client.close();
    await server.close();
  });
  return { server, client };
}

t.test('connecting sends initialize with the client and its capabilities, then initialized', async (t) => {
  const clientInfo = { name: 'tester', version: '1.2.3', title: null };
  const { server, client } = await pair(t, undefined, { clientInfo, capabilities: { experimentalApi: true } });
  t.strictSame(client.server, IDENTITY);
  await client.request('command/exec', exec);
  t.match(server.received, [
    { method: 'initialize', params: { clientInfo, capabilities: { experimentalApi: true } } },
    { method: 'initialized' },
    { method: 'command/exec', params: exec },
  ]);
});

t.test('responses settle their own request in any order', async (t) => {
  const held: (() => void)[] = [];
  const { client } = await pair(t, (message, send) => {
    if (message.method !== 'command/exec') return undefined;
    held.unshift(() => send({ id: message.id, result: (message.params as { command: string[] }).command[0] }));
    if (held.length === 3) held.forEach((answer) => answer());
    return undefined;
  });
  const results = await Promise.all(['a', 'b', 'c'].map((name) => client.request('command/exec', { command: [name] })));
  t.strictSame(results, ['a', 'b', 'c']);
});

t.test('an error response rejects with its code, message and data', async (t) => {
  const error = { code: -32600, message: 'command must not be empty', data: { why: 1 } };
  const { client } = await pair(t, (message, send) => {
    if (message.id !== undefined) send({ id: message.id, error });
  });
  const thrown = await client.request('command/exec', exec).catch((e: unknown) => e);
  t.ok(thrown instanceof ServerError);
  t.match(thrown, { ...error, method: 'command/exec', kind: 'server' });
});

t.test('a request without a response ends at its own timeout or at the client’s timeout', async (t) => {
  const { client } = await pair(t, () => undefined, { requestTimeoutMs: 30 });
  const own = await client.request('command/exec', exec, { timeoutMs: 10 }).catch((e: unknown) => e);
  t.ok(own instanceof RequestTimeoutError);
  t.match(own, { timeoutMs: 10, message: 'no answer to command/exec within 10 ms' });
  t.match(await failure(client.request('command/exec', exec)), { timeoutMs: 30 });
});

t.test('an aborted request rejects with the reason, and the client ignores the late response', async (t) => {
  let late: (() => void) | undefined;
  const { client } = await pair(t, (message, send) => {
    if (message.method !== 'command/exec' || late) return {};
    late = () => send({ id: message.id, result: {} });
    return undefined;
  });
  const stop = new AbortController();
  const request = client.request('command/exec', exec, { signal: stop.signal });
  const reason = new Error('no longer needed');
  setImmediate(() => stop.abort(reason));
  await t.rejects(request, reason);
  await client.request('fs/readFile', { path: '/x' }); // the aborted request has arrived before this one
  late?.();
  t.strictSame(await client.request('command/exec', exec), {});
  await t.rejects(client.request('command/exec', exec, { signal: stop.signal }), reason, 'aborted before it was sent');
});

t.test('a 20 MiB request arrives completely, in fragments that a server accepts', async (t) => {
  const { client, server } = await pair(t);
  const data = 'ü'.repeat(10 * 1024 * 1024);
  await client.request('command/exec', { command: [data] });
  const arrived = server.received.at(-1)?.params as { command: string[] };
  t.ok(arrived.command[0] === data);
});

t.test('the client refuses a request that is too long for a server', async (t) => {
  const { client } = await pair(t);
  await t.rejects(
    client.request('command/exec', { command: ['x'.repeat(65 * 1024 * 1024)] }),
    /longer than a server takes/,
  );
  t.strictSame(await client.request('command/exec', exec), {}, 'the connection lives on');
});

t.test('drained waits until the process has sent its bytes', async (t) => {
  const { client, server } = await pair(t);
  const requests = Array.from({ length: 8 }, () =>
    client.request('command/exec', { command: ['x'.repeat(2_000_000)] }),
  );
  await client.drained();
  await Promise.all(requests);
  t.equal(server.received.filter(({ method }) => method === 'command/exec').length, 8);
});
