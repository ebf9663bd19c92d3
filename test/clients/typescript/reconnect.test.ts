import t, { type Test } from 'tap';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  connectUnixSocket,
  connectWebSocket,
  type Client,
  type ClientState,
} from '../../../clients/typescript/index.js';
import { delayBefore, mayRecover } from '../../../clients/typescript/reconnect.js';
import { ConnectError } from '../../../clients/typescript/errors.js';
import { failure } from './failure.js';
import { scriptedServer, type Answer, type ScriptedServer } from './scripted-server.js';

const FAST = { initialDelayMs: 1, maxDelayMs: 5, maxAttempts: 50 };
const exec = { command: ['true'] };

interface Pair {
  readonly server: ScriptedServer;
  readonly client: Client;
  readonly states: ClientState[];
  /** Resolves at the next state of this kind. */
  reached(kind: ClientState['kind']): Promise<ClientState>;
}

async function pair(test: Test, answer?: Answer, options: Parameters<typeof connectWebSocket>[1] = {}): Promise<Pair> {
  const server = await scriptedServer(answer);
  const states: ClientState[] = [];
  const client = await connectWebSocket(server.url, {
    reconnect: FAST,
    onState: (state) => states.push(state),
    ...options,
  });
  test.teardown(async () => {
    await client.close();
    await server.close();
  });
  const reached = (kind: ClientState['kind']): Promise<ClientState> =>
    new Promise((resolve) => {
      const stop = client.onState((state) => {
        if (state.kind !== kind) return;
        stop();
        resolve(state);
      });
    });
  return { server, client, states, reached };
}

const drop = (server: ScriptedServer): void => server.sockets.forEach((socket) => socket.terminate());

t.test('a client reconnects after a lost connection, initializes, and keeps its listeners', async (t) => {
  const { server, client, states, reached } = await pair(t, (message, send) => {
    if (message.method === 'command/exec') send({ method: 'configWarning', params: { summary: 'x', details: null } });
    return message.id === undefined ? undefined : {};
  });
  let heard = 0;
  client.onNotification('configWarning', () => heard++);
  const back = reached('connected');
  drop(server);
  t.match(await back, { reconnected: true });
  t.strictSame(await client.request('command/exec', exec), {});
  t.equal(heard, 1);
  t.equal(server.received.filter(({ method }) => method === 'initialize').length, 2);
  t.match(states, [
    { kind: 'connected', reconnected: false },
    { kind: 'reconnecting', attempt: 1 },
  ]);
});

t.test('a pending request fails when its connection ends, and the client does not send it again', async (t) => {
  const { server, client, reached } = await pair(t, (_message, _send, socket) => void socket.terminate());
  const back = reached('connected');
  t.match(await failure(client.request('command/exec', exec)), { kind: 'lost', method: 'command/exec' });
  await back;
  t.equal(server.received.filter(({ method }) => method === 'command/exec').length, 1);
});

t.test('a request made while there is no connection waits for the next one', async (t) => {
  const { server, client, reached } = await pair(t);
  const gone = reached('reconnecting');
  drop(server);
  await gone;
  t.strictSame(await client.request('command/exec', exec), {});
});

t.test('a request that waits for a connection obeys its timeout and its signal', async (t) => {
  const { server, client, reached } = await pair(t, undefined, { reconnect: { ...FAST, maxAttempts: 100_000 } });
  const gone = reached('reconnecting');
  server.refuseWith = 503;
  drop(server);
  await gone;
  t.match(await failure(client.request('command/exec', exec, { timeoutMs: 20 })), { kind: 'timeout' });
  await t.rejects(client.request('command/exec', exec, { signal: AbortSignal.abort(new Error('enough')) }), /enough/);
});

t.test('the client closes after the last attempt and reports the reason', async (t) => {
  const { server, client, reached } = await pair(t, undefined, { reconnect: { ...FAST, maxAttempts: 3 } });
  const end = reached('closed');
  server.refuseWith = 503;
  drop(server);
  t.match(await end, { cause: /HTTP 503/ });
  t.equal(server.tokens.length, 4, 'the first connection and three attempts');
  t.match(await failure(client.request('command/exec', exec)), { kind: 'closed', message: /HTTP 503: not today/ });
});

