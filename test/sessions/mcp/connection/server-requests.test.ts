import t from 'tap';
import { fakeServer } from '../../../fixtures/mcp-server.js';
import { until } from '../../../fixtures/until.js';
import { connected, hearing } from './support.js';

async function answered(server: ReturnType<typeof fakeServer>, method: string, params: object) {
  server.send({ id: 'q', method, params });
  const answer = () => server.got.find(({ id, method: of }) => id === 'q' && of === undefined);
  await until(() => answer() !== undefined, `an answer to ${method}`);
  return answer();
}

t.test('roots are none, and what is not known is said to be unknown', async (t) => {
  const server = fakeServer();
  await connected(server);
  t.same((await answered(server, 'roots/list', {})).result, { roots: [] });
  const other = fakeServer();
  await connected(other);
  t.equal((await answered(other, 'sampling/createMessage', {})).error.code, -32601);
});

t.test('a question is asked as it came, and only a yes carries content', async (t) => {
  for (const [reply, expected] of [
    [
      { action: 'accept', content: { name: 'Bob' } },
      { action: 'accept', content: { name: 'Bob' } },
    ],
    [{ action: 'decline', content: { name: 'Bob' } }, { action: 'decline' }],
    [{ action: 'cancel' }, { action: 'cancel' }],
  ] as const) {
    const asked: unknown[] = [];
    const server = fakeServer();
    await connected(
      server,
      hearing((question) => {
        asked.push(question.params);
        return Promise.resolve(reply);
      }),
    );
    const params = { message: 'Name?', requestedSchema: { type: 'object', properties: {} } };
    t.same((await answered(server, 'elicitation/create', params)).result, expected);
    t.match(asked, [params]);
  }
});

t.test('what a server logs is the log’s', async (t) => {
  const events = hearing();
  const server = fakeServer();
  await connected(server, events);
  server.send({ method: 'notifications/message', params: { level: 'warning', data: { a: 1 } } });
  await until(() => events.reports.length > 0, 'a report');
  t.same(events.reports, ['warning: {"a":1}']);
});
