/** After a restart: all acknowledged work exists once, and everything can be read and continued. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { ServerError, type Client } from '../../../clients/typescript/index.js';
import type { ThreadItem } from '../../../schema/protocol/threads/item.js';
import type { Turn } from '../../../schema/protocol/threads/turn.js';
import type { ModelServer } from '../../fixtures/model-server.js';
import { turnsOf, type Entry, type KnownThread, type Ledger, type Pending } from './ledger.js';

/** Compares a thread with the ledger, and takes into the ledger what became of the request that was not answered. */
export async function checkThread(client: Client, thread: KnownThread): Promise<void> {
  const { pending, id: threadId } = thread;
  thread.pending = null;
  thread.loaded = false;
  const read = await readThread(client, threadId);
  if (read === null) {
    assert.ok(!thread.stored || pending?.kind === 'delete', `${threadId} is gone: ${describe(thread, pending)}`);
    thread.deleted = true;
    return;
  }
  if (pending?.kind === 'delete') {
    // Whole or partly gone (a thread may have several files): it can be read, and the same call finishes.
    await allTurns(client, threadId);
    if (await deleteThread(client, threadId)) {
      assert.equal(await readThread(client, threadId), null, `${threadId} was deleted, and is back`);
      thread.deleted = true;
      return;
    }
  }
  thread.stored = true;
  settleName(thread, pending, read.name ?? null);
  settlePlace(thread, pending, read.path ?? '');
  const turns = await allTurns(client, threadId);
  const { turns: shown } = (await client.request('thread/read', { threadId, includeTurns: true })).thread;
  assert.deepEqual(
    shown.map(({ id }) => id),
    turns.map(({ id }) => id),
    `thread/read and turns/list of ${threadId}`,
  );
  settleTurns(thread, pending, turns);
  compareTurns(thread, turns);
  if (thread.mode === 'paginated') await compareItems(client, thread);
}

/** The lock of the dead daemon is gone, and the thread can be continued. */
export async function resumeThread(client: Client, thread: KnownThread): Promise<void> {
  if (thread.archived || thread.deleted) return;
  const { thread: resumed } = await client.request('thread/resume', { threadId: thread.id });
  thread.loaded = true;
  assert.deepEqual(
    resumed.turns.map(({ id }) => id),
    turnsOf(thread).map(({ turnId }) => turnId),
    `turns of ${thread.id} as resumed`,
  );
}

/** Runs a turn and looks at what the model is sent: everything that was said, once, in its order. */
export async function checkModelHistory(
  client: Client,
  thread: KnownThread,
  model: ModelServer,
  text: string,
): Promise<void> {
  const { id: threadId } = thread;
  const before = model.requests.length;
  const done = new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`no turn in ${threadId}`)), 20_000);
    const off = client.onNotification('turn/completed', (params) => {
      if (params.threadId !== threadId) return;
      clearTimeout(limit);
      off();
      resolve(params.turn.id);
    });
  });
  await client.request('turn/start', { threadId, input: [{ type: 'text', text, text_elements: [] }] });
  const turnId = await done;
  thread.touched = true;
  thread.entries.push({ text, kind: 'message', turnId, items: [], completed: true, uncertain: false });
  const request = model.requests.slice(before).find(({ body }) => JSON.stringify(body['input']).includes(text));
  assert.ok(request, `the model was not asked in ${threadId}`);
  const sent = JSON.stringify(request.body['input']);
  const places = thread.entries.flatMap((entry) => {
    const place = sent.indexOf(entry.text);
    assert.ok(place >= 0 || entry.uncertain, `the model of ${threadId} does not see ${entry.text} (${entry.kind})`);
    if (entry.kind !== 'shell' && place >= 0)
      assert.equal(sent.indexOf(entry.text, place + 1), -1, `${entry.text} is doubled for the model of ${threadId}`);
    return place < 0 ? [] : [place];
  });
  assert.deepEqual(
    places,
    places.slice().sort((a, b) => a - b),
    `order of what the model of ${threadId} sees`,
  );
}

/**
 * The lists hold every thread that has something to show, once, and no other. Returns ids that the ledger does not
 * know.
 */
export async function checkLists(client: Client, ledger: Ledger): Promise<string[]> {
  const unknown: string[] = [];
  for (const archived of [false, true]) {
    const ids = await listed(client, archived);
    assert.equal(new Set(ids).size, ids.length, `a thread is listed twice: ${ids.join(' ')}`);
    unknown.push(...ids.filter((id) => !ledger.threads.has(id)));
    for (const thread of ledger.threads.values()) {
      if (thread.pending !== null) continue;
      const expected = !thread.deleted && thread.archived === archived;
      const isListed = ids.includes(thread.id);
      if (!expected) assert.ok(!isListed, `${thread.id} is listed (archived ${archived}): ${describe(thread, null)}`);
      else if (thread.entries.some(({ kind, uncertain }) => kind === 'message' && !uncertain))
        assert.ok(isListed, `${thread.id} is not listed (archived ${archived}): ${describe(thread, null)}`);
    }
  }
  assert.ok(unknown.length <= ledger.unanswered, `threads that nobody asked for: ${unknown.join(' ')}`);
  return unknown;
}

/** Every complete line of every rollout is a record. With `mended`, there is no incomplete one either. */
export function checkFiles(home: string, { mended }: { readonly mended: boolean }): number {
  const files = ['sessions', 'archived_sessions'].flatMap((name) => rollouts(path.join(home, name)));
  for (const file of files) {
    const lines = fs.readFileSync(file, 'utf8').split('\n');
    const last = lines.pop();
    if (mended) assert.equal(last, '', `${file} ends in the middle of a line`);
    for (const [index, line] of lines.entries())
      assert.doesNotThrow(() => void JSON.parse(line), `${file}:${index + 1} is no record: ${line.slice(0, 200)}`);
  }
  return files.length;
}

