import type { Tail } from './tail-reader.js';
import type { SessionMeta } from '../store/records/rollout-record.js';

/** A rollout file as the index knows it. */
export interface FileRow {
  readonly folder: string;
  readonly name: string;
  readonly archived: boolean;
  /** The segment's id, else the thread's as the name has it. */
  readonly fileId: string;
  readonly segment: string;
  /** As it was when `head` was read; milliseconds since the epoch, bytes. */
  mtimeMs: number;
  size: number;
  ino: number;
  /** Null: no rollout that can be read. */
  head: RowHead | null;
  tail: Tail | null;
}

export interface RowHead {
  readonly meta: SessionMeta;
  readonly createdAtMs: number;
  /**
   * At most PREVIEW_KEPT characters of the first user message, those of the thread's ancestors included; null: none.
   */
  readonly preview: string | null;
  /** There is more of it. */
  readonly cut: boolean;
}
