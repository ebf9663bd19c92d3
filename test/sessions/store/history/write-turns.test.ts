import t from 'tap';
import { createKeptTurns } from '../../../../server/sessions/store/history/kept-turns.js';
import type { ThreadFiles } from '../../../../server/sessions/store/records/thread-store.js';
import { newId } from '../../../../server/sessions/store/records/thread-id.js';
import {
  AT,
  allTurns,
  answeredTurns,
  completed,
  exchange,
  id,
  makeHome,
  meta,
  metaOf,
  started,
  turnOf,
  turnsIn,
  writeThread,
  type Home,
  type Line,
} from '../support.js';

const ID = id(1);

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

t.test('a turn from memory replaces the one that was read, or follows the others', async (t) => {
  const home = makeHome(t);
  home.put(ID, [meta(ID), ...legacyTurn('T1', '1'), ...legacyTurn('T2', '2')]);
  const { history, kept } = await opened(home);
  const written = await history.writtenTurns(kept);
  const [first] = await history.turns(0, 1, 'notLoaded');
  if (first === undefined) throw new Error('no turn');
  written.put({ ...first, status: 'inProgress' });
  written.put({ ...first, id: 'T3' });
  written.put({ ...first, id: 'T3', status: 'failed' });
  t.match(turnsIn(written), [
    { id: 'T1', status: 'inProgress', items: [] },
    { id: 'T2', items: { length: 2 } },
    { id: 'T3', status: 'failed' },
  ]);
});

t.test('only the turns before an index, read or kept', async (t) => {
  const home = makeHome(t);
  home.put(ID, [meta(ID), ...legacyTurn('T1', '1'), ...legacyTurn('T2', '2'), ...legacyTurn('T3', '3')]);
  const { history, kept } = await opened(home);
  const all = await history.turns(0, 3, 'full');
  for (const [to, count] of [
    [2, 2],
    [0, 0],
    [9, 3],
  ] as const)
    t.strictSame(turnsIn(await history.writtenTurns(createKeptTurns(), to)), all.slice(0, count), String(to));
  t.strictSame(turnsIn(await history.writtenTurns(kept, 1)), all.slice(0, 1));
});

t.test('a fork has the turns of both files', async (t) => {
  const home = makeHome(t);
  const source = await writeThread(home.store, [
    ['T1', 'q', 'a'],
    ['T2', 'q2', 'a2'],
  ]);
  const fork = newId();
  const writer = await home.store.fork(await find(home, source), metaOf(fork, { timestamp: AT }), 1);
  writer.append(turnOf(fork, 'T3', 'q3', 'a3'));
  await writer.close();
  const turns = await answeredTurns(home.another(), fork);
  t.match(turns, [
    { id: 'T1', items: { length: 2 } },
    { id: 'T3', items: { length: 2 } },
  ]);
  t.strictSame(turns, await allTurns(home.another(), fork));
});
