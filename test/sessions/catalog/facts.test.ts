import path from 'node:path';
import fs from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { silentLogger } from '../../../server/log/log.js';
import { createFactsState, PINNED, type Fact } from '../../../server/sessions/catalog/facts-state.js';
import { attachmentMethods } from '../../../server/sessions/methods/attachments.js';
import { goalMethods } from '../../../server/sessions/methods/goal-methods.js';
import { listMethods } from '../../../server/sessions/methods/list.js';
import { searchMethods } from '../../../server/sessions/methods/search.js';
import { memoryMethods } from '../../../server/sessions/methods/memory/memory.js';
import { metadataMethods } from '../../../server/sessions/methods/metadata.js';
import { projectMethods } from '../../../server/sessions/methods/projects.js';
import { queueMethods } from '../../../server/sessions/methods/queue.js';
import { sectionMethods } from '../../../server/sessions/methods/sections.js';
import { fakeCaller } from '../../exec/support/fakes.js';
import { takeQueued } from '../../../server/sessions/agenda/thread-queue.js';
import { context, depsOf, meta, openCatalog, put, uid, user } from './support.js';

const NONE = '00000000-0000-7000-8000-000000000000';

function setUp(home: string) {
  const catalog = openCatalog(home);
  const deps = depsOf(home, catalog);
  const handlers = {
    ...listMethods(deps),
    ...searchMethods(deps),
    ...metadataMethods(deps),
    ...memoryMethods({ ...deps, codexHome: home }),
    ...goalMethods(deps),
    ...queueMethods({ ...deps, wake: () => Promise.reject(new Error('no turns here')), log: silentLogger }),
    ...sectionMethods(deps),
    ...attachmentMethods(deps),
    ...projectMethods(deps),
  };
  const client = fakeCaller();
  type Handlers = Omit<typeof handlers, symbol>;
  return {
    catalog,
    told: deps.told,
    async call<M extends keyof Handlers>(method: M, params: object): Promise<Awaited<ReturnType<Handlers[M]>>> {
      const handler = handlers[method] as (...args: unknown[]) => unknown;
      return (await handler(params, client, context)) as Awaited<ReturnType<Handlers[M]>>;
    },
  };
}

t.test('a goal is stored, changed and cleared, and all clients are notified', async (t) => {
  const home = t.testdir();
  put(home, 1, [meta(1)]);
  put(home, 2, [meta(2), user('archived')], { archived: true });
  const { catalog, told, call } = setUp(home);
  const set = (params: object) =>
    call('thread/goal/set', { threadId: uid(1), objective: null, status: null, ...params });
  await t.rejects(set({ status: 'paused' }), { message: `cannot update goal for thread ${uid(1)}: no goal exists` });
  t.match(await set({ objective: ' win ' }), {
    goal: { objective: 'win', status: 'active', tokenBudget: null, tokensUsed: 0, timeUsedSeconds: 0 },
  });
  t.match(await set({ status: 'paused', tokenBudget: 5 }), {
    goal: { objective: 'win', status: 'paused', tokenBudget: 5 },
  });
  t.match(await set({ tokenBudget: null }), { goal: { status: 'paused', tokenBudget: null } });
  for (const [params, message] of [
    [{ objective: ' ' }, 'goal objective must not be empty'],
    [{ objective: '€'.repeat(4001) }, 'goal objective must be at most 4000 characters'],
    [{ tokenBudget: 0 }, 'goal budgets must be positive when provided'],
    [{ threadId: NONE, objective: ' ' }, `thread not found: ${NONE}`],
    [{ threadId: uid(2), objective: 'x' }, `thread not found: ${uid(2)}`],
  ] as const)
    await t.rejects(set(params), { rpcCode: -32600, message });
  t.equal((await set({ objective: '€'.repeat(4000) })).goal.objective.length, 4000);
  const { rows } = await catalog.page({
    filter: { ...(await import('../../../server/sessions/catalog/thread-query.js')).NO_FILTER },
    sortKey: 'created_at',
    descending: true,
    limit: 5,
    cursor: null,
    knownOnly: false,
  });
  t.strictSame(
    rows.map(({ facts }) => facts.preview),
    ['win'],
    'it stands for the first message, and stays it',
  );
  t.strictSame(await call('thread/goal/clear', { threadId: uid(1) }), { cleared: true });
  t.strictSame(await call('thread/goal/clear', { threadId: uid(1) }), { cleared: false });
  t.strictSame(await call('thread/goal/get', { threadId: uid(1) }), { goal: null });
  t.strictSame(
    told.map(([method]) => method),
    [...Array<string>(4).fill('thread/goal/updated'), 'thread/goal/cleared'],
  );
  await catalog.close();
});

