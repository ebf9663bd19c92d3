/**
 * thread/turns/list, items/list, items/read, timeline/list, searchOccurrences on threads that are loaded and not
 * loaded.
 */
import t, { type Test } from 'tap';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import type { LiveThread } from '../../../server/sessions/live/live-thread.js';
import { historyMethods } from '../../../server/sessions/methods/history.js';
import type { LifecycleDeps } from '../../../server/sessions/methods/thread/lifecycle-common.js';
import { occurrences } from '../../../server/sessions/store/history/occurrences.js';
import { exchange, id, itemEvent, makeHome, meta, started, turnOf, userItem, type Home } from '../store/support.js';

const ID = id(1);
const LEGACY = id(2);
const NONE = id(99);

interface Setup {
  readonly home: Home;
  /** The loaded threads. */
  readonly loaded: Map<string, LiveThread>;
  call(method: string, params: Record<string, unknown>): Promise<Record<string, never>>;
}

function setup(t: Test): Setup {
  const home = makeHome(t);
  home.put(
    ID,
    [
      meta(ID, { history_mode: 'paginated' }),
      ...['one', 'two', 'three', 'four', 'five'].flatMap((word, n) => turnOf(ID, `T${n + 1}`, word, `answer ${word}`)),
    ],
    { paginated: true },
  );
  home.put(LEGACY, [meta(LEGACY), ...['one', 'two', 'three'].flatMap((word) => exchange(word, `answer ${word}`))]);
  const loaded = new Map<string, LiveThread>();
  const options = { store: home.store, threads: { get: (threadId: string) => loaded.get(threadId) ?? null } };
  // The other dependencies of the family are for thread/read.
  const handlers = historyMethods(options as unknown as LifecycleDeps) as unknown as Record<string, unknown>;
  const omitted = { cursor: null, limit: null, sortDirection: null, itemsView: null, turnId: null, deferOutput: null };
  return {
    home,
    loaded,
    call: async (method, params) => {
      const handler = handlers[method] as (params: Record<string, unknown>) => Promise<Record<string, never>>;
      return handler({ ...omitted, ...params });
    },
  };
}

interface Page {
  readonly data: readonly (Turn & { readonly turnId: string; readonly item: { readonly id: string } })[];
  readonly nextCursor: string | null;
  readonly backwardsCursor: string | null;
}
const pageOf = async ({ call }: Setup, method: string, params: Record<string, unknown>): Promise<Page> =>
  (await call(method, params)) as unknown as Page;
const ids = ({ data }: Page): string[] => data.map((turn) => turn.id);

t.test('turns: newest first, page after page, and back again from any page', async (t) => {
  const it = setup(t);
  const list = (params: Record<string, unknown>): Promise<Page> =>
    pageOf(it, 'thread/turns/list', { threadId: ID, ...params });
  const first = await list({ limit: 2 });
  t.strictSame(ids(first), ['T5', 'T4']);
  t.equal(first.data[0]?.itemsView, 'summary');
  t.strictSame(JSON.parse(first.nextCursor as string), {
    requestedThreadId: ID,
    rolloutOrdinal: 19,
    includeAnchor: false,
    scope: { kind: 'turns' },
  });
  const second = await list({ limit: 2, cursor: first.nextCursor });
  t.strictSame(ids(second), ['T3', 'T2']);
  const third = await list({ limit: 2, cursor: second.nextCursor });
  t.strictSame([ids(third), third.nextCursor], [['T1'], null]);
  t.strictSame(ids(await list({ cursor: second.backwardsCursor, sortDirection: 'asc' })), ['T3', 'T4', 'T5']);
  t.strictSame(ids(await list({ sortDirection: 'asc', limit: 0 })), ['T1'], 'a limit of 0 is 1');
  t.equal((await list({ limit: 1000, itemsView: 'notLoaded' })).data.length, 5);
});

t.test('turns of a legacy thread have cursors that name a turn', async (t) => {
  const it = setup(t);
  const list = (params: Record<string, unknown>): Promise<Page> =>
    pageOf(it, 'thread/turns/list', { threadId: LEGACY, ...params });
  const first = await list({ limit: 1 });
  t.strictSame([ids(first), first.nextCursor], [['rollout-10'], '{"turnId":"rollout-10","includeAnchor":false}']);
  t.strictSame(ids(await list({ limit: 5, cursor: first.nextCursor })), ['rollout-6', 'rollout-2']);
  t.strictSame(ids(await list({ cursor: first.backwardsCursor, sortDirection: 'asc' })), ['rollout-10']);
});

