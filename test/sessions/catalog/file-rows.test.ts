/** The ways to a row stay true while files come, move and go. */
import t from 'tap';
import type { RowHead } from '../../../server/sessions/catalog/file-row.js';
import { FileRows } from '../../../server/sessions/catalog/file-rows.js';
import { readHeadOf, uid } from './row-support.js';

const NAME = `rollout-2025-10-01T10-00-01-${uid(1)}.jsonl`;
const folder = (path: string, archived = false) => ({ path, archived });
const head: RowHead = readHeadOf(1, 'hello');

t.test('a name that is no rollout’s is not added', async (t) => {
  t.equal(new FileRows().add(folder('/a'), 'notes.txt'), null);
});

t.test('a moved file: its id leads to the new row, before and after the old one is gone', async (t) => {
  const rows = new FileRows();
  const old = rows.add(folder('/a'), NAME)!;
  t.equal(rows.byFileId(uid(1)), old);
  const moved = rows.add(folder('/archived', true), NAME)!;
  t.equal(rows.byFileId(uid(1)), moved);
  rows.remove(old);
  t.equal(rows.byFileId(uid(1)), moved);
  t.equal(rows.knows(old), false);
  t.equal(rows.knows(moved), true);
  rows.remove(moved);
  t.equal(rows.byFileId(uid(1)), undefined);
});

t.test('a compressed file does not hide its plain form, and takes its place afterwards', async (t) => {
  const rows = new FileRows();
  const plain = rows.add(folder('/a'), NAME)!;
  const packed = rows.add(folder('/a'), `${NAME}.zst`)!;
  t.equal(rows.byFileId(uid(1)), plain);
  rows.remove(plain);
  t.equal(rows.byFileId(uid(1)), packed);
});

t.test('the live rows change with what was read, and only then', async (t) => {
  const rows = new FileRows();
  const row = rows.add(folder('/a'), NAME)!;
  t.strictSame(rows.live(), []);
  rows.setHead(row, head);
  const { changes } = rows;
  t.equal(rows.live()[0], row);
  rows.setHead(row, { ...head });
  t.equal(rows.changes, changes, 'the same was read again');
  rows.setHead(row, readHeadOf(2, 'other'));
  t.strictSame(rows.ofThread(head.meta.id), []);
  t.equal(rows.ofThread(readHeadOf(2, '').meta.id)[0], row);
  t.ok(rows.changes > changes);
  rows.remove(row);
  t.strictSame([rows.live(), [...rows.all()], rows.inFolder('/a'), rows.inFolder('/nowhere')], [[], [], [], []]);
});