t.test('a read state changes only for a client with the last revision, also with two daemons', async (t) => {
  const home = t.testdir();
  put(home, 1, [meta(1), user('one')]);
  const [a, b] = [setUp(home), setUp(home)];
  const update = (daemon: typeof a, type: string, expectedRevision: string) =>
    daemon.call('thread/readState/update', { threadId: uid(1), operation: { type }, expectedRevision });
  const first = await update(a, 'unread', `initial:${uid(1)}`);
  t.strictSame(first.readState.firstUnread, { type: 'threadStart' });
  await t.rejects(update(b, 'read', `initial:${uid(1)}`), {
    rpcCode: -32600,
    message: 'read state changed',
    data: { reason: 'readStateConflict', readState: first.readState },
  });
  const second = await update(b, 'read', first.readState.revision);
  t.equal(second.readState.firstUnread, null);
  const turn = await a.catalog.turnEnded(uid(1), 'turn-1');
  t.strictSame(turn?.firstUnread, { type: 'turn', turnId: 'turn-1' });
  t.strictSame((await b.catalog.turnEnded(uid(1), 'turn-2'))?.firstUnread, turn?.firstUnread, 'the first one counts');
  await t.rejects(update(a, 'read', 'x'), { message: 'read state changed' });
  await t.rejects(
    a.call('thread/readState/update', { threadId: NONE, operation: { type: 'read' }, expectedRevision: 'x' }),
    {
      rpcCode: -32600,
      message: `thread not loaded: ${NONE}`,
    },
  );
  await a.catalog.close();
  await b.catalog.close();
});

t.test('an attachment exists once, however many clients add it', async (t) => {
  const home = t.testdir();
  put(home, 1, [meta(1), user('one')]);
  put(home, 2, [meta(2), user('two')], { archived: true });
  const [a, b] = [setUp(home), setUp(home)];
  const key = { threadId: uid(1), attachmentType: 'file', identityKey: 'k' };
  const added = await a.call('thread/attachment/add', { ...key, payload: { first: true } });
  t.equal(added.outcome, 'created');
  t.strictSame(await b.call('thread/attachment/add', { ...key, payload: 2 }), { ...added, outcome: 'existing' });
  await a.call('thread/attachment/add', { ...key, threadId: uid(2), payload: null });
  await a.call('thread/attachment/add', { ...key, identityKey: 'l', payload: null });
  const page = await b.call('thread/attachment/list', { threadId: uid(1), cursor: null, limit: 1 });
  t.equal(page.data[0]?.identityKey, 'k');
  const rest = await b.call('thread/attachment/list', { threadId: uid(1), cursor: page.nextCursor, limit: null });
  t.strictSame([rest.data.map(({ identityKey }) => identityKey), rest.nextCursor], [['l'], null]);
  const owners = (archived: boolean | null) =>
    b.call('thread/attachmentOwner/list', {
      attachmentType: 'file',
      identityKey: 'k',
      archived,
      cursor: null,
      limit: null,
    });
  t.strictSame((await owners(null)).data, [
    { threadId: uid(1), archived: false },
    { threadId: uid(2), archived: true },
  ]);
  t.strictSame((await owners(true)).data, [{ threadId: uid(2), archived: true }]);
  await b.call('thread/attachment/remove', key);
  await b.call('thread/attachment/remove', key);
  t.strictSame(
    b.told,
    [['thread/attachment/updated', { ...key, attachmentId: added.attachment.id, operation: 'deleted' }]],
    'what was not there is not told',
  );
  for (const [params, message] of [
    [{ ...key, attachmentType: ' ' }, 'attachmentType must not be empty'],
    [{ ...key, identityKey: '' }, 'identityKey must not be empty'],
    [{ ...key, threadId: NONE }, `thread not found: ${NONE}`],
  ] as const)
    await t.rejects(a.call('thread/attachment/add', { ...params, payload: 1 }), { rpcCode: -32602, message });
  await t.rejects(a.call('thread/attachment/list', { threadId: uid(1), cursor: 'x', limit: null }), {
    rpcCode: -32602,
    message: 'invalid pagination cursor',
  });
  await a.catalog.close();
  await b.catalog.close();
});