const refusals: readonly [string, string, Record<string, unknown>, number, string][] = [
  ['not an id', 'thread/turns/list', { threadId: 'x' }, -32600, 'invalid thread id: '],
  ['unknown', 'thread/turns/list', { threadId: NONE }, -32600, `thread not loaded: ${NONE}`],
  ['bad cursor', 'thread/turns/list', { threadId: ID, cursor: 'bogus' }, -32600, 'invalid cursor: bogus'],
  ['empty cursor', 'thread/turns/list', { threadId: ID, cursor: '' }, -32600, 'invalid cursor: '],
  [
    'a cursor of items',
    'thread/turns/list',
    {
      threadId: ID,
      cursor: `{"requestedThreadId":"${ID}","rolloutOrdinal":1,"includeAnchor":true,"scope":{"kind":"itemsByCreatedAtOrdinal"}}`,
    },
    -32600,
    'invalid cursor: {',
  ],
  [
    'a cursor of another thread',
    'thread/turns/list',
    {
      threadId: ID,
      cursor: `{"requestedThreadId":"${NONE}","rolloutOrdinal":1,"includeAnchor":true,"scope":{"kind":"turns"}}`,
    },
    -32600,
    'invalid cursor: {',
  ],
  [
    'a turn that is gone',
    'thread/turns/list',
    { threadId: LEGACY, cursor: '{"turnId":"x","includeAnchor":true}' },
    -32600,
    'invalid cursor: anchor turn is no longer present',
  ],
  ['unknown', 'thread/items/list', { threadId: NONE }, -32601, 'thread/items/list is not supported yet'],
  ['legacy', 'thread/items/list', { threadId: LEGACY }, -32601, 'thread/items/list is not supported yet'],
  [
    'an anchor without its turn',
    'thread/items/list',
    { threadId: ID, cursor: { type: 'item', itemId: 'x' } },
    -32602,
    'turnId is required when cursor is an item anchor',
  ],
  [
    'an anchor that is not there',
    'thread/items/list',
    { threadId: ID, turnId: 'T1', cursor: { type: 'item', itemId: 'x' } },
    -32602,
    'cursor.itemId does not identify an item in the requested history scope',
  ],
  [
    'no ids, before the thread',
    'thread/items/read',
    { threadId: 'x', turnId: 'T1', itemIds: [] },
    -32600,
    'itemIds must contain 1 to 100 IDs',
  ],
  [
    '101 ids',
    'thread/items/read',
    { threadId: ID, turnId: 'T1', itemIds: Array(101).fill('a') },
    -32600,
    'itemIds must contain 1 to 100 IDs',
  ],
  [
    'legacy',
    'thread/items/read',
    { threadId: LEGACY, turnId: 'x', itemIds: ['a'] },
    -32601,
    'thread/items/read is not supported yet',
  ],
  ['legacy', 'thread/timeline/list', { threadId: LEGACY }, -32601, 'thread/timeline/list is not supported yet'],
  ['bad cursor', 'thread/timeline/list', { threadId: ID, cursor: 'bogus' }, -32600, 'invalid thread timeline cursor'],
  [
    'a cursor of another thread',
    'thread/timeline/list',
    { threadId: ID, cursor: `{"threadId":"${NONE}","position":1,"kind":0,"id":"x"}` },
    -32600,
    'thread timeline cursor belongs to another thread',
  ],
  [
    'legacy',
    'thread/searchOccurrences',
    { threadId: LEGACY, searchTerm: 'a' },
    -32601,
    'thread/searchOccurrences is not supported yet',
  ],
  [
    'blank',
    'thread/searchOccurrences',
    { threadId: ID, searchTerm: '  ' },
    -32600,
    'thread/searchOccurrences requires a non-empty searchTerm',
  ],
  [
    'a cursor of another search',
    'thread/searchOccurrences',
    {
      threadId: ID,
      searchTerm: 'b',
      cursor: `{"threadId":"${ID}","searchTerm":"a","nextRolloutOrdinal":1,"nextOccurrenceIndex":0}`,
    },
    -32600,
    'invalid cursor: {',
  ],
];
for (const [name, method, params, code, message] of refusals) {
  t.test(`${method} refuses: ${name}`, async (t) => {
    await t.rejects(setup(t).call(method, params), {
      rpcCode: code,
      message: new RegExp(`^${message.replace(/[{}().]/g, '\\$&')}`),
    });
  });
}

