/**
 * The files of one history: a fork or a revert continues another file after one of its records
 * (docs/protocol/threads.md §12.3). `history_base.thread_id` is the id of a file: the segment's id if a revert created
 * the file, else the thread's.
 */
import { type CodexdError } from '../../../errors/codexd-error.js';
import { storeError } from '../records/thread-store.js';
import { readFileHead, loadUnpacker } from '../files/rollout-head.js';
import type { RolloutLayout } from '../files/rollout-layout.js';
import { COMPRESSED } from '../files/rollout-name.js';
import type { SessionMeta } from '../records/rollout-record.js';

/** A part of one file, from its beginning. */
export interface Slice {
  readonly number: number;
  /** The file's own id; null: the file is outside the Codex home. */
  readonly fileId: string | null;
  readonly stored: string;
  /** The thread to which the items belong. */
  readonly threadId: string;
  readonly meta: SessionMeta;
  /** The byte at which the descendant continues; null for the last slice, which grows. */
  readonly end: number | null;
}

/**
 * The slices, oldest first. Throws `thread.lineage` if a needed file is missing, and `thread.unreadable` if it cannot
 * be read.
 */
export async function resolveLineage(layout: RolloutLayout, stored: string): Promise<Slice[]> {
  const slices: Omit<Slice, 'number'>[] = [];
  const seen = new Set<string>();
  let next: { stored: string; fileId: string | null; end: number | null } | null = { stored, fileId: null, end: null };
  while (next !== null) {
    const at: { stored: string; fileId: string | null; end: number | null } = next;
    if (at.stored.endsWith(COMPRESSED)) await loadUnpacker();
    const { meta } = readFileHead(at.stored, { metaOnly: true });
    slices.unshift({ ...at, threadId: meta.id, meta });
    seen.add(at.stored);
    const base = meta.history_base;
    if (base === undefined || base === null || base.end_byte_offset === 0) break;
    const source = layout.file(base.thread_id.toLowerCase());
    if (source === null) throw broken(base.thread_id, 'missing source rollout');
    if (seen.has(source)) throw broken(base.thread_id, 'the source refers to itself');
    next = { stored: source, fileId: base.thread_id, end: base.end_byte_offset };
  }
  return slices.map((slice, number) => ({ ...slice, number }));
}

export function broken(sourceId: string, why: string): CodexdError {
  return storeError('thread.lineage', `invalid paginated history lineage for ${sourceId}: ${why}`);
}
