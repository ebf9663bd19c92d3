import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { RequestParams, RequestResult } from '../../../schema/registry.js';
import { listMethods } from '../../../server/sessions/methods/list.js';
import { metadataMethods } from '../../../server/sessions/methods/metadata.js';
import { sectionMethods } from '../../../server/sessions/methods/sections.js';
import type { Catalog } from '../../../server/sessions/catalog/catalog.js';
import {
  agent,
  caller,
  context,
  depsOf,
  line,
  meta,
  openCatalog,
  put,
  rolloutFile,
  uid,
  user,
} from '../catalog/support.js';

type Params = RequestParams<'thread/list'>;
const NOTHING_ASKED = {
  includeAttachedThreads: false,
  currentAccountOnly: false,
  cursor: null,
  limit: null,
  includedThreadIds: null,
  excludedThreadIds: null,
  sortKey: null,
  sortDirection: null,
  modelProviders: null,
  sourceKinds: null,
  originators: null,
  archived: null,
  cwd: null,
  useStateDbOnly: false,
  searchTerm: null,
  parentThreadId: null,
  ancestorThreadId: null,
  attachedToThreadId: null,
} as unknown as Params;

async function list(
  home: string,
  catalog: Catalog,
  params: Partial<Params> = {},
): Promise<RequestResult<'thread/list'>> {
  return listMethods(depsOf(home, catalog))['thread/list']({ ...NOTHING_ASKED, ...params }, caller, context);
}
const previews = async (home: string, catalog: Catalog, params: Partial<Params> = {}): Promise<string[]> =>
  (await list(home, catalog, params)).data.map(({ preview }) => preview);

/** A home with threads of every kind. The preview is the name of the kind. */
function variety(home: string): void {
  const spawned = (parent: number): object => ({
    subagent: { thread_spawn: { parent_thread_id: uid(parent), depth: 1 } },
  });
  put(home, 1, [meta(1), user('one')], { mtimeMs: 5_000_000 });
  put(home, 2, [meta(2, { cwd: '/other/./place/' }), user('two')], { mtimeMs: 4_000_000 });
  put(home, 3, [meta(3, { source: 'cli' }), user('three')], { mtimeMs: 3_000_000 });
  put(home, 4, [meta(4, { model_provider: 'elsewhere' }), user('provider')]);
  put(home, 5, [meta(5, { source: 'exec' }), user('exec')]);
  put(home, 6, [meta(6, { source: { subagent: 'review' } }), user('review')]);
  put(home, 7, [meta(7, { source: spawned(1) }), user('child')]);
  put(home, 8, [meta(8, { source: spawned(7) }), user('grandchild')]);
  put(home, 9, [meta(9, { source: 'mcp' }), user('mcp')]);
  put(home, 10, [meta(10, { source: 'never heard of' }), user('unknown')]);
  put(home, 11, [meta(11), user('archived')], { archived: true });
  put(home, 12, [meta(12), agent('an answer to nothing')]);
  put(home, 13, [meta(13), user('   ')]);
  put(home, 14, ['no rollout at all', user('x')]);
}