t.test('a queue keeps its order, and only one of two daemons gets a message', async (t) => {
  const home = t.testdir();
  put(home, 1, [meta(1), user('one')]);
  const [a, b] = [setUp(home), setUp(home)];
  const threadId = uid(1);
  const input = [{ type: 'text', text: 'x', text_elements: [] }];
  const ids: string[] = [];
  for (const clientUserMessageId of ['1', '2', '3']) {
    const params = { threadId, input, clientUserMessageId, responsesapiClientMetadata: null };
    ids.push((await a.call('thread/queue/add', params)).queuedSubmission.id);
  }
  const listed = async () =>
    (await b.call('thread/queue/list', { threadId, cursor: null, limit: null })).data.map(({ id }) => id);
  t.strictSame(await listed(), ids);
  const page = await b.call('thread/queue/list', { threadId, cursor: '1', limit: 1 });
  t.strictSame([page.data.map(({ id }) => id), page.nextCursor], [[ids[1]], '2']);
  const reversed = [...ids].reverse();
  await b.call('thread/queue/reorder', { threadId, queuedSubmissionIds: reversed });
  t.strictSame(await listed(), reversed);
  for (const queuedSubmissionIds of [
    [],
    ids.slice(1),
    [...ids, ids[0]],
    [ids[0], ids[0], ids[1]],
    ['x', ids[0], ids[1]],
  ])
    await t.rejects(a.call('thread/queue/reorder', { threadId, queuedSubmissionIds }), {
      message: 'queue reorder must include every queued submission exactly once',
    });
  t.equal(takeQueued(a.catalog, threadId)?.id, reversed[0]);
  t.equal(takeQueued(b.catalog, threadId)?.id, reversed[1]);
  t.equal(takeQueued(b.catalog, threadId, reversed[0]), null, 'gone already');
  t.strictSame(await b.call('thread/queue/delete', { threadId, queuedSubmissionId: reversed[2] }), { deleted: true });
  t.strictSame(await a.call('thread/queue/delete', { threadId, queuedSubmissionId: reversed[2] }), { deleted: false });
  for (const [method, params, message] of [
    [
      'thread/queue/add',
      { threadId, input: [], clientUserMessageId: 'x' },
      'only user input can be added to the user-message queue',
    ],
    ['thread/queue/update', { threadId, queuedSubmissionId: 'no', input }, 'queued submission not found: no'],
    [
      'thread/queue/list',
      { threadId, cursor: 'x', limit: null },
      'invalid queue pagination cursor: invalid digit found in string',
    ],
    [
      'thread/queue/start',
      { threadId, queuedSubmissionId: null },
      'resume the thread before starting a queued message',
    ],
  ] as const)
    await t.rejects(a.call(method, params), { rpcCode: -32600, message });
  await a.catalog.close();
  await b.catalog.close();
});

