import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { NO_FILTER } from '../../../server/sessions/catalog/thread-query.js';
import type { Catalog } from '../../../server/sessions/catalog/catalog.js';
import { line, meta, openCatalog, put, rolloutFile, uid, user } from './support.js';
import { isForUserAlone } from '../../fixtures/for-user-alone.js';

const QUERY = { sortKey: 'created_at', descending: true, limit: 100, cursor: null, knownOnly: false } as const;

async function rows(catalog: Catalog, archived = false): Promise<string[]> {
  const { rows: found } = await catalog.page({ ...QUERY, filter: { ...NO_FILTER, archived } });
  return found.map(({ head }) => `${head.id.slice(-2)} ${head.preview} ${path.basename(head.files.path)}`);
}
const brief = async (catalog: Catalog): Promise<string[]> =>
  (await rows(catalog)).map((row) => row.split(' rollout-')[0] ?? '');

t.test('the list follows files that other programs create, write, replace and remove', async (t) => {
  const home = t.testdir();
  const catalog = openCatalog(home);
  t.strictSame(await brief(catalog), []);
  put(home, 1, [meta(1), user('one')]);
  t.strictSame(await brief(catalog), ['01 one'], 'made');
  put(home, 2, [meta(2)]);
  t.strictSame(await brief(catalog), ['01 one'], 'made, with nothing said in it');
  fs.appendFileSync(rolloutFile(home, 2), `${user('two')}\n`);
  t.strictSame(await brief(catalog), ['02 two', '01 one'], 'grown');
  put(home, 1, [meta(1), user('quite another message')]);
  t.strictSame(await brief(catalog), ['02 two', '01 quite another message'], 'written anew in place');
  fs.writeFileSync(rolloutFile(home, 2), 'garbage');
  t.strictSame(await brief(catalog), ['01 quite another message'], 'spoiled');
  fs.rmSync(rolloutFile(home, 1));
  t.strictSame(await brief(catalog), [], 'removed');
  put(home, 3, [meta(3), user('three').slice(0, -3)]);
  t.strictSame(await brief(catalog), [], 'a message that is cut off');
  put(home, 3, [meta(3), user('three')], { archived: true });
  fs.rmSync(rolloutFile(home, 3));
  t.strictSame([await brief(catalog), (await rows(catalog, true)).length], [[], 1], 'moved');
  await catalog.close();
});

t.test('a thread is one row, however many segments it has', async (t) => {
  const home = t.testdir();
  const segments = ['0199bbbb-0000-7000-8000-000000000001', '0199bbbb-0000-7000-8000-000000000002'] as const;
  const item = (text: string): string =>
    line(
      'event_msg',
      {
        type: 'item_completed',
        thread_id: uid(1),
        turn_id: 't',
        item: { type: 'UserMessage', id: 'u', content: [{ type: 'text', text }] },
      },
      1,
    );
  const paginated = { history_mode: 'paginated' };
  const first = put(home, 1, [meta(1, paginated), item('the first message')]);
  const base = { thread_id: uid(1), end_ordinal_exclusive: 2, end_byte_offset: fs.statSync(first).size };
  put(home, 1, [meta(1, { ...paginated, history_base: base })], { segment: segments[0] });
  put(home, 1, [meta(1, { ...paginated, history_base: base }), item('said after the revert')], {
    segment: segments[1],
  });
  put(home, 2, [meta(2, { ...paginated, forked_from_id: uid(1), history_base: base })]);
  const catalog = openCatalog(home);
  t.strictSame(
    await rows(catalog),
    [
      `02 the first message ${path.basename(rolloutFile(home, 2))}`,
      `01 the first message ${path.basename(rolloutFile(home, 1, { segment: segments[1] }))}`,
    ],
    'the newest segment is the live one, and what it goes on from is not forgotten',
  );
  await catalog.close();
});

t.test('a fork is listed with its source’s first message, in whatever folder the source is', async (t) => {
  const home = t.testdir();
  const catalog = openCatalog(home);
  const said = { type: 'UserMessage', id: 'u', content: [{ type: 'text', text: 'from the source' }] };
  const source = put(home, 1, [
    meta(1, { history_mode: 'paginated' }),
    line('event_msg', { type: 'item_completed', thread_id: uid(1), turn_id: 't', item: said }, 1),
  ]);
  const base = { thread_id: uid(1), end_ordinal_exclusive: 2, end_byte_offset: fs.statSync(source).size };
  t.strictSame(await brief(catalog), ['01 from the source']);
  // Moves the file away and back, and checks the list after each move. On the way back the file is seen in its new
  // folder before it is missed in the old one.
  const away = rolloutFile(home, 1, { archived: true });
  fs.mkdirSync(path.dirname(away), { recursive: true });
  for (const [from, to] of [
    [source, away],
    [away, source],
  ] as const) {
    fs.renameSync(from, to);
    await brief(catalog);
  }
  put(home, 2, [meta(2, { history_mode: 'paginated', history_base: base })]);
  t.strictSame(await brief(catalog), ['02 from the source', '01 from the source']);
  await catalog.close();
});

