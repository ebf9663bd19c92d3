/**
 * The watches of the operating system: one for each folder, however many look at it. They are on folders only, because
 * a watch on a file stays with the old file when an editor renames a new one over it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { decodePath, nativePath } from '../../system/files/path-bytes.js';

/** Receives the name of a changed entry; null: anything may have changed, the folder itself included. */
export type FolderListener = (name: string | null) => void;

export interface FolderWatches {
  /**
   * Calls `listener` until the returned function is called. `folder`: a real path; `id`: the file that it has now.
   * Throws what the file system throws.
   */
  watch(folder: string, id: string, listener: FolderListener): () => void;
  /** Of the operating system's watches. */
  count(): number;
}

interface Watched {
  readonly watcher: fs.FSWatcher;
  readonly listeners: Set<FolderListener>;
}

export function createFolderWatches(): FolderWatches {
  const open = new Map<string, Watched>();
  let count = 0;

  const start = (folder: string, key: string): Watched => {
    const watcher = fs.watch(nativePath(folder), { persistent: false, encoding: 'buffer' });
    const watched: Watched = { watcher, listeners: new Set() };
    const tell = (name: string | null): void => [...watched.listeners].forEach((listener) => listener(name));
    /** Later calls get a new watch: this one is of a folder that is gone, though its id may come again. */
    const retire = (): void => {
      if (open.get(key) === watched) open.delete(key);
      tell(null);
    };
    const ownName = path.basename(folder);
    watcher.on('change', (_kind, bytes) => {
      const name = Buffer.isBuffer(bytes) ? decodePath(bytes) : null;
      if (name !== null) tell(name);
      // The end or the move of the folder itself comes with its own name, like a change of an entry of that name.
      if (name === null || name === ownName) retire();
    });
    watcher.on('error', retire);
    count++;
    return watched;
  };

  return {
    watch(folder, id, listener) {
      const key = `${id} ${folder}`;
      const watched = open.get(key) ?? start(folder, key);
      open.set(key, watched);
      watched.listeners.add(listener);
      return () => {
        if (!watched.listeners.delete(listener) || watched.listeners.size > 0) return;
        if (open.get(key) === watched) open.delete(key);
        watched.watcher.close();
        count--;
      };
    },
    count: () => count,
  };
}
