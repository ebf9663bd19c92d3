import t from 'tap';
import type { Caller } from '../../../../server/rpc/connection/caller.js';
import { threadLoadedListHandler } from '../../../../server/sessions/methods/thread/thread-loaded-list.js';

const [a, b, c] = [1, 2, 3].map((n) => `00000000-0000-7000-8000-00000000000${n}`) as [string, string, string];
const list = (params: { cursor?: string; limit?: number }, threads = [c, a, b]) =>
  threadLoadedListHandler({ ids: () => threads })({ cursor: null, limit: null, ...params }, null as unknown as Caller, {
    requestId: 1,
    afterAnswer() {},
  });

t.test('loaded threads come in order of their ids, a page at a time', async (t) => {
  t.strictSame(list({}), { data: [a, b, c], nextCursor: null });
  t.strictSame(list({ limit: 2 }), { data: [a, b], nextCursor: b });
  t.strictSame(list({ limit: 2, cursor: b }), { data: [c], nextCursor: null });
  t.strictSame(list({ limit: 0 }), { data: [a], nextCursor: a }, 'a limit of 0 is one of 1');
  t.strictSame(list({}, []), { data: [], nextCursor: null });
});

t.test('a cursor that is no UUID is named in the refusal', async (t) => {
  t.throws(() => list({ cursor: 'x' }), { rpcCode: -32600, message: 'invalid cursor: x' });
});
