import t from 'tap';
import { objectsOf, textOrNull } from '../../../../server/sessions/mcp/connection/protocol.js';
import { fakeServer } from '../../../fixtures/mcp-server.js';
import { until } from '../../../fixtures/until.js';
import { call, connected, hearing, limits } from './support.js';

t.test('values are checked for what is used of them', async (t) => {
  t.same(objectsOf([{ a: 1 }]), [{ a: 1 }]);
  t.equal(objectsOf([{}, 5]), null);
  t.equal(objectsOf('x'), null);
  t.equal(textOrNull(5), null);
});

t.test('answers belong to their requests, in any order, also when a server makes texts of the numbers', async (t) => {
  const open: { id: number; params: { name: string } }[] = [];
  const server = fakeServer({ 'tools/call': () => undefined });
  const connection = await connected(server);
  const calls = ['a', 'b', 'c'].map((name) => call(connection, name));
  await until(() => server.got.filter(({ method }) => method === 'tools/call').length === 3, 'three calls');
  open.push(...server.got.filter(({ method }) => method === 'tools/call'));
  for (const { id, params } of open.reverse())
    server.send({ id: String(id), result: { content: [{ type: 'text', text: params.name }] } });
  const texts = (await Promise.all(calls)).map((answer) => answer.ok && answer.result.content[0]?.text);
  t.same(texts, ['a', 'b', 'c']);
});

t.test('a call without an answer in time is taken back, and its late answer is passed over', async (t) => {
  const events = hearing();
  const server = fakeServer({ 'tools/call': () => undefined });
  const connection = await connected(server, events);
  t.match(await call(connection, 'echo', limits(20)), { ok: false, fault: { kind: 'timeout', ms: 20 } });
  await until(() => server.got.some(({ method }) => method === 'notifications/cancelled'), 'the server hears of it');
  const { id } = server.got.find(({ method }) => method === 'tools/call');
  t.match(server.got.at(-1), { params: { requestId: id } });
  server.send({ id, result: { content: [] } });
  t.match(events.reports.join(), /no open request/);
});

t.test('a start without an answer in time is not taken back: the protocol does not allow it', async (t) => {
  const server = fakeServer({ initialize: () => undefined });
  await t.rejects(connected(server, hearing(), limits(20)), /timeout/);
  t.notOk(server.got.some(({ method }) => method === 'notifications/cancelled'));
});

t.test('a ping is answered, and so is each request at most once', async (t) => {
  const server = fakeServer();
  await connected(server);
  server.send({ id: 7, method: 'ping' });
  await until(() => server.got.some(({ id, result }) => id === 7 && result !== undefined), 'an answer');
  t.same(server.got.at(-1), { jsonrpc: '2.0', id: 7, result: {} });
});

t.test('a question that the server takes back has no answer any more', async (t) => {
  let signal: AbortSignal | null = null;
  let reply = (): void => {};
  const server = fakeServer();
  await connected(
    server,
    hearing((question) => {
      signal = question.signal;
      return new Promise((resolve) => (reply = () => resolve({ action: 'cancel' })));
    }),
  );
  server.send({ id: 'q', method: 'elicitation/create', params: { message: 'Name?' } });
  await until(() => signal !== null, 'the question');
  server.send({ method: 'notifications/cancelled', params: { requestId: 'q', reason: 'late' } });
  t.equal((signal as unknown as AbortSignal).aborted, true);
  reply();
  server.send({ id: 8, method: 'ping' });
  await until(() => server.got.some(({ id, result }) => id === 8 && result !== undefined), 'the answer behind it');
  t.notOk(server.got.some(({ id }) => id === 'q'));
});

t.test('a question that fails is answered with the error', async (t) => {
  const server = fakeServer();
  await connected(
    server,
    hearing(() => Promise.reject(Object.assign(new Error('nobody there'), { code: -32000 }))),
  );
  server.send({ id: 'q', method: 'elicitation/create', params: {} });
  await until(() => server.got.some(({ id }) => id === 'q'), 'an answer');
  t.match(server.got.at(-1), { error: { code: -32000, message: 'nobody there' } });
});

t.test('progress that comes with its result is heard before it', async (t) => {
  const heard: string[] = [];
  const server = fakeServer({
    'tools/call': ({ _meta: { progressToken: progress } }, { raw }) => {
      const lines = [
        { method: 'notifications/progress', params: { progressToken: progress, progress: 1, message: 'nearly' } },
        { id: progress, result: { content: [] } },
      ];
      raw(lines.map((line) => `${JSON.stringify({ jsonrpc: '2.0', ...line })}\n`).join(''));
    },
  });
  const answer = await call(await connected(server), 'echo', limits(), (message) => heard.push(message));
  t.match(answer, { ok: true });
  t.same(heard, ['nearly']);
});