t.test('a saved index that is damaged, old or of another home is ignored', async (t) => {
  const home = t.testdir();
  put(home, 1, [meta(1), user('one')]);
  const first = openCatalog(home);
  const expected = await rows(first);
  await first.close();
  const cache = path.join(home, 'codexd', 'thread-index.jsonl');
  const saved = fs.readFileSync(cache, 'utf8');
  t.ok(await isForUserAlone(cache));
  for (const [title, text] of [
    ['as it was', saved],
    ['cut off', saved.slice(0, -10)],
    ['with another preview', saved.replace('"one"', '"two"')],
    ['of another version', saved.replace('"version":1', '"version":99')],
    ['empty', ''],
    ['garbage', '\u0000\n\n{}'],
  ] as const) {
    fs.writeFileSync(cache, text);
    const again = openCatalog(home);
    t.strictSame(await rows(again), expected, title);
    await again.close();
  }
});

t.test('files that changed while no daemon was running are found', async (t) => {
  const home = t.testdir();
  for (const n of [1, 2, 3]) put(home, n, [meta(n), user(`t${n}`)], { mtimeMs: 1_700_000_000_000 });
  fs.utimesSync(path.dirname(rolloutFile(home, 1)), 1_700_000_000, 1_700_000_000);
  const first = openCatalog(home);
  await rows(first);
  await first.close();
  fs.appendFileSync(rolloutFile(home, 1), `${user('more')}\n`);
  put(home, 2, [meta(2), user('other text in the same file')]);
  fs.rmSync(rolloutFile(home, 3));
  put(home, 4, [meta(4), user('new')], { day: '2025/10/02' });
  const second = openCatalog(home);
  t.strictSame(await brief(second), ['04 new', '02 other text in the same file', '01 t1']);
  await second.close();
});

t.test('the index of a daemon always equals a new one', async (t) => {
  const number = fc.integer({ min: 1, max: 5 });
  const step = fc.oneof(
    fc.record({ do: fc.constant('put' as const), n: number, text: fc.constantFrom('', 'a', 'b') }),
    fc.record({ do: fc.constant('grow' as const), n: number, text: fc.constantFrom('c', 'd') }),
    fc.record({ do: fc.constant('archive' as const), n: number }),
    fc.record({ do: fc.constant('remove' as const), n: number }),
    fc.record({ do: fc.constant('spoil' as const), n: number }),
    fc.record({ do: fc.constant('list' as const), n: number }),
    fc.record({ do: fc.constant('restart' as const), n: number }),
  );
  const scratch = t.testdir();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const home = path.join(scratch, String(run++));
      fs.mkdirSync(home);
      let catalog = openCatalog(home);
      const other = openCatalog(home);
      for (const { n, ...what } of steps) {
        const file = rolloutFile(home, n);
        const there = fs.existsSync(file);
        if (what.do === 'put') put(home, n, [meta(n), ...(what.text === '' ? [] : [user(what.text)])]);
        else if (what.do === 'list') await rows(n % 2 === 0 ? catalog : other);
        else if (what.do === 'restart') {
          await catalog.close();
          catalog = openCatalog(home);
        } else if (!there) continue;
        else if (what.do === 'grow') fs.appendFileSync(file, `${user(what.text)}\n`);
        else if (what.do === 'spoil') fs.writeFileSync(file, `${meta(n).slice(0, 40)}\n`);
        else if (what.do === 'remove') fs.rmSync(file);
        else {
          const archived = rolloutFile(home, n, { archived: true });
          fs.mkdirSync(path.dirname(archived), { recursive: true });
          fs.renameSync(file, archived);
        }
      }
      const seen = await Promise.all([catalog, other].flatMap((one) => [rows(one), rows(one, true)]));
      fs.rmSync(path.join(home, 'codexd', 'thread-index.jsonl'), { force: true });
      const fresh = openCatalog(home);
      const expected = await Promise.all([rows(fresh), rows(fresh, true)]);
      await Promise.all([catalog.close(), other.close(), fresh.close()]);
      t.strictSame(seen, [...expected, ...expected], JSON.stringify(steps));
    }),
    { numRuns: 40, seed: 4 },
  );
});
