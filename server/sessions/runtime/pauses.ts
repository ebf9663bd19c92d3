/**
 * How many questions clients ask a person outside of the protocol (docs/protocol/threads.md §15). While there is one,
 * no time limit of the thread's commands and calls runs.
 */
import type { RuntimePart } from './part.js';

export interface Pauses extends RuntimePart {
  readonly count: number;
  add(): void;
  /** Returns whether there was one to remove. */
  remove(): boolean;
  /** The watcher is notified at once of a pause that runs, then of every change. Returns what ends the reports. */
  watch(watcher: (paused: boolean) => void): () => void;
}

export function createPauses(): Pauses {
  const watchers = new Set<(paused: boolean) => void>();
  let count = 0;
  let closed = false;
  const tell = (paused: boolean): void => {
    for (const watcher of watchers) watcher(paused);
  };
  return {
    get count() {
      return count;
    },
    add() {
      if (!closed && ++count === 1) tell(true);
    },
    remove() {
      if (count === 0) return false;
      if (--count === 0) tell(false);
      return true;
    },
    watch(watcher) {
      if (closed) return () => {};
      watchers.add(watcher);
      if (count > 0) watcher(true);
      return () => void watchers.delete(watcher);
    },
    get held() {
      return count + watchers.size;
    },
    close() {
      closed = true;
      count = 0;
      watchers.clear();
    },
  };
}
