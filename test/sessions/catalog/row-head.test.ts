/** The first message of a thread, also where it is in the file of an ancestor, or too long for a list. */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { FileRow } from '../../../server/sessions/catalog/file-row.js';
import { readRowHead, wholePreview } from '../../../server/sessions/catalog/row-head.js';
import { rowOf } from './row-support.js';
import { meta, put, uid, user } from './support.js';

const rowAt = (file: string, n: number): FileRow =>
  rowOf(n, { folder: path.dirname(file), name: path.basename(file), head: null });

t.test('a long message is shortened, and found whole again', async (t) => {
  const row = rowAt(put(t.testdir(), 1, [meta(1), user('x'.repeat(1000))]), 1);
  row.head = readRowHead(row, 7, () => undefined);
  t.match(row.head, { cut: true, preview: 'x'.repeat(300), createdAtMs: Date.parse('2025-10-01T10:00:00.000Z') });
  t.equal(
    wholePreview(row, () => undefined),
    'x'.repeat(1000),
  );
});

t.test('a fork shows the first message of its ancestor, and its own where that is gone', async (t) => {
  const home = t.testdir();
  const file = put(home, 1, [meta(1), user('the first')]);
  const base = { thread_id: uid(1), end_ordinal_exclusive: 2, end_byte_offset: fs.statSync(file).size };
  const fork = rowAt(put(home, 2, [meta(2, { history_base: base }), user('its own')]), 2);
  const source = rowAt(file, 1);
  t.match(
    readRowHead(fork, 7, (id) => (id === uid(1) ? source : undefined)),
    { preview: 'the first' },
  );
  t.match(
    readRowHead(fork, 7, () => undefined),
    { preview: 'its own' },
  );
  fs.rmSync(file);
  t.match(
    readRowHead(fork, 7, () => source),
    { preview: 'its own' },
  );
});

t.test('files that continue each other in a circle end somewhere', async (t) => {
  const base = { thread_id: uid(1), end_ordinal_exclusive: 1, end_byte_offset: 10_000 };
  const row = rowAt(put(t.testdir(), 1, [meta(1, { history_base: base }), user('a')]), 1);
  t.match(
    readRowHead(row, 7, () => row),
    { preview: 'a' },
  );
});
