import t from 'tap';
import type { ConfigService } from '../../../server/config/settings/config-service.js';
import type { Caller } from '../../../server/rpc/connection/caller.js';
import { loadedMethods } from '../../../server/sessions/methods/loaded.js';
import type { NewRecord } from '../../../server/sessions/store/records/rollout-record.js';
import type { Message } from '../../rpc/support.js';
import { createWorld, notes, type MemoryClient, type World } from '../live/support.js';

/** Only thread/settings/update reads it. */
const NO_SOURCE = null as unknown as ConfigService;
const handlers = ({ threads }: World) =>
  loadedMethods({ threads, source: NO_SOURCE, firstContext: async () => CONTEXT }) as never;
/** Of a thread that the model knows nothing of. */
let CONTEXT: readonly NewRecord[] = [];
const USER = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'I' }] };
let requests = 0;
const inject = (client: MemoryClient, threadId: string, items: unknown): Promise<Message> =>
  client.request(++requests, 'thread/inject_items', { threadId, items });

t.test('if one item is invalid, all are refused, in the words of the decoder', async (t) => {
  const world = createWorld(t, handlers);
  const thread = await world.start();
  const client = await world.client();
  const rows: [unknown[], string][] = [
    [[], 'items must not be empty'],
    [['x'], 'items[0] is not a valid response item: invalid type: string "x", expected struct WrappedItem'],
    [[5], 'items[0] is not a valid response item: invalid type: number, expected struct WrappedItem'],
    [[null], 'items[0] is not a valid response item: invalid type: null, expected struct WrappedItem'],
    [[{}], 'items[0] is not a valid response item: missing field `item`'],
    [[{ type: 'message' }], 'items[0] is not a valid response item: missing field `role`'],
    [[{ type: 'message', role: 'user' }], 'items[0] is not a valid response item: missing field `content`'],
    [
      [{ type: 'message', role: 'user', content: 'x' }],
      'items[0] is not a valid response item: invalid type: string "x", expected a sequence',
    ],
    [
      [{ type: 'message', role: 'user', content: [{ type: 'bogus' }] }],
      'items[0] is not a valid response item: unknown variant `bogus`, expected one of `input_text`, `input_image`, `input_audio`, `output_text`',
    ],
    [[USER, { type: 'function_call' }], 'items[1] is not a valid response item: missing field `name`'],
    [[{ type: 'compaction' }], 'items[0] is not a valid response item: missing field `encrypted_content`'],
    [
      [{ type: 'message', role: 5, content: [] }],
      'items[0] is not a valid response item: invalid type: integer `5`, expected a string',
    ],
  ];
  for (const [items, text] of rows) {
    const { error } = await inject(client, thread.id, items);
    t.equal(error?.code, -32600, JSON.stringify(items));
    t.equal(error?.message, text);
  }
  t.same(world.records(thread), [], 'nothing of a list with a bad item is kept');
  t.match((await inject(client, 'zz', [USER])).error, { message: /^invalid thread id: / });
  const none = '00000000-0000-4000-8000-000000000000';
  t.match((await inject(client, none, [])).error, { message: `thread not found: ${none}` });
});

t.test('items are written unchanged, each with an id, without a notification', async (t) => {
  const world = createWorld(t, handlers);
  const thread = await world.start();
  const client = await world.join(thread);
  const call = { type: 'function_call', name: 'n', arguments: '{}', call_id: 'c' };
  const items = [USER, { ...USER, id: 'msg_mine' }, call, { type: 'zzz', a: 1 }];
  t.same((await inject(client, thread.id, items)).result, {}, 'an empty thread gets its file');
  t.match(
    world.records(thread).map(({ type, payload }) => [type, payload.type, payload.id]),
    [
      ['session_meta', undefined, thread.id],
      ['response_item', 'message', /^msg_/],
      ['response_item', 'message', 'msg_mine'],
      ['response_item', 'function_call', /^fc_/],
    ],
    'what nobody knows is dropped',
  );
  t.match(world.records(thread)[1]!.payload, USER);
  t.same(notes(client), []);
});

t.test('also during a turn, and in a thread without a file', async (t) => {
  const world = createWorld(t, handlers);
  const client = await world.client();
  const thread = await world.start();
  const seen: unknown[] = [];
  thread.watchRecords((records) => seen.push(...records.map(({ type }) => type)));
  const turn = thread.beginTurn();
  t.same((await inject(client, thread.id, [USER])).result, {});
  t.same(seen, ['event_msg', 'response_item'], 'whoever works in the turn sees it');
  await turn.end({ status: 'completed' });

  const ephemeral = await world.start({ ephemeral: true });
  t.same((await inject(client, ephemeral.id, [USER])).result, {});
  t.match(ephemeral.ephemeralRecords, [{ type: 'response_item', payload: USER }]);
});

t.test('they come behind what the model has to know first', async (t) => {
  const world = createWorld(t, handlers);
  const thread = await world.start();
  const client = await world.client();
  const first = { type: 'response_item', payload: { type: 'message', role: 'developer', content: [] } } as NewRecord;
  CONTEXT = [first];
  t.teardown(() => (CONTEXT = []));
  t.same((await inject(client, thread.id, [{ ...USER, id: 'mine' }])).result, {});
  t.match(world.records(thread).slice(-2), [first, { payload: { id: 'mine' } }]);
});

const [a, b, c] = [1, 2, 3].map((n) => `00000000-0000-7000-8000-00000000000${n}`) as [string, string, string];
const list = (params: { cursor?: string; limit?: number }, threads = [c, a, b]) =>
  loadedMethods({
    threads: { ids: () => threads, get: () => null, exclusively: (_id, work) => work() },
    source: NO_SOURCE,
    firstContext: async () => [],
  })['thread/loaded/list']({ cursor: null, limit: null, ...params }, null as unknown as Caller, {
    requestId: 1,
    afterAnswer() {},
  });

t.test('loaded threads are listed in order of their ids, in pages', async (t) => {
  t.strictSame(list({}), { data: [a, b, c], nextCursor: null });
  t.strictSame(list({ limit: 2 }), { data: [a, b], nextCursor: b });
  t.strictSame(list({ limit: 2, cursor: b }), { data: [c], nextCursor: null });
  t.strictSame(list({ limit: 0 }), { data: [a], nextCursor: a }, 'a limit of 0 is one of 1');
  t.strictSame(list({}, []), { data: [], nextCursor: null });
});

t.test('a refusal names a cursor that is not a UUID', async (t) => {
  t.throws(() => list({ cursor: 'x' }), { rpcCode: -32600, message: 'invalid cursor: x' });
});
