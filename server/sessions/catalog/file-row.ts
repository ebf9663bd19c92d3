import { fault } from '../../errors/fault.js';
import type { Tail } from './tail-reader.js';
import type { SessionMeta } from '../store/records/rollout-record.js';

/** A rollout file in the index. */
export interface FileRow {
  readonly folder: string;
  readonly name: string;
  readonly archived: boolean;
  /** The segment's id; the thread's id in the file name for its first file. */
  readonly fileId: string;
  readonly segment: string;
  /** The state of the file when `head` was read: milliseconds since the epoch, and bytes. */
  mtimeMs: number;
  size: number;
  ino: number;
  /** Null: the file is not a readable rollout. */
  head: RowHead | null;
  tail: Tail | null;
}

export interface RowHead {
  readonly meta: SessionMeta;
  readonly createdAtMs: number;
  /**
   * At most PREVIEW_KEPT characters of the first user message, which may be in a file of an ancestor; null: there is
   * none.
   */
  readonly preview: string | null;
  /** Whether `preview` is shortened. */
  readonly cut: boolean;
}

/** The head of a row that was read. Throws Error for a row that is not a rollout: such rows are in no list. */
export function headOf({ head, folder, name }: FileRow): RowHead {
  if (head === null) throw fault(`${folder}/${name} is listed, but was not read as a rollout`);
  return head;
}