t.test('a client stops reconnecting when the server refuses it', async (t) => {
  const { server, reached } = await pair(t);
  const end = reached('closed');
  server.refuseWith = 401;
  drop(server);
  t.match(await end, { cause: { status: 401 } });
  t.equal(server.tokens.length, 2);
});

t.test('the client calls the token function before every connection', async (t) => {
  let n = 0;
  const { server, reached } = await pair(t, undefined, { token: () => `token-${++n}` });
  const back = reached('connected');
  drop(server);
  await back;
  t.strictSame(server.tokens, ['Bearer token-1', 'Bearer token-2']);
});

t.test('close ends a client that is reconnecting', async (t) => {
  const { server, client, reached, states } = await pair(t, undefined, {
    reconnect: { initialDelayMs: 60_000, maxDelayMs: 60_000 },
  });
  const gone = reached('reconnecting');
  drop(server);
  await gone;
  const waiting = client.request('command/exec', exec);
  waiting.catch(() => {}); // looked at below
  await client.close();
  t.match(await failure(waiting), { kind: 'closed', message: 'the client is closed' });
  t.match(states.at(-1), { kind: 'closed', cause: null });
  await client.close();
});

t.test('close fails pending requests, and the server sees a normal close', async (t) => {
  const { server, client } = await pair(t, () => undefined);
  const [socket] = server.sockets;
  const code = new Promise((resolve) => socket?.once('close', resolve));
  const pending = client.request('command/exec', exec);
  pending.catch(() => {}); // looked at below
  await client.close();
  t.match(await failure(pending), { kind: 'lost', message: /closed by this client/ });
  t.equal(await code, 1000);
});

t.test('a unix socket client reconnects to a restarted server', async (t) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'codexd-client-'));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const first = await scriptedServer(undefined, path.join(dir, 's.sock'));
  const client = await connectUnixSocket(first.url, { reconnect: { ...FAST, maxAttempts: 1000 } });
  t.teardown(() => client.close());
  const gone = new Promise((resolve) => client.onState(resolve));
  await first.close();
  await gone;
  const second = await scriptedServer(undefined, path.join(dir, 's.sock'));
  t.teardown(() => second.close());
  t.strictSame(await client.request('command/exec', exec), {});
});

t.test('the client ends a connection without received data', async (t) => {
  const { server, reached } = await pair(t, undefined, { keepAliveMs: 20 });
  const gone = reached('reconnecting');
  for (const socket of server.sockets) socket.pause(); // reads no pings, so sends no pongs
  t.match(await gone, { cause: /does not answer pings/ });
});

t.test('the pauses between attempts grow up to their limit and contain a random part', async (t) => {
  const policy = { initialDelayMs: 100, maxDelayMs: 1000, maxAttempts: 10 };
  const limits: [attempt: number, longest: number][] = [
    [1, 100],
    [2, 200],
    [4, 800],
    [5, 1000],
    [60, 1000],
  ];
  for (const [attempt, longest] of limits) {
    for (let i = 0; i < 50; i++) {
      const delay = delayBefore(attempt, policy);
      t.ok(delay >= longest / 2 && delay <= longest, `attempt ${attempt}: ${delay}`);
    }
  }
});

t.test('which errors another attempt can solve', async (t) => {
  const rows: [error: Error, recovers: boolean, why: string][] = [
    [new ConnectError('x', { status: 401 }), false, 'the token stays wrong'],
    [new ConnectError('x', { status: 403 }), false, 'the origin stays refused'],
    [new ConnectError('x', { status: 503 }), true, 'a busy proxy in between'],
    [new ConnectError('x'), true, 'nobody listens: the daemon is being restarted'],
    [new Error('closed'), true, 'the connection ended'],
  ];
  for (const [error, recovers, why] of rows) t.equal(mayRecover(error), recovers, why);
});
