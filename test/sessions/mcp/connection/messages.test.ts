import t from 'tap';
import { readMessage } from '../../../../server/sessions/mcp/connection/messages.js';

const read = (message: object) => readMessage({ jsonrpc: '2.0', ...message });

t.test('messages are told apart by their members', async (t) => {
  t.same(read({ id: 1, result: { a: 1 } }), { kind: 'result', id: 1, result: { a: 1 } });
  const error = { code: -32000, message: 'no', data: 5 };
  t.same(read({ id: 'x', error }), { kind: 'error', id: 'x', error });
  t.same(read({ error }), { kind: 'error', id: null, error });
  t.same(read({ id: 0, method: 'ping' }), { kind: 'request', id: 0, method: 'ping', params: {} });
  t.same(read({ method: 'n', params: { a: 1 } }), { kind: 'notification', method: 'n', params: { a: 1 } });
});

t.test('anything else is no message', async (t) => {
  for (const message of [
    {},
    { id: 1 },
    { id: 1, result: 'text' },
    { id: 1, result: null },
    { result: {} },
    { id: 1.5, result: {} },
    { id: null, result: {} },
    { id: 1, result: {}, error: { code: 1, message: '' } },
    { id: 1, error: { code: 'x', message: '' } },
    { id: 1, error: { code: 1 } },
    { id: 1, method: 'x', result: {} },
    { id: 1, method: 5 },
    { method: 'x', params: [] },
    { method: 'x', params: null },
    { id: 1, params: {}, result: {} },
    { id: 1, result: {}, more: 1 },
    { jsonrpc: '1.0', id: 1, result: {} },
  ])
    t.equal(read(message), null, JSON.stringify(message));
});
