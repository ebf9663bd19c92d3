import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { newId } from '../../../server/sessions/store/records/thread-id.js';
import type { ThreadFiles } from '../../../server/sessions/store/records/thread-store.js';
import { allTurns, id, makeHome, meta, metaOf, turnOf, user, writeThread, type Home } from './support.js';

const find = async (home: Home, threadId: string): Promise<ThreadFiles> => {
  const files = await home.store.find(threadId);
  if (files === null) throw new Error(`thread ${threadId} not found`);
  return files;
};
const turnIds = async (home: Home, threadId: string): Promise<string[]> =>
  (await allTurns(home.store, threadId)).map((turn) => turn.id);
const four = [1, 2, 3, 4].map((n) => [`T${n}`, `q${n}`, `a${n}`] as const);
const now = (): string => new Date().toISOString();
const firstRecord = (file: string): { ordinal: number; payload: Record<string, unknown> } =>
  JSON.parse(fs.readFileSync(file, 'utf8').split('\n')[0] as string) as never;

t.test('a revert continues in a new file before the turn; older files stay', async (t) => {
  const home = makeHome(t);
  const threadId = await writeThread(home.store, four);
  const first = await find(home, threadId);
  const before = fs.readFileSync(first.path);
  const writer = await home.store.revert(await home.store.open(first), 'T3');
  t.strictSame(await turnIds(home, threadId), ['T1', 'T2']);
  const live = await find(home, threadId);
  t.strictSame(live.segments, [first.path, writer.path]);
  t.equal(live.path, writer.path);
  const base = { thread_id: threadId, end_ordinal_exclusive: 13, end_byte_offset: before.indexOf('{"timestamp"', 0) };
  const head = firstRecord(writer.path);
  t.match(head.payload['history_base'], { ...base, end_byte_offset: Number });
  t.equal(head.ordinal, 13, 'its meta takes the ordinal at which the past ends');
  const { end_byte_offset: end } = head.payload['history_base'] as { end_byte_offset: number };
  t.match(
    before.subarray(end).toString(),
    /^\{"timestamp":"[^"]*","ordinal":13,"type":"event_msg","payload":\{"type":"task_started","turn_id":"T3"/,
  );
  writer.append(turnOf(threadId, 'T5', 'q5', 'a5'));
  t.strictSame(await turnIds(home, threadId), ['T1', 'T2', 'T5']);
  t.strictSame(fs.readFileSync(first.path), before);
  await t.rejects(home.store.open(live), /already has an active writer/, 'the lock went along');
  const second = await home.store.revert(writer, 'T5');
  second.append(turnOf(threadId, 'T6', 'q6', 'a6'));
  const third = await home.store.revert(second, 'T2');
  t.equal(
    (firstRecord(third.path).payload['history_base'] as { thread_id: string }).thread_id,
    threadId,
    'the past is that of the file in which the turn stands',
  );
  t.strictSame(await turnIds(home, threadId), ['T1']);
  await third.close();
  t.equal((await home.store.head(await find(home, threadId))).preview, 'q1');
});

t.test('a thread that was reverted to its beginning has no history', async (t) => {
  const home = makeHome(t);
  const threadId = await writeThread(home.store, four);
  const writer = await home.store.revert(await home.store.open(await find(home, threadId)), 'T1');
  t.equal(firstRecord(writer.path).payload['history_base'], undefined);
  t.equal(firstRecord(writer.path).ordinal, 0);
  t.strictSame(await turnIds(home, threadId), []);
  t.match(await home.store.head(await find(home, threadId)), { preview: '', hasUserMessage: false });
  await writer.close();
});

t.test('an unknown turn changes nothing', async (t) => {
  const home = makeHome(t);
  const threadId = await writeThread(home.store, four);
  const writer = await home.store.open(await find(home, threadId));
  await t.rejects(home.store.revert(writer, 'T9'), { message: 'turn not found: T9' });
  writer.append([user('still writing')]);
  await writer.close();
  t.equal((await find(home, threadId)).segments.length, 1);
});

