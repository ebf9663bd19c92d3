/** Editors write to the file without the lock: what they write meanwhile is not lost, and not read half-written. */
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileLock } from '../../system/files/file-lock.js';
import { closeBase, lateText, openBase, replaceFile, type FileBase } from '../../system/files/replace-file.js';
import { parseToml } from '../toml/parse-toml.js';
import { commentsAround, mergeTextChange } from './merge-text.js';

type HeldLock = Pick<FileLock, 'held'>;

/** How often a finished change is moved under new comments before the whole change is made again. */
const MAX_REBASES = 20;
/** The pause before an empty or half-written file is read again, ms, and how often that is done. */
const HALF_WRITTEN_MS = 10;
const HALF_WRITTEN_TRIES = 20;

/**
 * The file has changed since the new text was made. If only comments were added at the beginning or at the end, the new
 * text is still right between them. So an editor that adds comments faster than a large file can be parsed does not
 * prevent the write. Null: the file has other changes.
 */
export function putUnderComments(filePath: string, base: FileBase, newText: string, lock: HeldLock): FileBase | null {
  const { staging } = base;
  for (let attempt = 0; attempt < MAX_REBASES && lock.held(); attempt++) {
    const now = openBase(filePath, staging);
    const around = commentsAround(base.text, now.text);
    if (around !== null && replaceFile(now, around.above + newText + around.below, () => lock.held())) return now;
    closeBase(now);
    if (around === null) return null;
  }
  return null;
}

/** How long an editor may need from opening the old file to writing into it, ms. */
const LATE_WRITER_MS = 3;

/**
 * An editor that had the file open during the replacement writes into the old file, which has no name any more. Its
 * change is merged into the new file. Returns the base that is open at the end; the others are closed.
 */
export async function keepLateEdits(filePath: string, replaced: FileBase, lock: HeldLock): Promise<FileBase> {
  let base = replaced;
  const { staging } = replaced;
  for (let attempt = 0; attempt < MAX_REBASES && base.descriptor !== null; attempt++) {
    await sleep(LATE_WRITER_MS);
    const late = lateText(base);
    if (late === null) return base;
    const now = openBase(filePath, staging);
    const merged = mergeTextChange(base.text, late, now.text);
    const done = merged !== null && parses(merged) && replaceFile(now, merged, () => lock.held());
    closeBase(done ? base : now);
    if (done) base = now;
    else if (merged === null || !lock.held()) return base;
  }
  return base;
}

/** Reads the file; waits shortly if it seems to be half-written. */
export async function wholeBase(filePath: string, staging: string): Promise<FileBase> {
  for (let attempt = 0; ; attempt++) {
    const base = openBase(filePath, staging);
    const stat = base.descriptor === null ? null : fs.fstatSync(base.descriptor);
    const fresh = stat !== null && Date.now() - stat.mtimeMs < HALF_WRITTEN_MS * HALF_WRITTEN_TRIES;
    if (!fresh || attempt >= HALF_WRITTEN_TRIES || (base.text.trim() !== '' && parses(base.text))) return base;
    closeBase(base);
    await sleep(HALF_WRITTEN_MS);
  }
}

function parses(text: string): boolean {
  try {
    parseToml(text);
    return true;
  } catch {
    return false;
  }
}
