import t from 'tap';
import { fakeServer, type Loose } from '../../../fixtures/mcp-server.js';
import { until } from '../../../fixtures/until.js';
import { call, connected, connecting, hearing, limits } from './support.js';

t.test('a call carries name, arguments and meta, and its result is as the server wrote it', async (t) => {
  const server = fakeServer({
    'tools/call': () => ({ content: [{ type: 'odd', x: 1 }], structuredContent: { n: 1 }, more: 2 }),
  });
  const connection = await connected(server);
  const answer = await call(connection);
  t.match(answer, { ok: true, result: { content: [{ type: 'odd', x: 1 }], structuredContent: { n: 1 }, more: 2 } });
  const sent = server.got.find(({ method }) => method === 'tools/call');
  t.match(sent.params, { name: 'echo', arguments: { a: 1 }, _meta: { threadId: 't' } });
  t.type(sent.params._meta.progressToken, 'number');
});

t.test('what is no result of a tool is a fault', async (t) => {
  for (const wrong of [
    {},
    { content: 'x' },
    { content: [5] },
    { content: [{ type: 'text' }] },
    { content: [{ type: 'image', data: 'x' }] },
  ]) {
    const answer = await call(await connected(fakeServer({ 'tools/call': () => wrong })));
    t.match(answer, { ok: false, fault: { kind: 'unusable' } }, JSON.stringify(wrong));
  }
});

t.test('an abort tells the server, and rejects with its reason', async (t) => {
  const server = fakeServer({ 'tools/call': () => undefined });
  const connection = await connected(server);
  const stop = new AbortController();
  const reason = new Error('enough');
  const calling = call(connection, 'echo', limits(5_000, stop.signal));
  await until(() => server.got.some(({ method }) => method === 'tools/call'), 'the other side does its part');
  stop.abort(reason);
  await t.rejects(calling, reason);
  await until(
    () => server.got.some(({ method }) => method === 'notifications/cancelled'),
    'the other side does its part',
  );
  const { id } = server.got.find(({ method }) => method === 'tools/call');
  t.equal(server.got.find(({ method }) => method === 'notifications/cancelled').params.requestId, id);
});

t.test('a connection that ends is reported once, and its calls have a fault', async (t) => {
  const events = hearing();
  const server = fakeServer({ 'tools/call': (_params, self) => void self.end() });
  const connection = await connected(server, events);
  t.match(await call(connection), { ok: false, fault: { kind: 'closed' } });
  t.equal(events.losses, 1);
  t.ok(connection.closed);
  t.match(await call(connection), { ok: false }, 'and so has every later call');
});

t.test('closing it is no loss', async (t) => {
  const events = hearing();
  const server = fakeServer();
  const connection = await connected(server, events);
  await connection.close();
  t.ok(server.closed);
  t.equal(events.losses, 0);
});

t.test('a changed list is read again; one that cannot be read leaves the tools as they were', async (t) => {
  let tools: Loose = [{ name: 'one' }];
  const events = hearing();
  const server = fakeServer({ 'tools/list': () => ({ tools }) });
  const connection = await connected(server, events);
  tools = [{ name: 'one' }, { name: 'two' }];
  server.send({ method: 'notifications/tools/list_changed' });
  await until(() => events.changes === 1, 'the other side does its part');
  t.same(
    connection.tools.map(({ name }) => name),
    ['one', 'two'],
  );
  tools = 'nonsense';
  server.send({ method: 'notifications/tools/list_changed' });
  await until(() => events.reports.length > 0, 'the other side does its part');
  t.match(events.reports.join(), /changed list of tools cannot be read/);
  t.same(
    connection.tools.map(({ name }) => name),
    ['one', 'two'],
  );
});

t.test('resources come in pages, and are read', async (t) => {
  const connection = await connected(
    fakeServer({
      'resources/list': ({ cursor }) => ({
        resources: [{ uri: 'a', name: 'a' }],
        ...(cursor ? {} : { nextCursor: 'n' }),
      }),
      'resources/templates/list': () => ({ resourceTemplates: [] }),
      'resources/read': ({ uri }) => ({ contents: [{ uri, text: 'words' }] }),
    }),
  );
  t.match(await connection.page('resources', null, limits()), { result: { entries: [{ uri: 'a' }], nextCursor: 'n' } });
  t.match(await connection.page('resources', 'n', limits()), { result: { nextCursor: null } });
  t.match(await connection.page('resourceTemplates', null, limits()), { result: { entries: [] } });
  t.match(await connection.readResource('u', limits()), { result: [{ uri: 'u', text: 'words' }] });
});

t.test('a start that fails closes the pipe, and a start that is given up rejects', async (t) => {
  const failing = fakeServer({
    'tools/list': () => {
      throw Object.assign(new Error('none today'), { code: -32001 });
    },
  });
  t.match(await connecting(failing), { ok: false, step: 'tools/list', fault: { kind: 'rpc', code: -32001 } });
  t.ok(failing.closed);
  const silent = fakeServer({ initialize: () => undefined });
  t.match(await connecting(silent, hearing(), limits(50)), {
    ok: false,
    step: 'initialize',
    fault: { kind: 'timeout', ms: 50 },
  });
  t.ok(silent.closed);
  const stop = new AbortController();
  const waiting = fakeServer({ initialize: () => undefined });
  const start = connecting(waiting, hearing(), limits(5_000, stop.signal));
  stop.abort(new Error('not needed'));
  await t.rejects(start, /not needed/);
  t.ok(waiting.closed);
});
