/** What a list shows of a rollout file, read from its beginning. */
import { osCode } from '../../errors/os-code.js';
import { readFileHead } from '../store/files/rollout-head.js';
import type { SessionMeta } from '../store/records/rollout-record.js';
import { isStoreError } from '../store/records/thread-store.js';
import { headOf, type FileRow, type RowHead } from './file-row.js';
import { listedMeta } from './listed-meta.js';
import { pathOf } from './thread-files.js';

/** The file with this id: a segment's, or a thread's. */
export type FileOf = (fileId: string) => FileRow | undefined;

/** How many characters of a preview a row stores: more than a list shows, and a limit for memory. */
const PREVIEW_KEPT = 300;
/** A longer chain of reverts and forks is treated as a cycle. */
const MAX_LINEAGE = 1000;

/** `mtimeMs`: the file's. Throws the errors of the store, and of the file system. */
export function readRowHead(row: FileRow, mtimeMs: number, fileOf: FileOf): RowHead {
  const { meta, firstUserMessage } = readFileHead(pathOf(row));
  const preview = inheritedPreview(meta, fileOf) ?? firstUserMessage;
  const created = Date.parse(meta.timestamp);
  return {
    meta: listedMeta(meta),
    createdAtMs: Number.isNaN(created) ? mtimeMs : created,
    preview: preview === null ? null : beginning(preview),
    cut: preview !== null && preview.length > PREVIEW_KEPT,
  };
}

/**
 * The first user message of the history that a fork or a revert continues (store/history/lineage.ts); null: there is
 * none.
 */
function inheritedPreview(
  { history_base: base }: Pick<SessionMeta, 'history_base'>,
  fileOf: FileOf,
  depth = 0,
): string | null {
  if (base === undefined || base === null || depth === MAX_LINEAGE) return null;
  const source = fileOf(base.thread_id.toLowerCase());
  if (source === undefined) return null;
  try {
    const head = readFileHead(pathOf(source), { before: base.end_byte_offset });
    return inheritedPreview(head.meta, fileOf, depth + 1) ?? head.firstUserMessage;
  } catch (error) {
    if (isStoreError(error) || osCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** The whole first user message. Throws the errors of `readRowHead`. */
export function wholePreview(row: FileRow, fileOf: FileOf): string {
  const { preview, cut } = headOf(row);
  if (!cut) return preview ?? '';
  const { meta, firstUserMessage } = readFileHead(pathOf(row));
  return inheritedPreview(meta, fileOf) ?? firstUserMessage ?? '';
}

/** A copy, because a substring would keep the whole message in memory. */
function beginning(preview: string): string {
  return preview.length <= PREVIEW_KEPT ? preview : Buffer.from(preview.slice(0, PREVIEW_KEPT)).toString();
}