const TABLE: readonly (readonly [string, Partial<Params>, readonly string[]])[] = [
  ['threads of the configured provider that a person talks in, newest first', {}, ['three', 'two', 'one']],
  ['oldest first', { sortDirection: 'asc' }, ['one', 'two', 'three']],
  ['by the time of the last change', { sortKey: 'updated_at' }, ['one', 'two', 'three']],
  [
    'by recency, which is the last change where nothing else is known',
    { sortKey: 'recency_at' },
    ['one', 'two', 'three'],
  ],
  ['a limit of 0 is one of 1', { limit: 0 }, ['three']],
  ['of one provider', { modelProviders: ['elsewhere'] }, ['provider']],
  ['an empty list of providers is every one', { modelProviders: [] }, ['provider', 'three', 'two', 'one']],
  ['no kinds are the interactive ones', { sourceKinds: [] }, ['three', 'two', 'one']],
  ['cli alone', { sourceKinds: ['cli'] }, ['three']],
  ['exec', { sourceKinds: ['exec'] }, ['exec']],
  ['mcp is what the app server is called in files', { sourceKinds: ['appServer'] }, ['mcp']],
  ['sources of later versions', { sourceKinds: ['unknown'] }, ['unknown']],
  ['sub-agents of every kind', { sourceKinds: ['subAgent'] }, ['grandchild', 'child', 'review']],
  ['reviews', { sourceKinds: ['subAgentReview'] }, ['review']],
  ['children of a thread, though they are sub-agents', { parentThreadId: uid(1) }, ['child']],
  ['descendants of a thread', { ancestorThreadId: uid(1) }, ['grandchild', 'child']],
  ['a folder, spelled in another way', { cwd: '/other/place/x/..' }, ['two']],
  ['a relative folder lies in the working folder of the daemon', { cwd: '../other/place' }, ['two']],
  ['an empty folder is the working folder of the daemon', { cwd: '' }, ['three', 'one']],
  ['a folder above does not count', { cwd: '/other' }, []],
  ['no folder at all', { cwd: [] }, []],
  ['of several folders', { cwd: ['/other/place', '/work'] }, ['three', 'two', 'one']],
  ['archived ones alone', { archived: true }, ['archived']],
  ['the term counts case', { searchTerm: 'T' }, []],
  ['the term is a part of the first message, not of answers', { searchTerm: 't' }, ['three', 'two']],
  ['% is no wildcard', { searchTerm: '%' }, []],
  ['an empty term is none', { searchTerm: '' }, ['three', 'two', 'one']],
  ['only these', { includedThreadIds: [uid(2), uid(2), uid(99)] }, ['two']],
  ['none', { includedThreadIds: [] }, []],
  ['these without some', { includedThreadIds: [uid(1), uid(2)], excludedThreadIds: [uid(1)] }, ['two']],
  ['without some', { excludedThreadIds: [uid(3).toUpperCase()] }, ['two', 'one']],
  ['an empty list of originators is no filter', { originators: [] }, ['three', 'two', 'one']],
  ['in no section', { sectionId: null }, ['three', 'two', 'one']],
  ['in a section that nobody made', { sectionId: 'nope' }, []],
  ['in no project', { projectId: null }, ['three', 'two', 'one']],
];

t.test('a list shows the threads that match', async (t) => {
  const home = t.testdir();
  variety(home);
  const catalog = openCatalog(home);
  for (const [title, params, expected] of TABLE) t.strictSame(await previews(home, catalog, params), expected, title);
  await catalog.close();
});

const REFUSALS: readonly (readonly [Partial<Params>, number, string | RegExp])[] = [
  [{ cursor: 'bogus' }, -32600, 'invalid cursor: bogus'],
  [{ cursor: '' }, -32600, 'invalid cursor: '],
  [{ cursor: '2025-10-01T10:00:00Z|x' }, -32600, 'invalid cursor: 2025-10-01T10:00:00Z|x'],
  [{ sortKey: 'section_position' }, -32600, 'section-position sorting requires a section filter'],
  [{ includeAttachedThreads: true }, -32600, 'includeAttachedThreads requires a non-empty searchTerm'],
  [{ excludedThreadIds: Array<string>(101).fill(uid(1)) }, -32602, 'excludedThreadIds accepts at most 100 entries'],
  [{ includedThreadIds: Array<string>(101).fill(uid(1)) }, -32602, 'includedThreadIds accepts at most 100 entries'],
  [{ includedThreadIds: ['x'] }, -32602, /^invalid included thread id: invalid character/],
  [{ excludedThreadIds: ['x'] }, -32602, /^invalid excluded thread id: invalid character/],
  [{ originators: ['a'] }, -32602, 'originator filtering is not supported by the local app-server'],
  [{ projectId: 'p' }, -32602, 'project not found: p'],
  [{ parentThreadId: 'x' }, -32600, /^invalid parent thread id: /],
  [{ ancestorThreadId: 'x' }, -32600, /^invalid ancestor thread id: /],
  [{ attachedToThreadId: 'x' }, -32600, /^invalid attached thread parent id: /],
  [
    { parentThreadId: uid(1), ancestorThreadId: uid(1) },
    -32600,
    'parentThreadId and ancestorThreadId are mutually exclusive',
  ],
];