t.test('facts survive the daemon and archiving, and are removed with their thread', async (t) => {
  const home = t.testdir();
  const file = put(home, 1, [meta(1), user('one')]);
  const first = setUp(home);
  const { project } = await first.call('project/create', { name: 'P', roots: [], metadata: null, idempotencyKey: 'k' });
  await first.call('thread/metadata/update', {
    threadId: uid(1),
    gitInfo: { sha: ' s ', branch: 'b' },
    daybreakEnabled: true,
    projectId: project.id,
  });
  await first.call('thread/section/move', { threadId: uid(1), sectionId: PINNED.id, beforeThreadId: null });
  await first.call('thread/memoryMode/set', { threadId: uid(1), mode: 'disabled' });
  await first.catalog.setName(uid(1), 'name');
  await first.catalog.close();
  const archive = path.join(home, 'archived_sessions');
  fs.mkdirSync(archive);
  fs.renameSync(file, path.join(archive, path.basename(file)));
  const second = setUp(home);
  t.match(await second.catalog.facts(uid(1)), {
    name: 'name',
    gitInfo: { sha: 's', branch: 'b', originUrl: null },
    daybreakEnabled: true,
    projectId: project.id,
    section: PINNED,
    memoryMode: 'disabled',
  });
  await second.catalog.copyFacts(uid(1), uid(2));
  t.match(
    await second.catalog.facts(uid(2)),
    { name: 'name', projectId: project.id, section: null, memoryMode: null },
    'what a fork inherits',
  );
  const { thread } = await second.call('thread/metadata/update', {
    threadId: uid(1),
    gitInfo: { sha: null, branch: null },
    daybreakEnabled: null,
    projectId: null,
  });
  t.equal(thread.gitInfo, null, 'all cleared is none');
  await second.call('project/delete', { projectId: project.id });
  t.equal((await second.catalog.facts(uid(1))).projectId, null);
  await second.catalog.removed(uid(1));
  t.match(await second.catalog.facts(uid(1)), { section: null, gitInfo: undefined, memoryMode: null });
  await second.catalog.close();
});

t.test('a search finds the text of messages, and nothing else', async (t) => {
  const home = t.testdir();
  const words = Array.from({ length: 40 }, (_, n) => `w${String(n).padStart(3, '0')}`).join(' ');
  const item = (type: string, payload: object) => JSON.stringify({ timestamp: 'x', type, payload });
  const said = (role: string, text: string) =>
    item('response_item', { type: 'message', role, content: [{ type: 'output_text', text }] });
  put(home, 1, [meta(1), user('one'), said('assistant', `${words} The NEEDLE ${words}`)]);
  put(home, 2, [meta(2), user('a\nb   needle\n\nc')]);
  put(home, 3, [meta(3), user('three'), said('user', '<environment_context>needle</environment_context>')]);
  put(home, 4, [meta(4), user('four'), item('response_item', { type: 'function_call_output', output: 'needle' })]);
  put(home, 5, [meta(5, { source: 'exec' }), user('needle in a run')]);
  put(home, 6, [meta(6, { model_provider: 'other' }), user('"Nädle" \\ needle')]);
  put(home, 7, [
    meta(7),
    said('developer', 'needle'),
    user('seven'),
    said('assistant', 'x'.repeat(2_000_000)),
    said('assistant', 'a late needle'),
  ]);
  const { catalog, call } = setUp(home);
  const search = async (searchTerm: string, more: object = {}) => {
    const asked = { archived: null, sourceKinds: null, sortKey: null, sortDirection: null, limit: null, cursor: null };
    return call('thread/search', { searchTerm, ...asked, ...more });
  };
  const found = async (term: string, more: object = {}) =>
    (await search(term, more)).data.map(({ thread, snippet }) => [thread.id.slice(-1), snippet]);
  t.strictSame(await found(' Needle '), [
    ['7', 'a late needle'],
    ['6', '"Nädle" \\ needle'],
    ['2', 'a b needle c'],
    ['1', `... ${words.slice(-44)} The NEEDLE ${words.slice(0, 94)} ...`],
  ]);
  t.strictSame(await found('NÄDLE'), [['6', '"Nädle" \\ needle']]);
  t.strictSame(await found('" \\ '), [['6', '"Nädle" \\ needle']]);
  t.strictSame(await found('needle', { sourceKinds: ['exec'] }), [['5', 'needle in a run']]);
  t.strictSame(await found('n.edle'), [], 'the term is no pattern');
  const page = await search('needle', { limit: 2 });
  t.equal(page.data.length, 2);
  t.strictSame(
    (await found('needle', { cursor: page.nextCursor })).map(([id]) => id),
    ['2', '1'],
  );
  for (const term of ['', '  '])
    await t.rejects(search(term), { rpcCode: -32600, message: 'thread/search requires a non-empty searchTerm' });
  await catalog.close();
});

