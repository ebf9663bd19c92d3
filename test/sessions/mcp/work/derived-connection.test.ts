import t from 'tap';
import { derivedConnection } from '../../../../server/sessions/mcp/work/derived-connection.js';
import { connectionOf } from './support.js';

t.test('what is not changed is that of the connection, also later', async (t) => {
  let closed = false;
  const connection = connectionOf({});
  Object.defineProperty(connection, 'closed', { get: () => closed });
  const derived = derivedConnection(connection, {
    readResource: () => Promise.resolve({ ok: true, result: [{ uri: 'mine' }] }),
  });
  const limits = { timeoutMs: 1, signal: new AbortController().signal };
  t.equal(derived.facts, connection.facts);
  t.equal(derived.tools, connection.tools);
  t.equal(derived.unanswered, connection.unanswered);
  t.match(await derived.readResource('x', limits), { result: [{ uri: 'mine' }] });
  t.match(await derived.page('resources', null, limits), { ok: true });
  t.notOk(derived.closed);
  closed = true;
  t.ok(derived.closed);
});
