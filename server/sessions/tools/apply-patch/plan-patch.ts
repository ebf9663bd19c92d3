/**
 * Compares a patch with the disk: the current and the new content of every file. Nothing is written here. If one part
 * of a patch does not fit, no file changes (docs/protocol/turns.md §5).
 */
import { isFolder } from '../../../system/files/look.js';
import { paths } from '../../../system/files/paths.js';
import { libraryText, libraryTextAmong } from '../../../system/node/os-errors.js';
import type { CodexdError } from '../../../errors/codexd-error.js';
import { isCode } from '../../../errors/codexd-error.js';
import path from 'node:path';
import { type ReadFile } from '../files/read-file.js';
import { applyChunks } from './match.js';
import { parsePatch, type PatchOperation, patchError } from './parse-patch.js';
import { pinned, placeOf, type Pin } from './pin.js';

/** `pin`: where `path` led before anything was read. The content was read from there and is written there. */
interface Pinned {
  /** Absolute, as in the patch. */
  readonly path: string;
  readonly pin: Pin;
  readonly written: string;
}

export type PlannedChange = Pinned &
  (
    | {
        readonly kind: 'add';
        /** The old content, if a file is overwritten. */ readonly before: string | null;
        readonly content: string;
      }
    | { readonly kind: 'delete'; readonly before: string }
    | {
        readonly kind: 'update';
        /** Absolute; null: the file is not moved. */
        readonly moveTo: string | null;
        readonly movePin: Pin | null;
        /** The content of another file that the move overwrites. */
        readonly overwritten: string | null;
        readonly before: string;
        readonly content: string;
      }
  );

/** Commands must change larger files, because a patch is stored, compared and shown as a whole. */
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** Throws `tool.patch`. `written` of a change is the path in the patch; for a moved file it is the new path. */
export async function planPatch(text: string, cwd: string, readFile: ReadFile): Promise<readonly PlannedChange[]> {
  const operations = parsePatch(text);
  const seen = new Set<string>();
  for (const operation of operations) {
    const target = path.resolve(cwd, operation.path);
    if (seen.has(target)) throw patchError(`invalid patch: multiple operations target ${target}`);
    seen.add(target);
  }
  const changes: PlannedChange[] = [];
  for (const operation of operations) changes.push(await planOne(operation, cwd, readFile));
  return changes;
}

export interface TouchedPath {
  readonly path: string;
  readonly pin: Pin;
}

/** Every path that the patch writes to or removes, absolute, in the order of the patch. */
export function touchedPaths(changes: readonly PlannedChange[]): TouchedPath[] {
  return changes.flatMap((change) => {
    const { path, pin } = change;
    return change.kind === 'update' && change.moveTo !== null && change.movePin !== null
      ? [
          { path, pin },
          { path: change.moveTo, pin: change.movePin },
        ]
      : [{ path, pin }];
  });
}

async function planOne(operation: PatchOperation, cwd: string, readFile: ReadFile): Promise<PlannedChange> {
  const file = path.resolve(cwd, operation.path);
  // The path is resolved once, before the reading: the same file is judged, shown and written.
  const pin = pinned(file);
  const place = placeOf(pin.written);
  switch (operation.kind) {
    case 'add': {
      const content = operation.lines.map((line) => `${line}\n`).join('');
      const before = await readIfThere(place, readFile);
      return { kind: 'add', path: file, pin, written: operation.path, before, content };
    }
    case 'delete': {
      const before = await read(place, file, 'read', readFile);
      return { kind: 'delete', path: file, pin, written: operation.path, before };
    }
    case 'update': {
      const before = await read(place, file, 'read file to update', readFile);
      const asked = operation.moveTo === null ? null : path.resolve(cwd, operation.moveTo);
      const moveTo = asked === file ? null : asked;
      const movePin = moveTo === null ? null : pinned(moveTo);
      return {
        kind: 'update',
        path: file,
        pin,
        written: operation.moveTo ?? operation.path,
        moveTo,
        movePin,
        overwritten: movePin === null ? null : await readIfThere(placeOf(movePin.written), readFile),
        before,
        content: applyChunks(before, operation.chunks, file),
      };
    }
  }
}

/** The content of an existing file. It need not be text, because it is only replaced. */
async function readIfThere(place: string, readFile: ReadFile): Promise<string | null> {
  try {
    return (await readFile(place)).toString();
  } catch {
    return null;
  }
}

async function read(place: string, file: string, doing: string, readFile: ReadFile): Promise<string> {
  const fail = (why: string): CodexdError => patchError(`Failed to ${doing} ${file}: ${why}`);
  let bytes: Buffer;
  try {
    bytes = await readFile(place);
  } catch (error) {
    throw fail(unreadable(file, place, error));
  }
  return decoded(bytes, fail);
}

/** In the words of the protocol (docs/protocol/turns.md §5 "Failures"). */
export const osError = (error: unknown): string => libraryTextAmong(WORDED, error);
const WORDED = [...['ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'EISDIR'], ...['EROFS', 'ENOSPC', 'ELOOP', 'ENAMETOOLONG']];

/** Why the file at `place` could not be read; `file`: its name in the patch. */
export function unreadable(file: string, place: string, error: unknown): string {
  if (!isCode(error, 'tool.not-a-file')) return osError(error);
  // The official program reads what it can open, and Windows opens no folder.
  return paths.windows && isFolder(place) ? libraryText('EISDIR') : `path \`${file}\` is not a file`;
}

/** The text of a file that a patch changes; throws what `fail` makes if the bytes are no UTF-8. A BOM stays. */
export function decoded(bytes: Buffer, fail: (why: string) => CodexdError): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw fail('stream did not contain valid UTF-8');
  }
}
