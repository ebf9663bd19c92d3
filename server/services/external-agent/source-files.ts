/**
 * Reads the files of another agent.
 *
 * Threat: a repository of anybody. Its CLAUDE.md can be a link to a secret of the user, which would become
 * instructions for a model; a file can be endless, a FIFO or a device; a folder can have countless files. Rule: a file
 * is opened once and read up to a limit. A file of a repository counts only if it lies in that repository. Folders are
 * read up to a number of names, and links below them are left out. Nothing is ever written here. Scope: this folder.
 * Non-scope: what the files say, which the person chose to import.
 */
import fs from 'node:fs';
import path from 'node:path';
import { openFolder, followAll } from '../../system/files/open-folder.js';
import { liesBelow, readWhole, withFile } from '../../system/files/open-file.js';
import { isObject } from '../../system/node/objects.js';
import type { Scope } from './scope.js';

/** Of one file, in bytes. */
const LIMIT_BYTES = 1024 * 1024;
/** Of one folder. */
const MAX_NAMES = 1000;
/** Folders in folders. */
const MAX_DEPTH = 8;

/** Null: there is none that counts. */
export function readSource({ confined }: Pick<Scope, 'confined'>, file: string): Buffer | null {
  try {
    return withFile(file, (opened) =>
      confined === null || liesBelow(opened.real, confined) ? readWhole(opened, LIMIT_BYTES) : null,
    );
  } catch {
    return null; // missing, unreadable, too large: nothing is offered of it
  }
}

export const readText = (scope: Pick<Scope, 'confined'>, file: string): string | null =>
  readSource(scope, file)?.toString() ?? null;

/** An object; anything else, also broken JSON, is as no file. */
export function readObject(scope: Pick<Scope, 'confined'>, file: string): Readonly<Record<string, unknown>> {
  const text = readText(scope, file);
  try {
    const value: unknown = text === null ? {} : JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

export interface Listed {
  readonly name: string;
  readonly isFolder: boolean;
}

/** Files and folders in the order of their names; links are left out. */
export function listSource({ confined }: Pick<Scope, 'confined'>, folder: string): readonly Listed[] {
  try {
    const opened = openFolder(folder, followAll);
    try {
      if (confined !== null && !liesBelow(opened.real, confined)) return [];
      const listed: Listed[] = [];
      const entries = fs.opendirSync(opened.real);
      try {
        for (let entry = entries.readSync(); entry !== null && listed.length < MAX_NAMES; entry = entries.readSync()) {
          if (entry.isDirectory() || entry.isFile()) listed.push({ name: entry.name, isFolder: entry.isDirectory() });
        }
      } finally {
        entries.closeSync();
      }
      return listed.sort((one, other) => (one.name < other.name ? -1 : 1));
    } finally {
      opened.close();
    }
  } catch {
    return []; // missing or unreadable: nothing is offered of it
  }
}

/** Every file below a folder, as its parts; folders in folders up to MAX_DEPTH, MAX_NAMES files in all. */
export function filesBelow(scope: Pick<Scope, 'confined'>, folder: string): readonly (readonly string[])[] {
  const found: string[][] = [];
  const visit = (parts: readonly string[]): void => {
    for (const { name, isFolder } of listSource(scope, path.join(folder, ...parts))) {
      if (found.length >= MAX_NAMES) return;
      if (!isFolder) found.push([...parts, name]);
      else if (parts.length < MAX_DEPTH) visit([...parts, name]);
    }
  };
  visit([]);
  return found;
}
