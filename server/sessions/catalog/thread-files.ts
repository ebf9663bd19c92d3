/** The files of one thread: which of them is the live one, and in which order its history is in them. */
import path from 'node:path';
import { lastOf } from '../../system/node/lists.js';
import { COMPRESSED, plainPath } from '../store/files/rollout-name.js';
import type { ThreadFiles, ThreadHead } from '../store/records/thread-store.js';
import { headOf, type FileRow } from './file-row.js';

/** The place of the file. */
export const pathOf = ({ folder, name }: FileRow): string => `${folder}${path.sep}${name}`;

/** Segment ids are UUIDv7: the newest segment is the live one (docs/protocol/threads.md §10). */
export function liveOf(files: readonly FileRow[]): FileRow {
  return lastOf(files.length === 1 ? files : ordered(files));
}

/** The files as the store names them. */
function filesOf(files: readonly FileRow[]): ThreadFiles {
  const inOrder = ordered(files);
  const live = lastOf(inOrder);
  return {
    id: headOf(live).meta.id,
    path: plainPath(pathOf(live)),
    stored: pathOf(live),
    archived: live.archived,
    segments: [...new Set(inOrder.map((row) => plainPath(pathOf(row))))],
  };
}

/** The thread of a file, as lists show it. `files`: all of the thread's. */
export function threadHead(row: FileRow, files: readonly FileRow[]): ThreadHead {
  const { meta, createdAtMs, preview } = headOf(row);
  return {
    id: meta.id,
    files: filesOf(files.length === 0 ? [row] : files),
    meta,
    historyMode: meta.history_mode ?? 'legacy',
    preview: preview ?? '',
    hasUserMessage: preview !== null,
    createdAtMs,
    updatedAtMs: row.mtimeMs,
  };
}

/**
 * Sorts files as the store does: by segment; the plain form wins over the compressed one; of two copies, the one in
 * `sessions` comes last.
 */
function ordered(files: readonly FileRow[]): FileRow[] {
  const compare = (a: FileRow, b: FileRow): number => {
    if (a.segment !== b.segment) return a.segment < b.segment ? -1 : 1;
    if (a.archived !== b.archived) return a.archived ? -1 : 1;
    const [aPacked, bPacked] = [a.name.endsWith(COMPRESSED), b.name.endsWith(COMPRESSED)];
    if (aPacked !== bPacked) return aPacked ? -1 : 1;
    return a.name < b.name ? -1 : 1;
  };
  return files.length === 1 ? [...files] : [...files].sort(compare);
}
