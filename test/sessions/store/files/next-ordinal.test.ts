import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { ordinalAfter } from '../../../../server/sessions/store/files/next-ordinal.js';
import { allTurns, AT, brief, event, id, makeHome, meta, started, text, user, type Line } from '../support.js';

const META = meta(id(1), { history_mode: 'paginated' });
const item = (turnId: string, itemId: string, words: string): Line =>
  event({
    type: 'item_completed',
    thread_id: id(1),
    turn_id: turnId,
    item: { type: 'AgentMessage', id: itemId, content: [{ type: 'Text', text: words }] },
  });
const numbered = (ordinal: number, line: Line): string => JSON.stringify({ timestamp: AT, ordinal, ...line });
const plain = (line: Line): string => text([line], false);
const long = plain(user('x'.repeat(100_000)));

const files: readonly [string, string, number, number][] = [
  ['nothing', '', 0, 0],
  ['a last record with an ordinal', `${numbered(0, META)}\n${numbered(41, user('a'))}\n`, 0, 42],
  [
    'two records without behind it',
    `${numbered(0, META)}\n${numbered(41, user('a'))}\n${plain(user('b'))}\n${plain(user('c'))}\n`,
    0,
    44,
  ],
  [
    'blank, damaged and unknown lines, which do not count',
    `${numbered(7, META)}\n\ngarbage\n${plain({ type: 'new_kind', payload: {} })}\n${plain(user('b'))}\n{"timestamp":"x","or`,
    0,
    9,
  ],
  ['no ordinal at all', `${plain(META)}\n${plain(user('a'))}`, 0, 2],
  ['no ordinal at all in a fork', `${plain(META)}\n${plain(user('a'))}\n`, 30, 32],
  ['more without than one read has', `${numbered(5, META)}\n${`${long}\n`.repeat(4)}`, 0, 10],
  [
    'a last line that is longer than one read',
    `${numbered(5, META)}\n${numbered(6, user('x'.repeat(300_000)))}\n`,
    0,
    7,
  ],
  ['line ends of Windows', `${numbered(5, META)}\r\n${plain(user('a'))}\r\n`, 0, 7],
];
for (const [name, content, first, next] of files) {
  t.test(`the next ordinal after ${name}`, (t) => {
    const file = path.join(t.testdir({}), 'rollout');
    fs.writeFileSync(file, content);
    const fd = fs.openSync(file, 'r');
    t.teardown(() => fs.closeSync(fd));
    t.equal(ordinalAfter(fd, content.length, first), next);
    t.equal(ordinalAfter(fd, content.length + 1000, first), next, 'also when the file became shorter');
    t.end();
  });
}

t.test('a file with records without ordinals is read whole and continued behind them', async (t) => {
  const home = makeHome(t);
  const file = home.put(id(1), [
    numbered(0, META),
    numbered(40, started('T1')),
    numbered(41, item('T1', 'i1', 'one')),
    plain(item('T1', 'i2', 'two')),
    plain(item('T1', 'i3', 'three')),
    plain(started('T2')),
    plain(item('T2', 'i4', 'four')),
  ]);
  const found = await home.store.find(id(1));
  if (found === null) throw new Error('not found');
  const writer = await home.store.open(found);
  t.equal(writer.nextOrdinal, 46);
  writer.append([item('T2', 'i5', 'five'), started('T3'), item('T3', 'i6', 'six')]);
  await writer.close();
  t.match(fs.readFileSync(file, 'utf8'), /"ordinal":46,.*\n.*"ordinal":47,.*\n.*"ordinal":48,/);
  t.strictSame(
    (await allTurns(home.another(), id(1))).map((turn) => turn.items.map((one) => one.id)),
    [['i1', 'i2', 'i3'], ['i4', 'i5'], ['i6']],
  );
  t.equal(brief(await allTurns(home.store, id(1))).length, 3);
});
