/**
 * The input of the model from a loaded thread's history. It is read from the file when a turn first needs it, and then
 * extended with all new records of the thread.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { fault } from '../../errors/fault.js';
import type { RuntimeSource } from '../live/live-thread.js';
import type { WorkHistory } from '../runtime/thread-work.js';
import type { KnownHistoryItem } from '../../../schema/protocol/threads/history-item.js';
import {
  createModelHistory,
  isRetained,
  replacementIn,
  retainedIn,
  type ModelHistory,
} from '../store/records/model-history.js';
import { itemIdOf } from '../store/records/history-item.js';
import type { NewRecord, RecordPayload } from '../store/records/rollout-record.js';
import type { ThreadHistory, ThreadStore } from '../store/records/thread-store.js';

/** How often reading is tried while the file grows. */
const MAX_READS = 20;

export function createLiveHistory(thread: RuntimeSource, store: Pick<ThreadStore, 'find' | 'history'>): WorkHistory {
  /** Null: it must be read (again). */
  let known: RecordPayload[] | null = null;
  const retained = new Set<string>();
  let seen = 0;
  let closed = false;
  const unwatch = thread.watchRecords((records) => {
    seen += records.length;
    for (const id of records.flatMap(retainedOf)) retained.add(id);
    if (known !== null) known = records.reduce<RecordPayload[] | null>(withRecord, known);
  });
  const read = async (): Promise<RecordPayload[]> => {
    const history =
      thread.writer === null
        ? fromRecords(thread.ephemeralRecords)
        : await (await storedHistory(thread, store))?.modelHistory();
    for (const id of history?.retained ?? []) retained.add(id);
    return history?.items ?? [];
  };
  return {
    async items() {
      if (closed) throw fault(`thread ${thread.id} is not loaded any more`);
      for (let tries = 0; known === null; tries++) {
        const before = seen;
        const items = await read();
        // A record that was written during the reading may or may not be included.
        if (closed) throw fault(`thread ${thread.id} is not loaded any more`);
        if (before === seen) known = items;
        else if (tries === MAX_READS)
          throw new CodexdError('machine.contended', `the rollout of thread ${thread.id} grows too fast to be read`);
      }
      return withAnswers(known).map(forModel);
    },
    isRetained: (item) => retained.has(itemIdOf(item) ?? ''),
    get held() {
      return (known === null ? 0 : 1) + retained.size;
    },
    close() {
      closed = true;
      known = null;
      retained.clear();
      unwatch();
    },
  };
}

/** The last record of what endpoints do not take of the thread (runtime/left-out.ts); null: there is none. */
export async function storedLeftOut(
  thread: RuntimeSource,
  store: Pick<ThreadStore, 'find' | 'history'>,
): Promise<RecordPayload | null> {
  if (thread.writer === null) return null; // Nothing was left out before it was loaded.
  return (await (await storedHistory(thread, store))?.leftOut()) ?? null;
}

/** Null: nothing is on disk yet. */
async function storedHistory(
  { id, writer }: RuntimeSource,
  store: Pick<ThreadStore, 'find' | 'history'>,
): Promise<ThreadHistory | null> {
  if (writer?.exists !== true) return null;
  const files = await store.find(id);
  if (files === null)
    throw new CodexdError('thread.rollout-lost', `the rollout of thread ${id} is gone from ${writer.path}`);
  return store.history(files);
}

function withRecord(items: RecordPayload[] | null, { type, payload }: NewRecord): RecordPayload[] | null {
  if (items === null) return null;
  if (type === 'response_item') items.push(payload);
  if (type === 'compacted') {
    const replacement = replacementIn(payload);
    return replacement === null ? null : [...replacement];
  }
  return type === 'event_msg' && payload.type === 'thread_rolled_back' ? null : items;
}

function retainedOf({ type, payload, metadata }: NewRecord): string[] {
  if (type === 'compacted') return retainedIn(payload);
  return type === 'response_item' && isRetained(payload, metadata) ? [payload.id] : [];
}

function fromRecords(records: readonly NewRecord[]): ModelHistory {
  const builder = createModelHistory();
  for (const { type, payload, metadata } of records) {
    if (type === 'response_item') builder.responseItem(payload, metadata);
    if (type === 'compacted') builder.compacted(payload);
  }
  return builder.result();
}

/** Endpoints refuse a call without its output, so an interrupted call gets one (docs/protocol/threads.md §12.3). */
function withAnswers(items: readonly RecordPayload[]): readonly KnownHistoryItem[] {
  const builder = createModelHistory();
  for (const item of items) builder.responseItem(item);
  return builder.result().items;
}

/** Removes the members that only the file needs. */
function forModel(item: KnownHistoryItem): KnownHistoryItem {
  if (!('internal_chat_message_metadata_passthrough' in item)) return item;
  const { internal_chat_message_metadata_passthrough: _, ...sent } = item;
  return sent;
}
