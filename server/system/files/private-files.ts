/**
 * Files and folders for secrets and records, which other users may not read.
 *
 * Threat: another user of the machine reads keys, logins and the talk with a model.
 * Rule: they are made here, with mode 0600 and 0700, and on Windows with an access list (windows/private-files.ts). A
 * lint rule (codexd/private-files) finds what is made elsewhere.
 * Scope: what codexd makes. Non-scope: commands, which run as the same user (scratch.ts).
 */
import fs from 'node:fs';
import { fault } from '../../errors/fault.js';
import type * as privateFiles from '../windows/private-files.js';

/** Whether files have modes and owners by number; Windows has access lists instead. */
export const HAS_MODES = process.platform !== 'win32';

let windows: typeof privateFiles | undefined;

/** At the start of the program, before anything is made. Elsewhere there is nothing to wait for. */
export function preparePrivateFiles(): Promise<void> | undefined {
  return HAS_MODES || windows !== undefined ? undefined : load();
}

async function load(): Promise<void> {
  windows = await import('../windows/private-files.js');
}

/** Throws before `preparePrivateFiles` has ended: a file must not get the list of its folder by accident. */
function onWindows(): typeof privateFiles {
  if (windows === undefined) throw fault('preparePrivateFiles has not been awaited');
  return windows;
}

/**
 * Makes a folder of this user alone, with those above it; one that exists keeps its mode or list. What is made in it
 * inherits its list on Windows. Throws what the file system throws; on Windows `machine.scratch`,
 * `machine.native-module`.
 */
export function makeFolderForUser(folder: string): void {
  if (HAS_MODES) fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  else onWindows().makePrivateFolder(folder);
}

/** How a file is opened; as for open(2). */
const FLAGS = {
  /** A new file, for writing. */
  wx: fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL,
  /** A new or emptied file, for writing. */
  w: fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_TRUNC,
  /** For reading and appending. */
  'a+': fs.constants.O_RDWR | fs.constants.O_APPEND | fs.constants.O_CREAT,
  /** A new file, for reading and appending. */
  'ax+': fs.constants.O_RDWR | fs.constants.O_APPEND | fs.constants.O_CREAT | fs.constants.O_EXCL,
} as const;

/**
 * Opens a file of this user alone, and makes it if it is missing: it has its mode or list from its first moment on. One
 * that exists keeps its own. Throws as makeFolderForUser.
 */
export function openForUser(file: string, how: keyof typeof FLAGS): number {
  const flags = FLAGS[how];
  if (HAS_MODES) return fs.openSync(file, flags, 0o600);
  const isNew = startFileForUser(file);
  if (!isNew && (flags & fs.constants.O_EXCL) !== 0)
    throw Object.assign(new Error(`${file} exists already`), { code: 'EEXIST', syscall: 'open', path: file });
  return fs.openSync(file, flags & ~(fs.constants.O_CREAT | fs.constants.O_EXCL));
}

/** Writes a file of this user alone, which must not exist. Throws as makeFolderForUser. */
export function writeNewForUser(file: string, content: string): void {
  const descriptor = openForUser(file, 'wx');
  try {
    fs.writeFileSync(descriptor, content);
  } finally {
    fs.closeSync(descriptor);
  }
}

/**
 * Before a file is opened in another way with mode 0600: makes it on Windows, if it is missing. True: it was made. Does
 * nothing elsewhere, where open(2) makes it. Throws as makeFolderForUser.
 */
export const startFileForUser = (file: string): boolean => !HAS_MODES && onWindows().makePrivateFile(file);