t.test('items: oldest first, of one turn or of all, from a cursor or an item', async (t) => {
  const it = setup(t);
  const list = (params: Record<string, unknown>): Promise<Page> =>
    pageOf(it, 'thread/items/list', { threadId: ID, ...params });
  const items = ({ data }: Page): string[] => data.map(({ item }) => item.id);
  const first = await list({ limit: 3 });
  t.strictSame(items(first), ['u-T1', 'a-T1', 'u-T2']);
  t.strictSame(items(await list({ limit: 2, cursor: first.nextCursor })), ['a-T2', 'u-T3']);
  t.strictSame(items(await list({ limit: 2, sortDirection: 'desc' })), ['a-T5', 'u-T5']);
  t.strictSame(items(await list({ turnId: 'T3' })), ['u-T3', 'a-T3']);
  t.strictSame(items(await list({ turnId: 'x' })), []);
  t.strictSame(items(await list({ turnId: 'T3', cursor: { type: 'item', itemId: 'u-T3' } })), ['a-T3']);
  const last = await list({ limit: 1, sortDirection: 'desc' });
  t.strictSame(items(await list({ limit: 2, sortDirection: 'desc', cursor: last.nextCursor })), ['u-T5', 'a-T4']);
  t.strictSame(items(await list({ cursor: last.backwardsCursor })), ['a-T5'], 'includes its anchor');
  const read = await pageOf(it, 'thread/items/read', { threadId: ID, turnId: 'T2', itemIds: ['a-T2', 'x', 'u-T2'] });
  t.strictSame(items(read), ['u-T2', 'a-T2'], 'in the order of the history');
});

t.test('the timeline shows its newest page first, each in order of time', async (t) => {
  const it = setup(t);
  const page = async (cursor: string | null): Promise<[string[], string | null]> => {
    const answer = await it.call('thread/timeline/list', { threadId: ID, limit: 3, cursor });
    const { data, nextCursor } = answer as unknown as {
      data: { position: number; type: string }[];
      nextCursor: string | null;
    };
    return [data.map((entry) => `${entry.position}:${entry.type}`), nextCursor];
  };
  const [first, next] = await page(null);
  t.strictSame(first, ['27:item', '28:item', '30:turnCompleted']);
  t.strictSame((await page(next))[0], ['22:item', '24:turnCompleted', '25:turnStarted']);
});

t.test('occurrences: all of them, page after page, ignoring case', async (t) => {
  const it = setup(t);
  const found: string[] = [];
  for (let cursor: string | null = null, pages = 0; pages < 9; pages++) {
    const page = (await it.call('thread/searchOccurrences', {
      threadId: ID,
      searchTerm: 'T',
      limit: 2,
      cursor,
    })) as unknown as {
      data: { itemId: string; snippetMatchRange: { start: number }; turnCursor: string }[];
      nextCursor: string | null;
    };
    found.push(...page.data.map(({ itemId, snippetMatchRange }) => `${itemId}@${snippetMatchRange.start}`));
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  t.strictSame(found, ['u-T2@0', 'a-T2@7', 'u-T3@0', 'a-T3@7']);
});

t.test('a running turn is shown as its subscribers see it; a thread without a file has no turns yet', async (t) => {
  const it = setup(t);
  const files = (await it.home.store.find(ID)) as never;
  const writer = await it.home.store.open(files);
  writer.append([started('T6'), itemEvent(ID, 'T6', userItem('u-T6', 'six'))]);
  const snapshot = { id: 'T6', status: 'inProgress', items: [{ type: 'agentMessage', id: 'half', text: 'so f' }] };
  const live = { ephemeral: false, writer, turn: { id: 'T6', snapshot: () => snapshot } };
  it.loaded.set(ID, live as unknown as LiveThread);
  const { data } = await pageOf(it, 'thread/turns/list', { threadId: ID, limit: 2, itemsView: 'full' });
  t.strictSame(data[0], snapshot);
  t.equal(data[1]?.id, 'T5');
  await writer.close();
  it.loaded.set(NONE, { ephemeral: false, writer: { exists: false }, turn: null } as unknown as LiveThread);
  await t.rejects(it.call('thread/turns/list', { threadId: NONE }), {
    message: `thread ${NONE} is not materialized yet; thread/turns/list is unavailable before first user message`,
  });
  it.loaded.set(NONE, { ephemeral: true, writer: null, turn: null } as unknown as LiveThread);
  await t.rejects(it.call('thread/turns/list', { threadId: NONE }), {
    message: 'ephemeral threads do not support thread/turns/list',
  });
});

t.test('snippets: 49 characters before, 96 after; positions are in UTF-16 units', (t) => {
  const [only] = occurrences(`${'x'.repeat(60)}NEEDLE${'😀'.repeat(100)}`, 'needle');
  t.strictSame(only, {
    snippet: `... ${'x'.repeat(49)}NEEDLE${'😀'.repeat(96)} ...`,
    range: { start: 53, end: 59 },
  });
  t.strictSame(
    occurrences('😀😀 äfoo fooofoo', 'FOO').map(({ range }) => [range.start, range.end]),
    [
      [6, 9],
      [10, 13],
      [14, 17],
    ],
  );
  t.strictSame(occurrences('İfoo', 'foo')[0]?.range, { start: 1, end: 4 }, 'a letter that is longer in lower case');
  t.strictSame(occurrences('aaaa', 'aa').length, 2, 'they do not overlap');
  t.end();
});