export async function listed(client: Client, archived: boolean): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const page: { data: { id: string }[]; nextCursor: string | null } = await client.request('thread/list', {
      archived,
      limit: 100,
      cursor,
      modelProviders: [],
    });
    ids.push(...page.data.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  return ids;
}

async function readThread(client: Client, threadId: string) {
  try {
    return (await client.request('thread/read', { threadId })).thread;
  } catch (error) {
    if (error instanceof ServerError && error.message === `thread not loaded: ${threadId}`) return null;
    throw error;
  }
}

/** False: a fork prevents it. */
export async function deleteThread(client: Client, threadId: string): Promise<boolean> {
  try {
    await client.request('thread/delete', { threadId });
    return true;
  } catch (error) {
    if (error instanceof ServerError && /forked history still references it/.test(error.message)) return false;
    throw error;
  }
}

export async function allTurns(client: Client, threadId: string): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const page: { data: Turn[]; nextCursor: string | null } = await client.request('thread/turns/list', {
      threadId,
      cursor,
      limit: 100,
      itemsView: 'full',
      sortDirection: 'asc',
    });
    turns.push(...page.data);
    cursor = page.nextCursor;
  }
  return turns;
}

function settleName(thread: KnownThread, pending: Pending | null, name: string | null): void {
  if (pending?.kind === 'name' && pending.name === name) thread.name = name;
  assert.equal(name, thread.name, `name of ${thread.id}: ${describe(thread, pending)}`);
}

function settlePlace(thread: KnownThread, pending: Pending | null, file: string): void {
  const archived = file.includes(`${path.sep}archived_sessions${path.sep}`);
  if (pending?.kind === 'move') thread.archived = archived;
  assert.equal(archived, thread.archived, `place of ${thread.id}: ${describe(thread, pending)}`);
}

/** Unfinished work may exist or not; earlier acknowledged work stays. */
function settleTurns(thread: KnownThread, pending: Pending | null, turns: readonly Turn[]): void {
  if (pending?.kind === 'revert') {
    const dropped = thread.entries[pending.keep]?.turnId;
    if (!turns.some(({ id }) => id === dropped)) thread.entries.length = pending.keep;
  }
  if (pending?.kind !== 'say') return;
  const told = thread.entries.find(({ text }) => text === pending.text);
  if (told !== undefined) {
    told.uncertain = true;
    return;
  }
  const last = turns.at(-1);
  const known = last === undefined || thread.entries.some(({ turnId }) => turnId === last.id);
  if (pending.how === 'injected' || known) {
    // Whether the model knows of it is seen when it is asked.
    if (pending.how === 'injected') thread.entries.push(entryOf(pending, null));
    return;
  }
  thread.entries.push(entryOf(pending, last.id));
}

const entryOf = ({ text, how }: Extract<Pending, { kind: 'say' }>, turnId: string | null): Entry => ({
  text,
  kind: how,
  turnId,
  items: [],
  completed: false,
  uncertain: true,
});

function compareTurns(thread: KnownThread, turns: readonly Turn[]): void {
  const known = turnsOf(thread);
  assert.deepEqual(
    turns.map(({ id }) => id),
    known.map(({ turnId }) => turnId),
    `turns of ${thread.id}: ${describe(thread, null)}`,
  );
  for (const [index, entry] of known.entries()) {
    const turn = turns[index] as Turn;
    assert.notEqual(turn.status, 'inProgress', `${thread.id} turn ${turn.id}`);
    if (entry.completed) assert.equal(turn.status, 'completed', `${thread.id} turn ${turn.id}`);
    const found = turn.items;
    for (const item of entry.items) {
      if (thread.mode === 'legacy' && item.type !== 'userMessage' && item.type !== 'agentMessage') continue;
      const same = found.filter((other) =>
        thread.mode === 'legacy' ? textOf(other) === textOf(item) : other.id === item.id,
      );
      assert.equal(same.length, 1, `${item.type} ${item.id} of ${thread.id} is there ${same.length} times`);
      assert.equal(textOf(same[0] as ThreadItem), textOf(item), `${item.type} ${item.id} of ${thread.id}`);
    }
  }
}

async function compareItems(client: Client, thread: KnownThread): Promise<void> {
  const ids: string[] = [];
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const page: { data: { item: { id: string } }[]; nextCursor: string | null } = await client.request(
      'thread/items/list',
      { threadId: thread.id, cursor, limit: 100, sortDirection: 'asc' },
    );
    ids.push(...page.data.map(({ item }) => item.id));
    cursor = page.nextCursor;
  }
  assert.equal(new Set(ids).size, ids.length, `an item of ${thread.id} is listed twice`);
  const expected = thread.entries.flatMap(({ items }) => items.map(({ id }) => id));
  assert.deepEqual(
    ids.filter((id) => expected.includes(id)),
    expected,
    `items of ${thread.id}`,
  );
}

function textOf(item: ThreadItem): string {
  if (item.type === 'userMessage')
    return item.content.map((part) => (part.type === 'text' ? part.text : part.type)).join('');
  if (item.type === 'agentMessage') return item.text;
  if (item.type === 'commandExecution') return `${item.status} ${item.aggregatedOutput}`;
  return item.type;
}

const describe = (thread: KnownThread, pending: Pending | null): string =>
  JSON.stringify({
    ...thread,
    entries: thread.entries.map(({ text, kind, turnId, uncertain }) => [text, kind, turnId, uncertain]),
    asked: pending,
  });

function rollouts(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => path.join(folder, name));
}
