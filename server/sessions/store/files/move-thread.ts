/**
 * Archiving, unarchiving and deleting (docs/protocol/threads.md §8). A thread may have several files; its live one
 * decides where the thread is, so it is moved last: cut off at any moment, the thread is still where it was, its older
 * files are found in both trees, and the same call made again finishes. Deleting begins with the live one, because
 * files go on from older ones: cut off, it leaves the thread as it was before a revert, and the same call finishes too.
 */
import fs from 'node:fs';
import path from 'node:path';
import { timeOfId, type ThreadId } from '../records/thread-id.js';
import type { MetaFactsOf } from './meta-facts.js';
import type { RolloutLayout } from './rollout-layout.js';
import { COMPRESSED, dayFolder, sessionsFolder } from './rollout-name.js';
import { FOLDER_MODE } from './rollout-writer.js';
import { type ThreadFiles, storeError } from '../records/thread-store.js';

/** Moves every file into the folder that `target` names for it. */
export function moveThread(
  files: ThreadFiles,
  layout: RolloutLayout,
  target: (name: string) => string,
): Promise<ThreadFiles> {
  for (const plain of files.segments) {
    for (const stored of storedForms(plain)) {
      const name = path.basename(stored);
      const folder = target(name);
      fs.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
      fs.renameSync(stored, path.join(folder, name));
    }
  }
  const moved = layout.find(files.id);
  if (moved === null) throw storeError('thread.not-found', `no rollout found for thread id ${files.id}`);
  // unarchive touches the file: the thread comes back as the newest one (docs/protocol/threads.md §8).
  if (!moved.archived) fs.utimesSync(moved.stored, new Date(), new Date());
  return Promise.resolve(moved);
}

/** The day is in the name; a name without one goes where today's do. */
export function unarchivedPath(codexHome: string, name: string): string {
  return dayFolder(codexHome, name) ?? sessionsFolder(codexHome);
}

/** Throws `thread.referenced` while another thread's history begins in one of the thread's files. */
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

/** Whether others refer to it is asked before (assertUnreferenced). */
export function deleteThread(files: ThreadFiles): Promise<void> {
  for (const plain of [...files.segments].reverse())
    for (const stored of storedForms(plain)) fs.rmSync(stored, { force: true });
  return Promise.resolve();
}

/** A fork is made after its source, and both ids tell when: nothing older need be looked at. */
function isOlder(other: ThreadId, than: ThreadId): boolean {
  const [a, b] = [timeOfId(other), timeOfId(than)];
  return a !== null && b !== null && a < b;
}

/** What is there of a file: plain, compressed, or both. */
function storedForms(plain: string): string[] {
  return [`${plain}${COMPRESSED}`, plain].filter((candidate) => fs.existsSync(candidate));
}

function fileIdOf(segment: string): string {
  return segment.slice(0, -'.jsonl'.length).slice(-UUID_LENGTH).toLowerCase();
}
const UUID_LENGTH = 36;