t.test('the shortest list of facts leads to the same state as the long one', async (t) => {
  const id = fc.constantFrom(uid(1), uid(2), uid(3));
  const word = fc.constantFrom('a', 'b', 'c');
  const attachment = fc.record({
    id: word,
    attachmentType: word,
    identityKey: word,
    payload: fc.constant(1),
    createdAt: fc.constant(1),
  });
  const item = fc.record({
    id: word,
    input: fc.constant([]),
    clientUserMessageId: word,
    responsesapiClientMetadata: fc.constant(null),
  });
  const project = fc.record({
    id: word,
    name: word,
    roots: fc.constant([]),
    metadata: fc.constant({}),
    createdAt: fc.constant(1),
    updatedAt: fc.constant(1),
  });
  const kind = <K extends Fact['k']>(k: K, members: object) =>
    fc.record({ k: fc.constant(k), ...members }) as unknown as fc.Arbitrary<Fact>;
  const fact = fc.oneof(
    kind('preview', { id, preview: word }),
    kind('memory', { id, mode: fc.constantFrom('enabled', 'disabled') }),
    kind('git', { id, git: fc.constantFrom(null, { sha: 's', branch: null, originUrl: null }) }),
    kind('daybreak', { id, on: fc.boolean() }),
    kind('turn', { id, turn: word, revision: word, ms: fc.constant(5) }),
    kind('read', { id, expected: word, state: fc.record({ firstUnread: fc.constant(null), revision: word }) }),
    kind('section', { section: fc.record({ id: word, name: word, appearance: fc.constant(null) }) }),
    kind('sectionGone', { section: word }),
    kind('move', {
      id,
      section: fc.constantFrom('a', 'b', PINNED.id, null),
      before: fc.option(id),
      at: fc.constant(7),
    }),
    kind('attach', { id, attachment }),
    kind('detach', { id, attachment: word }),
    kind('queueAdd', { id, item }),
    kind('queueSet', { id, item }),
    kind('queueTake', { id, item: word, by: word }),
    kind('queueOrder', { id, items: fc.shuffledSubarray(['a', 'b', 'c']) }),
    kind('project', { id, project: fc.option(word) }),
    kind('projectSet', { project, key: word }),
    kind('projectMove', { project: word, before: fc.option(word) }),
    kind('projectGone', { project: word }),
    kind('gone', { id }),
  );
  const told = (state: ReturnType<typeof createFactsState>): unknown => ({
    threads: [uid(1), uid(2), uid(3)].map((thread) => {
      const { place, taken: _taken, attachments = [], queue = [], ...rest } = state.thread(thread);
      return { ...rest, attachments, queue, place: place && { section: place.section, at: place.at } };
    }),
    sections: [...state.sections.values()],
    order: [...state.sections.keys()].map((section) => state.inSection(section)),
    projects: state.projects,
    keys: ['a', 'b', 'c'].map((key) => state.projectByKey(key)),
  });
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 60 }), (facts) => {
      const [long, short, twice] = [createFactsState(), createFactsState(), createFactsState()];
      for (const one of facts) long.apply(one);
      for (const one of long.entries()) short.apply(JSON.parse(JSON.stringify(one)) as Fact);
      for (const one of short.entries()) twice.apply(one);
      t.strictSame(
        JSON.parse(JSON.stringify(told(short))),
        JSON.parse(JSON.stringify(told(long))),
        JSON.stringify(facts),
      );
      t.strictSame(told(twice), told(short));
    }),
    { numRuns: 300, seed: 7 },
  );
});