t.test('an unsupported request is refused in the words of the protocol', async (t) => {
  const home = t.testdir();
  const catalog = openCatalog(home);
  for (const [params, code, message] of REFUSALS)
    await t.rejects(list(home, catalog, params), { rpcCode: code, message }, JSON.stringify(params).slice(0, 60));
  await catalog.close();
});

t.test('pages have no gaps, in every order and both directions, also for threads of the same second', async (t) => {
  const home = t.testdir();
  for (let n = 1; n <= 7; n++)
    put(home, n, [meta(n), user(`thread ${n}`)], { mtimeMs: 1_000_000 * ((n * 3) % 7) + 1_000_000 });
  const catalog = openCatalog(home);
  for (const sortKey of ['created_at', 'updated_at', 'recency_at'] as const)
    for (const sortDirection of ['asc', 'desc'] as const) {
      const whole = await previews(home, catalog, { sortKey, sortDirection });
      const pages: string[][] = [];
      let cursor: string | null = null;
      do {
        const page = await list(home, catalog, { sortKey, sortDirection, limit: 3, cursor });
        pages.push(page.data.map(({ preview }) => preview));
        cursor = page.nextCursor;
        if (cursor !== null) {
          const back = await list(home, catalog, {
            sortKey,
            sortDirection: sortDirection === 'asc' ? 'desc' : 'asc',
            cursor: page.backwardsCursor,
          });
          const until = whole.indexOf(page.data[0]?.preview ?? '');
          t.strictSame(
            back.data.map(({ preview }) => preview),
            whole.slice(0, until + 1).reverse(),
            'the way back',
          );
        }
      } while (cursor !== null);
      t.strictSame(
        pages.map(({ length }) => length),
        [3, 3, 1],
      );
      t.strictSame(pages.flat(), whole, `${sortKey} ${sortDirection}`);
    }
  const { nextCursor } = await list(home, catalog, { sortKey: 'updated_at', limit: 1 });
  await t.rejects(
    list(home, catalog, { cursor: nextCursor }),
    { message: `invalid cursor: ${nextCursor}` },
    'a cursor of another order',
  );
  await catalog.close();
});

t.test('a search finds names, for any author', async (t) => {
  const home = t.testdir();
  put(home, 1, [meta(1), user('one')]);
  put(home, 2, [meta(2, { history_mode: 'paginated' })], {});
  const catalog = openCatalog(home);
  const deps = depsOf(home, catalog);
  await metadataMethods(deps)['thread/name/set']({ threadId: uid(1), name: '  Zebra ' }, caller, context);
  t.strictSame(deps.told, [['thread/name/updated', { threadId: uid(1), threadName: 'Zebra' }]]);
  t.strictSame(await previews(home, catalog, { searchTerm: 'Zebra' }), ['one']);
  // A name that the official program or another daemon wrote, after an invalid line.
  fs.appendFileSync(
    path.join(home, 'session_index.jsonl'),
    `junk\n{"id":"${uid(1)}","thread_name":"Lion","updated_at":"x"}\n`,
  );
  t.strictSame(
    (await list(home, catalog)).data.map(({ name }) => name),
    ['Lion'],
  );
  await t.rejects(
    async () => metadataMethods(deps)['thread/name/set']({ threadId: uid(1), name: ' ' }, caller, context),
    {
      message: 'thread name must not be empty',
    },
  );
  await t.rejects(
    async () => metadataMethods(deps)['thread/name/set']({ threadId: uid(9), name: 'x' }, caller, context),
    {
      message: `no rollout found for thread id ${uid(9)}`,
    },
  );
  await catalog.close();
});

