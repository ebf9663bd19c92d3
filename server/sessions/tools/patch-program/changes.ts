/**
 * The result of a patch for the files, each operation on top of the earlier ones. Nothing is written here: if one part
 * of a patch does not fit, no file changes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { CodexdError } from '../../../errors/codexd-error.js';
import { libraryText } from '../../../system/node/os-errors.js';
import { applyChunks } from '../apply-patch/match.js';
import { patchError, type PatchOperation } from '../apply-patch/parse-patch.js';
import { pinned, placeOf } from '../apply-patch/pin.js';
import { decoded, MAX_FILE_BYTES, osError, unreadable } from '../apply-patch/plan-patch.js';

/** One file that is written (`content`) or removed (null), in the order of the patch. */
export interface Change {
  /** The absolute path in the patch. */
  readonly path: string;
  /** The resolved path. */
  readonly place: string;
  readonly content: string | null;
}

export interface PatchedFile {
  readonly kind: PatchOperation['kind'];
  /** The name in the patch; for a moved file its new name. */
  readonly written: string;
  readonly changes: readonly Change[];
}

/** Every place that the operations touch; they are locked before `changesOf` reads. Throws `tool.patch`. */
export function placesOf(operations: readonly PatchOperation[], cwd: string): string[] {
  return operations.flatMap((operation) => {
    const moved = operation.kind === 'update' ? operation.moveTo : null;
    return [operation.path, ...(moved === null ? [] : [moved])].flatMap((name) => {
      const { written, removed } = pinned(path.resolve(cwd, name));
      return [placeOf(written), placeOf(removed)];
    });
  });
}

/** Throws `tool.patch`, with the sentence for the caller. */
export function changesOf(operations: readonly PatchOperation[], cwd: string): PatchedFile[] {
  /** The content of a place after the operations so far. */
  const made = new Map<string, string | null>();
  return operations.map((operation) => {
    const changes = changesOfOne(operation, cwd, made);
    for (const { place, content } of changes) made.set(place, content);
    const moved = operation.kind === 'update' ? operation.moveTo : null;
    return { kind: operation.kind, written: moved ?? operation.path, changes };
  });
}

type Made = ReadonlyMap<string, string | null>;

function changesOfOne(operation: PatchOperation, cwd: string, made: Made): Change[] {
  const file = path.resolve(cwd, operation.path);
  const { written, removed } = pinned(file);
  switch (operation.kind) {
    case 'add':
      return [{ path: file, place: placeOf(written), content: operation.lines.map((line) => `${line}\n`).join('') }];
    case 'delete':
      assertRemovable(file, placeOf(removed), made);
      return [{ path: file, place: placeOf(removed), content: null }];
    case 'update': {
      const content = applyChunks(read(file, placeOf(written), made), operation.chunks, file);
      const target = operation.moveTo === null ? file : path.resolve(cwd, operation.moveTo);
      if (target === file) return [{ path: file, place: placeOf(written), content }];
      return [
        { path: target, place: placeOf(pinned(target).written), content },
        { path: file, place: placeOf(removed), content: null },
      ];
    }
  }
}

function assertRemovable(file: string, place: string, made: Made): void {
  const fail = (why: string): CodexdError => patchError(`Failed to delete file ${file}: ${why}`);
  const known = made.get(place);
  if (known === null) throw fail(libraryText('ENOENT'));
  if (known !== undefined) return;
  let isFolder: boolean;
  try {
    isFolder = fs.lstatSync(place).isDirectory();
  } catch (error) {
    throw fail(osError(error));
  }
  if (isFolder) throw fail(libraryText('EISDIR'));
}

function read(file: string, place: string, made: Made): string {
  const fail = (why: string): CodexdError => patchError(`Failed to read file to update ${file}: ${why}`);
  const known = made.get(place);
  if (known === null) throw fail(libraryText('ENOENT'));
  if (known !== undefined) return known;
  let bytes: Buffer;
  try {
    bytes = readFile(place);
  } catch (error) {
    throw fail(unreadable(file, place, error));
  }
  return decoded(bytes, fail);
}

/** Does not wait for a writer of a FIFO. */
function readFile(place: string): Buffer {
  const fd = fs.openSync(place, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY);
  try {
    const { size, ...stat } = describe(fd);
    if (!stat.isFile) throw new CodexdError('tool.not-a-file', place);
    if (size > MAX_FILE_BYTES) throw new CodexdError('tool.file-too-large', `larger than ${MAX_FILE_BYTES} bytes`);
    return fs.readFileSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function describe(fd: number): { readonly size: number; readonly isFile: boolean } {
  const stat = fs.fstatSync(fd);
  return { size: stat.size, isFile: stat.isFile() };
}
