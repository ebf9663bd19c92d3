/**
 * Archives, unarchives and deletes threads (docs/protocol/threads.md §8). A thread may have several files. Its live
 * file decides where the thread is, so that file is moved last. If the process dies during a move, the thread is still
 * at its old place: its older files are found in both trees, and a second call finishes the move. A deletion begins
 * with the live file, because it continues the older ones. If the process dies during it, the thread is in its state
 * before a revert, and a second call finishes the deletion.
 */
import fs from 'node:fs';
import path from 'node:path';
import { timeOfId, type ThreadId } from '../records/thread-id.js';
import type { MetaFactsOf } from './meta-facts.js';
import type { RolloutLayout } from './rollout-layout.js';
import { COMPRESSED, dayFolder, sessionsFolder } from './rollout-name.js';
import { type ThreadFiles, storeError } from '../records/thread-store.js';
import { makeFolderForUser } from '../../../system/files/private-files.js';

/** Moves every file of a thread to the folder that `target` returns for its name. */
export function moveThread(
  files: ThreadFiles,
  layout: RolloutLayout,
  target: (name: string) => string,
): Promise<ThreadFiles> {
  for (const plain of files.segments) {
    for (const stored of storedForms(plain)) {
      const name = path.basename(stored);
      const folder = target(name);
      makeFolderForUser(folder);
      fs.renameSync(stored, path.join(folder, name));
    }
  }
  const moved = layout.find(files.id);
  if (moved === null) throw storeError('thread.not-found', `no rollout found for thread id ${files.id}`);
  // thread/unarchive sets the file's time: the thread becomes the newest one (docs/protocol/threads.md §8).
  if (!moved.archived) fs.utimesSync(moved.stored, new Date(), new Date());
  return Promise.resolve(moved);
}

/** The path for an unarchived file: the folder of the day in its name, or today's folder if the name has no day. */
export function unarchivedPath(codexHome: string, name: string): string {
  return dayFolder(codexHome, name) ?? sessionsFolder(codexHome);
}

/** Throws `thread.referenced` if another thread's history begins in one of the thread's files. */
export async function assertUnreferenced(
  files: ThreadFiles,
  layout: RolloutLayout,
  factsOf: MetaFactsOf,
): Promise<void> {
  const own = new Set(files.segments.map(fileIdOf));
  for (const other of layout.all()) {
    if (other.id === files.id || isOlder(other.id, files.id)) continue;
    for (const segment of other.segments) {
      for (const stored of storedForms(segment)) {
        const baseId = (await factsOf(stored))?.baseId ?? null;
        if (baseId !== null && own.has(baseId))
          throw storeError('thread.referenced', `cannot delete thread ${files.id}: forked history still references it`);
      }
    }
  }
}

/** The caller must have called `assertUnreferenced`. */
export function deleteThread(files: ThreadFiles): Promise<void> {
  for (const plain of [...files.segments].reverse())
    for (const stored of storedForms(plain)) fs.rmSync(stored, { force: true });
  return Promise.resolve();
}

/** A fork is created after its source, and both ids contain the time of creation. So older threads need no check. */
function isOlder(other: ThreadId, than: ThreadId): boolean {
  const [a, b] = [timeOfId(other), timeOfId(than)];
  return a !== null && b !== null && a < b;
}

/** The existing forms of a file: plain, compressed, or both. */
function storedForms(plain: string): string[] {
  return [`${plain}${COMPRESSED}`, plain].filter((candidate) => fs.existsSync(candidate));
}

function fileIdOf(segment: string): string {
  return segment.slice(0, -'.jsonl'.length).slice(-UUID_LENGTH).toLowerCase();
}
const UUID_LENGTH = 36;
