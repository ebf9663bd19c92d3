import t from 'tap';
import { faultOf } from '../../../../server/sessions/mcp/connection/answers.js';
import { fakeServer } from '../../../fixtures/mcp-server.js';
import { call, connected, limits } from './support.js';

t.test('errors of the server keep their code, their words and their data', async (t) => {
  for (const [code, data] of [
    [-32002, { uri: 'mem://zz', more: 1 }],
    [-32602, { uri: 'mem://zz' }],
    [-32042, { elicitations: [] }],
    [-32050, undefined],
  ] as const) {
    const server = fakeServer({
      'tools/call': () => {
        throw Object.assign(new Error('words'), { code, data });
      },
    });
    const answer = await call(await connected(server));
    t.match(answer, { ok: false, fault: { kind: 'rpc', code, message: 'words' } });
    t.same(!answer.ok && answer.fault.kind === 'rpc' && answer.fault.data, data);
  }
});

t.test('no answer in time is a fault, and the server is notified', async (t) => {
  const server = fakeServer({ 'tools/call': () => undefined });
  t.same(await call(await connected(server), 'echo', limits(30)), { ok: false, fault: { kind: 'timeout', ms: 30 } });
});

t.test('any other error is a fault in its own words', async (t) => {
  t.same(faultOf(new Error('connect ECONNREFUSED')), { kind: 'other', message: 'connect ECONNREFUSED' });
});

t.test('progress is a text, also when the server sends only numbers', async (t) => {
  const seen: string[] = [];
  const server = fakeServer({
    'tools/call': ({ _meta: { progressToken } }, { send }) => {
      for (const progress of [{ progress: 1, total: 4 }, { progress: 2 }, { progress: 3, total: 4, message: 'soon' }])
        send({ method: 'notifications/progress', params: { progressToken, ...progress } });
      return { content: [] };
    },
  });
  const connection = await connected(server);
  const onProgress = (text: string): void => void seen.push(text);
  await connection.call({ name: 'echo', arguments: null, meta: {}, onProgress }, limits());
  t.same(seen, ['1 of 4', '2', 'soon']);
});
