/**
 * A patch checked against the disk: what every file is, and what it shall be. Nothing is written here; a patch that does
 * not fit somewhere changes nothing anywhere (spec/turns.md §5).
 */
import path from 'node:path';
import { NotAFile, readOpenly, type ReadFile } from '../read-file.js';
import { applyChunks } from './match.js';
import { parsePatch, PatchError, type PatchOperation } from './parse.js';

export type PlannedChange =
  /** `before`: the content of a file that is overwritten. */
  | {
      readonly kind: 'add';
      readonly path: string;
      readonly written: string;
      readonly before: string | null;
      readonly content: string;
    }
  | { readonly kind: 'delete'; readonly path: string; readonly written: string; readonly before: string }
  | {
      readonly kind: 'update';
      readonly path: string;
      readonly written: string;
      /** Absolute; null: it stays where it is. */
      readonly moveTo: string | null;
      /** The content of another file that the move overwrites. */
      readonly overwritten: string | null;
      readonly before: string;
      readonly content: string;
    };

/** Files that are larger are not patched, but written by commands: a patch is kept, compared and shown as a whole. */
export const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Throws PatchError. `written` of a change is the path as the patch has it, of a moved file its new one. */
export async function planPatch(
  text: string,
  cwd: string,
  readFile: ReadFile = (file) => readOpenly(file, MAX_FILE_BYTES),
): Promise<readonly PlannedChange[]> {
  const operations = parsePatch(text);
  const seen = new Set<string>();
  for (const operation of operations) {
    const target = path.resolve(cwd, operation.path);
    if (seen.has(target)) throw new PatchError(`invalid patch: multiple operations target ${target}`);
    seen.add(target);
  }
  const changes: PlannedChange[] = [];
  for (const operation of operations) changes.push(await planOne(operation, cwd, readFile));
  return changes;
}

/** Every path that the patch writes to or removes, absolute, in the order of the patch. */
export function touchedPaths(changes: readonly PlannedChange[]): string[] {
  return changes.flatMap((change) =>
    change.kind === 'update' && change.moveTo !== null ? [change.path, change.moveTo] : [change.path],
  );
}

async function planOne(operation: PatchOperation, cwd: string, readFile: ReadFile): Promise<PlannedChange> {
  const file = path.resolve(cwd, operation.path);
  switch (operation.kind) {
    case 'add': {
      const content = operation.lines.map((line) => `${line}\n`).join('');
      return { kind: 'add', path: file, written: operation.path, before: await readIfThere(file, readFile), content };
    }
    case 'delete':
      return { kind: 'delete', path: file, written: operation.path, before: await read(file, 'read', readFile) };
    case 'update': {
      const before = await read(file, 'read file to update', readFile);
      const moveTo = operation.moveTo === null ? null : path.resolve(cwd, operation.moveTo);
      return {
        kind: 'update',
        path: file,
        written: operation.moveTo ?? operation.path,
        moveTo: moveTo === file ? null : moveTo,
        overwritten: moveTo === null || moveTo === file ? null : await readIfThere(moveTo, readFile),
        before,
        content: applyChunks(before, operation.chunks, file),
      };
    }
  }
}

/** What an existing file at the place holds; it need not be text, since it is only replaced. */
async function readIfThere(file: string, readFile: ReadFile): Promise<string | null> {
  try {
    return (await readFile(file)).toString();
  } catch {
    return null;
  }
}

async function read(file: string, doing: string, readFile: ReadFile): Promise<string> {
  const fail = (why: string): PatchError => new PatchError(`Failed to ${doing} ${file}: ${why}`);
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw fail(error instanceof NotAFile ? `path \`${file}\` is not a file` : osError(error));
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fail('stream did not contain valid UTF-8');
  }
}

/** In the words of the protocol (spec/turns.md §5 "Failures"). */
export function osError(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException;
  const words = code === undefined ? undefined : OS_ERRORS[code];
  return words === undefined ? message : `${words} (os error ${Math.abs(errno ?? 0)})`;
}

const OS_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  ELOOP: 'Too many levels of symbolic links',
  ENAMETOOLONG: 'File name too long',
};
