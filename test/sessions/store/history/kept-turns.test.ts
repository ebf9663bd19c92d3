import { open } from 'node:fs/promises';
import fs from 'node:fs';
import t from 'tap';
import { createKeptTurns } from '../../../../server/sessions/store/history/kept-turns.js';
import type { ThreadFiles } from '../../../../server/sessions/store/records/thread-store.js';
import {
  agentEvent,
  allTurns,
  answeredTurns,
  completed,
  event,
  exchange,
  id,
  itemEvent,
  agentItem,
  makeHome,
  meta,
  started,
  text,
  turnOf,
  turnsIn,
  userEvent,
  type Home,
  type Line,
} from '../support.js';

const ID = id(1);
const P = { history_mode: 'paginated' } as const;

async function opened(home: Home) {
  const kept = createKeptTurns();
  return { history: await home.store.history(await find(home, ID), kept), kept };
}

async function find(home: Home, threadId: string): Promise<ThreadFiles> {
  const files = await home.store.find(threadId);
  if (files === null) throw new Error(`there is no thread ${threadId}`);
  return files;
}

const legacyTurn = (turn: string, words: string): Line[] => [
  started(turn),
  ...exchange(`question ${words}`, `answer ${words}`),
  completed(turn),
];

for (const paginated of [false, true]) {
  t.test(`an answer with all turns reads the file once (${paginated ? 'paginated' : 'legacy'})`, async (t) => {
    const home = makeHome(t);
    const turns = Array.from({ length: 40 }, (_, i) => `T${i}`);
    const words = 'word '.repeat(20_000);
    const lines = turns.flatMap((turn) => (paginated ? turnOf(ID, turn, 'q', words) : legacyTurn(turn, words)));
    const file = home.put(ID, [meta(ID, paginated ? P : {}), ...lines], { paginated });
    const handle = await open(file);
    const shared = Object.getPrototypeOf(handle) as { read: (...args: unknown[]) => Promise<{ bytesRead: number }> };
    await handle.close();
    const { read } = shared;
    let bytes = 0;
    shared.read = async function (this: unknown, ...args) {
      const result = await read.apply(this, args);
      bytes += result.bytesRead;
      return result;
    };
    t.teardown(() => {
      shared.read = read;
    });
    t.equal((await answeredTurns(home.store, ID)).length, turns.length);
    const { size } = fs.statSync(file);
    t.ok(size > 4 * 1024 * 1024);
    t.equal(bytes, size);
  });
}

t.test('what follows the pass counts: records that were appended, and turns that were taken back', async (t) => {
  const home = makeHome(t);
  const file = home.put(ID, [meta(ID), ...legacyTurn('T1', '1'), started('T2'), ...exchange('q', 'a')]);
  const { history, kept } = await opened(home);
  const more = [
    agentEvent('more'),
    completed('T2'),
    ...legacyTurn('T3', '3'),
    ...legacyTurn('T4', '4'),
    event({ type: 'thread_rolled_back', num_turns: 2 }),
    userEvent('at last'),
  ];
  fs.appendFileSync(file, `${text(more, false)}\n`);
  await history.refresh();
  const turns = turnsIn(await history.writtenTurns(kept));
  t.strictSame(turns, await allTurns(home.another(), ID));
  t.match(turns, [{ id: 'T1' }, { id: 'T2', items: { length: 3 } }, { items: { length: 1 } }]);
});

t.test('a turn whose end or item came later than the next turn is whole', async (t) => {
  const home = makeHome(t);
  const lines = [
    meta(ID, P),
    ...turnOf(ID, 'T1', 'q', 'a').slice(0, -1),
    ...turnOf(ID, 'T2', 'q2', 'a2'),
    itemEvent(ID, 'T1', agentItem('late', 'later')),
    completed('T1', { completed_at: 9 }),
  ];
  home.put(ID, lines, { paginated: true });
  const turns = await answeredTurns(home.store, ID);
  t.strictSame(turns, await allTurns(home.another(), ID));
  t.match(turns, [{ completedAt: 9, items: { length: 3 } }, { items: { length: 2 } }]);
});