t.test('a paginated fork refers to its source', async (t) => {
  const home = makeHome(t);
  const source = await writeThread(home.store, four);
  const fork = newId();
  const writer = await home.store.fork(await find(home, source), metaOf(fork, { timestamp: now() }), 2);
  t.match(firstRecord(writer.path), {
    ordinal: 13,
    payload: { forked_from_id: source, forked_from_ordinal_exclusive: 13, history_mode: 'paginated' },
  });
  t.strictSame(await turnIds(home, fork), ['T1', 'T2']);
  writer.append(turnOf(fork, 'T9', 'q9', 'a9'));
  await writer.close();
  t.strictSame(await turnIds(home, fork), ['T1', 'T2', 'T9']);
  t.strictSame(await turnIds(home, source), ['T1', 'T2', 'T3', 'T4']);
  t.match(await home.store.head(await find(home, fork)), { preview: 'q1', hasUserMessage: true });
  const again = newId();
  await (await home.store.fork(await find(home, fork), metaOf(again, { timestamp: now() }), null)).close();
  t.strictSame(await turnIds(home, again), ['T1', 'T2', 'T9'], 'a fork of a fork');
  const empty = newId();
  await (await home.store.fork(await find(home, source), metaOf(empty, { timestamp: now() }), 0)).close();
  t.strictSame(await turnIds(home, empty), []);
});

t.test('a legacy fork is a copy', async (t) => {
  const home = makeHome(t);
  const source = await writeThread(home.store, four, { history_mode: 'legacy' });
  const fork = newId();
  await (await home.store.fork(await find(home, source), metaOf(fork, { timestamp: now() }), 3)).close();
  t.strictSame(await turnIds(home, fork), ['T1', 'T2', 'T3']);
  await home.store.delete(await find(home, source));
  t.strictSame(await turnIds(home, fork), ['T1', 'T2', 'T3'], 'its source may go');
});

t.test('a source that is missing or too short is reported with its id', async (t) => {
  const home = makeHome(t);
  const source = await writeThread(home.store, four);
  const fork = newId();
  await (await home.store.fork(await find(home, source), metaOf(fork, { timestamp: now() }), 2)).close();
  const { path: file } = await find(home, source);
  const bytes = fs.readFileSync(file);
  fs.writeFileSync(file, bytes.subarray(0, 100));
  await t.rejects(allTurns(home.another(), fork), /there is no session_meta/);
  fs.rmSync(file);
  await t.rejects(allTurns(home.another(), fork), {
    message: `invalid paginated history lineage for ${source}: missing source rollout`,
  });
  t.match(await home.store.head(await find(home, fork)), { preview: '' }, 'it is listed nevertheless');
});

t.test('archive and unarchive move every file, and a fork finds its source in either place', async (t) => {
  const home = makeHome(t);
  const threadId = await writeThread(home.store, four);
  await (await home.store.revert(await home.store.open(await find(home, threadId)), 'T3')).close();
  const fork = newId();
  await (await home.store.fork(await find(home, threadId), metaOf(fork, { timestamp: now() }), null)).close();
  const before = await find(home, threadId);
  const archived = await home.store.archive(before);
  t.equal(archived.archived, true);
  t.strictSame(
    archived.segments,
    before.segments.map((file) => path.join(home.path, 'archived_sessions', path.basename(file))),
  );
  t.strictSame(await turnIds(home, fork), ['T1', 'T2']);
  t.strictSame(await turnIds(home, threadId), ['T1', 'T2']);
  t.strictSame(await home.store.unarchive(archived), before);
});

t.test('an interrupted archive leaves the thread at its place, and can be completed', async (t) => {
  const home = makeHome(t);
  const threadId = await writeThread(home.store, four);
  await (await home.store.revert(await home.store.open(await find(home, threadId)), 'T3')).close();
  const [oldest] = (await find(home, threadId)).segments as [string];
  const archive = path.join(home.path, 'archived_sessions');
  fs.mkdirSync(archive);
  fs.renameSync(oldest, path.join(archive, path.basename(oldest)));
  const files = await home.another().find(threadId);
  t.match(files, { archived: false });
  t.strictSame(await turnIds(home, threadId), ['T1', 'T2']);
  const done = await home.store.archive(files as ThreadFiles);
  t.ok(done.segments.every((file) => path.dirname(file) === archive));
});

