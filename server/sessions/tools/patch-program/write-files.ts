/** Writes the result of a patch, as far as the sandbox of the calling command allows. */
import { osCode } from '../../../errors/os-code.js';
import fs from 'node:fs';
import path from 'node:path';
import { statIfThere } from '../../../system/files/look.js';
import { osError } from '../apply-patch/plan-patch.js';
import type { Change, PatchedFile } from './changes.js';

export interface WrittenFiles {
  /** Complete files, in the order of the patch. */
  readonly done: readonly PatchedFile[];
  /** Why the file after the last one of `done` is not written; null: all are. */
  readonly failure: string | null;
}

export function writeFiles(files: readonly PatchedFile[]): WrittenFiles {
  const done: PatchedFile[] = [];
  for (const file of files) {
    for (const change of file.changes) {
      const failure = change.content === null ? removed(change) : written(change, change.content);
      if (failure !== null) return { done, failure };
    }
    done.push(file);
  }
  return { done, failure: null };
}

/** In place: the file keeps its mode, its owner and its other names. */
function written({ path: file, place }: Change, content: string): string | null {
  try {
    makeFolder(path.dirname(place));
  } catch (error) {
    return `Failed to create parent directories for ${file}: ${osError(error)}`;
  }
  try {
    return put(place, content) ? null : `Failed to write file ${file}: path \`${file}\` is not a file`;
  } catch (error) {
    return `Failed to write file ${file}: ${osError(error)}`;
  }
}

/** False: it is a FIFO or a device. Nothing waits for a reader of one. */
function put(place: string, content: string): boolean {
  const { O_WRONLY, O_CREAT, O_NONBLOCK, O_NOCTTY } = fs.constants;
  const there = statIfThere(place);
  if (there !== undefined && !there.isFile() && !there.isDirectory()) return false;
  const fd = fs.openSync(place, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY, 0o666);
  try {
    fs.ftruncateSync(fd);
    fs.writeFileSync(fd, content);
    return true;
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * One by one: for a folder that cannot be created, Node's recursive option reports ENOENT for every error of the
 * kernel.
 */
function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    if (osCode(error) !== 'EEXIST') throw error;
  }
}

function removed({ path: file, place }: Change): string | null {
  try {
    fs.unlinkSync(place);
    return null;
  } catch (error) {
    return `Failed to delete file ${file}: ${osError(error)}`;
  }
}