t.test('a section has an order of its own', async (t) => {
  const home = t.testdir();
  for (const n of [1, 2, 3]) put(home, n, [meta(n), user(`t${n}`)]);
  const catalog = openCatalog(home);
  const deps = depsOf(home, catalog);
  const { section } = await sectionMethods(deps)['threadSection/create'](
    { name: 'S', appearance: null },
    caller,
    context,
  );
  const move = async (n: number, before: number | null): Promise<void> => {
    await sectionMethods(deps)['thread/section/move'](
      { threadId: uid(n), sectionId: section.id, beforeThreadId: before === null ? null : uid(before) },
      caller,
      context,
    );
  };
  await move(1, null);
  await move(2, 1);
  await move(3, 1);
  const order = (): Promise<string[]> =>
    previews(home, catalog, { sectionId: section.id, sortKey: 'section_position' });
  t.strictSame(await order(), ['t2', 't3', 't1']);
  // More often than a number can be halved.
  for (let n = 0; n < 120; n++) await move(n % 2 === 0 ? 3 : 2, n % 2 === 0 ? 2 : 3);
  t.strictSame(await order(), ['t2', 't3', 't1']);
  const page = await list(home, catalog, { sectionId: section.id, sortKey: 'section_position', limit: 2 });
  t.strictSame(
    await previews(home, catalog, { sectionId: section.id, sortKey: 'section_position', cursor: page.nextCursor }),
    ['t1'],
  );
  await catalog.close();
});

t.test('without a scan only known threads are listed', async (t) => {
  const home = t.testdir();
  put(home, 1, [meta(1), user('known')]);
  const catalog = openCatalog(home);
  catalog.touched(uid(1));
  t.strictSame(await previews(home, catalog, { useStateDbOnly: true }), ['known']);
  put(home, 2, [meta(2), user('dropped in')]);
  t.strictSame(await previews(home, catalog, { useStateDbOnly: true }), ['known']);
  put(home, 3, [meta(3), user('written here')]);
  catalog.touched(uid(3));
  t.strictSame(await previews(home, catalog, { useStateDbOnly: true }), ['written here', 'known']);
  t.strictSame(await previews(home, catalog), ['written here', 'dropped in', 'known']);
  await catalog.close();
});

t.test('without a scan a thread is found where an archive of this process has moved it', async (t) => {
  const home = t.testdir();
  const [live, archived] = [rolloutFile(home, 1), rolloutFile(home, 1, { archived: true })];
  put(home, 1, [meta(1), user('moved')]);
  const catalog = openCatalog(home);
  const known = (params: Partial<Params>) => previews(home, catalog, { useStateDbOnly: true, ...params });
  t.strictSame(await known({}), ['moved']);
  fs.mkdirSync(path.dirname(archived), { recursive: true });
  for (const [from, to, isArchived] of [
    [live, archived, true],
    [archived, live, false],
    [live, archived, true],
  ] as const) {
    fs.renameSync(from, to);
    catalog.touched(uid(1));
    t.strictSame(await known({ archived: isArchived }), ['moved']);
    t.strictSame(await known({ archived: !isArchived }), []);
  }
  fs.rmSync(archived);
  catalog.touched(uid(1));
  t.strictSame(await known({ archived: true }), []);
  await catalog.close();
});

t.test('a thread shows the content of its file', async (t) => {
  const home = t.testdir();
  const long = `begin ${'x'.repeat(5000)} end`;
  put(home, 1, [
    meta(1, { git: { commit_hash: 'a', branch: 'b' }, forked_from_id: uid(9) }),
    line('turn_context', { model: 'first', effort: 'low' }),
    user(`context of the editor\n## My request for Codex:\n  ${long}  `),
    line('turn_context', { model: 'last', effort: 'high' }),
  ]);
  const catalog = openCatalog(home);
  const { data, readStates } = await list(home, catalog);
  t.match(data, [
    {
      id: uid(1),
      preview: long,
      model: 'last',
      reasoningEffort: 'high',
      gitInfo: { sha: 'a', branch: 'b', originUrl: null },
      forkedFromId: uid(9),
      status: { type: 'notLoaded' },
      environments: null,
      canAcceptDirectInput: null,
      createdAt: 1759312800,
      turns: [],
    },
  ]);
  t.strictSame(readStates, { [uid(1)]: { firstUnread: null, revision: `initial:${uid(1)}` } });
  t.strictSame(
    await previews(home, catalog, { searchTerm: ' end' }),
    [long],
    'the end of a long message is searched too',
  );
  await catalog.close();
});
