/** Rows of the index without files. */
import type { FileRow, RowHead } from '../../../server/sessions/catalog/file-row.js';
import { metaOf } from '../live/support.js';
import { uid } from './support.js';

export { uid };

/** What was read of the n-th thread's file. */
export function readHeadOf(n: number, preview: string | null): RowHead {
  return { meta: { ...metaOf('legacy', '/work'), id: uid(n) }, createdAtMs: 1000 * n, preview, cut: false };
}

/** A row of the n-th thread. */
export const rowOf = (n: number, more: Partial<FileRow> = {}): FileRow => ({
  folder: '/sessions',
  name: `rollout-2025-10-01T10-00-01-${uid(n)}.jsonl`,
  archived: false,
  fileId: uid(n),
  segment: '',
  mtimeMs: 5,
  size: 1,
  ino: 1,
  head: readHeadOf(n, 'hello'),
  tail: null,
  ...more,
});
