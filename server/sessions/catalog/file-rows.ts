/** The rows of the index, found by their file, by the id of their file, and by their thread. */
import { COMPRESSED, parseRolloutName, plainPath } from '../store/files/rollout-name.js';
import type { ThreadId } from '../store/records/thread-id.js';
import type { FileRow, RowHead } from './file-row.js';
import type { Folder } from './rollout-folders.js';
import { liveOf } from './thread-files.js';

export class FileRows {
  readonly #folders = new Map<string, Map<string, FileRow>>();
  readonly #byFileId = new Map<string, FileRow>();
  readonly #byThread = new Map<ThreadId, FileRow[]>();
  #changes = 0;
  #live: { readonly at: number; readonly rows: readonly FileRow[] } | null = null;

  /** Rises when `live()` or a row in it changes. */
  get changes(): number {
    return this.#changes;
  }

  /** Adds the file, which is not read so far. Null: its name is not that of a rollout. */
  add(folder: Pick<Folder, 'path' | 'archived'>, name: string): FileRow | null {
    const parsed = parseRolloutName(name);
    if (parsed === null) return null;
    const row: FileRow = {
      folder: folder.path,
      name,
      archived: folder.archived,
      fileId: parsed.segment ?? parsed.id,
      segment: parsed.segment ?? '',
      mtimeMs: 0,
      size: 0,
      ino: 0,
      head: null,
      tail: null,
    };
    let inFolder = this.#folders.get(folder.path);
    if (inFolder === undefined) this.#folders.set(folder.path, (inFolder = new Map()));
    inFolder.set(name, row);
    // A moved file is often seen in its new folder first. That row stays when the old one is removed.
    if (!name.endsWith(COMPRESSED) || !this.#byFileId.has(row.fileId)) this.#byFileId.set(row.fileId, row);
    return row;
  }

  remove(row: FileRow): void {
    this.#folders.get(row.folder)?.delete(row.name);
    if (this.#byFileId.get(row.fileId) === row) {
      const other = this.#otherForm(row);
      if (other === undefined) this.#byFileId.delete(row.fileId);
      else this.#byFileId.set(row.fileId, other);
    }
    this.setHead(row, null);
  }

  /** The row of the same rollout in another folder, or in its compressed form. */
  #otherForm({ name }: FileRow): FileRow | undefined {
    const plain = plainPath(name);
    for (const inFolder of this.#folders.values()) {
      const found = inFolder.get(plain) ?? inFolder.get(`${plain}${COMPRESSED}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** What was read of the file; null: it is not a readable rollout. */
  setHead(row: FileRow, head: RowHead | null): void {
    const [before, after] = [row.head?.meta.id, head?.meta.id];
    if (before !== undefined && before !== after) {
      const rest = this.ofThread(before).filter((other) => other !== row);
      if (rest.length === 0) this.#byThread.delete(before);
      else this.#byThread.set(before, rest);
    }
    // A file that only grew has the same head: no sorting and no saving is needed.
    if (row.head !== null && head !== null && JSON.stringify(row.head) === JSON.stringify(head)) return;
    row.head = head;
    if (after !== undefined && before !== after) this.#byThread.set(after, [...this.ofThread(after), row]);
    this.#changes++;
  }

  /** The row is in the index: its file was not removed. */
  knows(row: FileRow): boolean {
    return this.find(row.folder, row.name) === row;
  }

  find(folder: string, name: string): FileRow | undefined {
    return this.#folders.get(folder)?.get(name);
  }

  /** The rows of one folder, as they are now: they may be removed meanwhile. */
  inFolder(folder: string): FileRow[] {
    return [...(this.#folders.get(folder)?.values() ?? [])];
  }

  /** All rows; those of a folder as they are when it is reached. */
  *all(): Iterable<FileRow> {
    for (const folder of this.#folders.keys()) yield* this.inFolder(folder);
  }

  byFileId(id: string): FileRow | undefined {
    return this.#byFileId.get(id);
  }

  /** The files of one thread, in no order; empty: there is no such thread. */
  ofThread(id: ThreadId): readonly FileRow[] {
    return this.#byThread.get(id) ?? [];
  }

  /** The live file of every thread, in no order. */
  live(): readonly FileRow[] {
    if (this.#live?.at !== this.#changes)
      this.#live = { at: this.#changes, rows: [...this.#byThread.values()].map(liveOf) };
    return this.#live.rows;
  }
}
