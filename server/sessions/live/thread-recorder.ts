/** Writes the records of a loaded thread: to its file, or, for a thread without one, into memory. */
import { invalidRequest } from '../../errors/rpc-error.js';
import type { NewRecord } from '../store/records/rollout-record.js';
import type { LiveThread } from './live-thread.js';

type RecordWatcher = (records: readonly NewRecord[]) => void;

export interface ThreadRecorder {
  /** The records of a thread without a file. */
  readonly memory: NewRecord[];
  /** Throws the error of the file, and RpcError if the thread is closed. Then no watcher has seen the records. */
  record(records: readonly NewRecord[]): void;
  /** Calls the watcher after each record; returns a function that ends this. */
  watch(watcher: RecordWatcher): () => void;
  /** From now on nothing is recorded. */
  close(): void;
}

export interface RecorderOptions {
  readonly id: string;
  readonly writer: Pick<NonNullable<LiveThread['writer']>, 'append' | 'lost'> | null;
  /** The thread's file has new records. */
  readonly onWritten: () => void;
  /** Another program has removed or changed the file (ThreadWriter.lost). */
  readonly onLost: () => void;
}

export function createThreadRecorder({ id, writer, onWritten, onLost }: RecorderOptions): ThreadRecorder {
  const watchers = new Set<RecordWatcher>();
  const memory: NewRecord[] = [];
  let closed = false;
  return {
    memory,
    record(records) {
      if (!records.length) return;
      if (closed) throw invalidRequest(`thread not found: ${id}`);
      if (writer) {
        try {
          writer.append(records);
        } catch (error) {
          if (writer.lost !== null) onLost();
          throw error;
        }
        onWritten();
      } else memory.push(...records);
      for (const watcher of watchers) watcher(records);
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    close: () => void (closed = true),
  };
}