t.test('a thread is not deleted while a fork refers to any of its files', async (t) => {
  const home = makeHome(t);
  const threadId = await writeThread(home.store, four);
  const writer = await home.store.revert(await home.store.open(await find(home, threadId)), 'T3');
  writer.append(turnOf(threadId, 'T5', 'q5', 'a5'));
  await writer.close();
  const fork = newId();
  await (await home.store.fork(await find(home, threadId), metaOf(fork, { timestamp: now() }), null)).close();
  await home.store.archive(await find(home, fork));
  await t.rejects(home.store.delete(await find(home, threadId)), {
    message: `cannot delete thread ${threadId}: forked history still references it`,
  });
  t.strictSame(await turnIds(home, threadId), ['T1', 'T2', 'T5']);
  await home.store.delete(await find(home, fork));
  await home.store.delete(await find(home, threadId));
  t.equal(await home.store.find(threadId), null);
  t.strictSame(home.store.all(), []);
});

t.test('a thread is neither archived nor deleted while another owner has its lock', async (t) => {
  const home = makeHome(t);
  const threadId = await writeThread(home.store, four);
  const writer = await home.another().open(await find(home, threadId));
  for (const act of ['archive', 'unarchive', 'delete'] as const)
    await t.rejects(async () => home.store[act](await find(home, threadId)), {
      message: `thread ${threadId} already has an active writer`,
    });
  await writer.close();
});

t.test('finding: by id, by the id inside, by path', async (t) => {
  const home = makeHome(t);
  const file = home.put(id(1), [meta(id(1)), user('x')]);
  home.put(id(3), [meta(id(4)), user('x')]);
  home.put(id(5), [meta(id(5)), user('x')], { name: `rollout-${id(5)}.jsonl` });
  home.put(id(6), [meta(id(6)), user('x')], { name: `other-${id(6)}.jsonl` });
  t.match(await home.store.find(id(1)), { id: id(1), path: file });
  t.match(await home.store.find(id(4)), { id: id(4), path: /0003\.jsonl$/ }, 'the id inside wins over the name');
  t.match(await home.store.find(id(5)), { id: id(5) }, 'without a time: readable by id');
  t.notOk(
    home.store.all().some((files) => files.id === id(5)),
    'but not listed',
  );
  t.equal(await home.store.find(id(6)), null, 'another prefix is invisible');
  t.equal(await home.store.find(id(99)), null);
  t.match(await home.store.at(file), { id: id(1), path: file });
  t.match(await home.store.at(path.relative(home.path, file)), { id: id(1) }, 'relative to the home');
  const outside = path.join(home.path, 'any name');
  fs.copyFileSync(file, outside);
  t.match(await home.store.at(outside), { id: id(1), path: outside, segments: [outside] });
  const none = path.resolve('/none');
  await t.rejects(home.store.at(none), {
    message: `failed to resolve rollout path \`${none}\`: file does not exist`,
  });
  await t.rejects(home.store.at(home.path), {
    message: `failed to resolve rollout path \`${home.path}\`: path is a directory`,
  });
  home.put(id(7), [meta(id(7)), user('x')]);
  t.match(await home.store.find(id(7)), { id: id(7) }, 'a file that has just appeared');
});

t.test('items from before the first turn are part of forks, and stay when that turn is reverted', async (t) => {
  const home = makeHome(t);
  const threadId = newId();
  const source = await home.store.create(metaOf(threadId, { timestamp: now(), history_mode: 'paginated' }));
  source.append([user('injected')]);
  const texts = async (id: string): Promise<string[]> => {
    const { items } = await (await home.store.history(await find(home, id))).modelHistory();
    return items.map((item) => JSON.stringify(item).match(/injected|q1/)?.[0] ?? '');
  };
  const forked = async (end: number | null): Promise<string[]> => {
    const fork = await home.store.fork(await find(home, threadId), metaOf(newId(), { timestamp: now() }), end);
    await fork.close();
    return texts(fork.id);
  };
  t.strictSame(await forked(null), ['injected'], 'without any turn');
  source.append(turnOf(threadId, 'T1', 'q1', 'a1'));
  t.strictSame(await forked(0), ['injected'], 'before the first turn');
  const writer = await home.store.revert(source, 'T1');
  t.strictSame(await texts(threadId), ['injected']);
  await writer.close();
});
