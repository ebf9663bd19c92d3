/** No complete record is lost, whatever is between the records and wherever the file was cut. */
import fs from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { allTurns, id, itemEvent, agentItem, makeHome, meta, started, text, user, type Home } from './support.js';

const ID = id(1);

/** Texts that may be between two records; none of them is a record. */
const junk = fc.oneof(
  fc.constant(''),
  fc.string({ unit: 'binary', maxLength: 40 }).map((noise) => noise.replace(/[\r\n{]/g, ' ')),
  fc
    .integer({ min: 1, max: 80 })
    .map((length) => text([itemEvent(ID, 'T', agentItem('cut', 'x'))], false).slice(0, length)),
  fc.constant('{"type":"event_msg"}'),
  fc.constant('[1,2]'),
  fc.constant(
    '{"timestamp":"x","ordinal":1,"type":"event_msg","payload":{"type":"item_completed","thread_id":"x","turn_id":"T","item":{"type":"AgentMessage","id":"torn"}',
  ),
);

async function itemsRead(home: Home): Promise<string[]> {
  const turns = await allTurns(home.another(), ID);
  return turns.flatMap((turn) => turn.items.map((item) => item.id));
}

t.test('every complete record between garbage is read, in order', async (t) => {
  const home = makeHome(t);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(junk, { maxLength: 3 }), { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n'),
      async (gaps, eol) => {
        const lines = [meta(ID, { history_mode: 'paginated' }), started('T')];
        const expected = gaps.map((_, n) => `item-${n}`);
        const all = [
          ...lines,
          ...gaps.flatMap((gap, n) => [...gap, itemEvent(ID, 'T', agentItem(`item-${n}`, 'words'))]),
        ];
        home.put(ID, all, { paginated: true, eol });
        const read = await itemsRead(home);
        return JSON.stringify(read) === JSON.stringify(expected);
      },
    ),
    { numRuns: 150 },
  );
});

t.test('a file that was cut anywhere and continued keeps its complete records and gets the new ones', async (t) => {
  const home = makeHome(t);
  const lines = [
    meta(ID, { history_mode: 'paginated' }),
    started('T'),
    ...[0, 1, 2, 3].map((n) => itemEvent(ID, 'T', agentItem(`item-${n}`, 'é'.repeat(n)))),
  ];
  const whole = Buffer.from(`${text(lines, true)}\n`);
  const head = whole.indexOf('\n') + 1;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: head, max: whole.length }), async (cut) => {
      const file = home.put(ID, []);
      fs.writeFileSync(file, whole.subarray(0, cut));
      const before = (await itemsRead(home)).length;
      const store = home.another();
      const writer = await store.open((await store.find(ID)) as never);
      writer.append([started('T2'), itemEvent(ID, 'T2', agentItem('added', 'x')), user('x')]);
      await writer.close();
      const bytes = fs.readFileSync(file);
      const kept = bytes.subarray(0, cut).equals(whole.subarray(0, cut));
      const after = await itemsRead(home);
      const ends = whole.subarray(0, cut).toString('latin1').split('"item":').length - 1;
      return kept && after.at(-1) === 'added' && after.length === before + 1 && before >= ends - 1;
    }),
    { numRuns: 60 },
  );
});
