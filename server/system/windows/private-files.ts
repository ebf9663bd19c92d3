/**
 * Files and folders of this user alone, by an access list: Windows has no modes, and what is made inherits the list of
 * the folder above.
 *
 * Threat: a folder outside of the user's profile (`D:\\codex`) is readable by every user of the machine, and a program
 * that opened a file before its list was set reads what is written later.
 * Rule: they are made with a list that has the system, the administrators and this user, and inherits nothing. It is
 * read back before anything is written; a list that has somebody else is an error, and nothing is kept.
 * Scope: what codexd makes. Non-scope: files and folders that are there already, which keep their lists; whether a list
 * that Windows reports holds.
 */
import fs from 'node:fs';
import path from 'node:path';
import { CodexdError } from '../../errors/codexd-error.js';
import { fault } from '../../errors/fault.js';
import { accessListIn } from './sddl.js';
import { nodeError } from './node-errors.js';
import { createFile, createFolder, ERROR_ALREADY_EXISTS, ERROR_FILE_EXISTS } from './win32-files.js';
import { win32Security, Win32Error } from './win32-security.js';
import { ERROR_SUCCESS } from './win32.js';

/** `below`: also for everything that is made in it. */
export const privateList = (user: string, below: boolean): string =>
  `D:P${['SY', 'BA', user].map((who) => `(A;${below ? 'OICI' : ''};FA;;;${who})`).join('')}`;

/**
 * Whether an access list, as Windows reports it, is for `names` alone: SIDs, and their letters where SDDL has some. An
 * empty list is nobody's, so nobody can use the file.
 */
export function isPrivate(sddl: string, names: readonly string[]): boolean {
  const list = accessListIn(sddl);
  return (
    list !== null &&
    list.aces.length > 0 &&
    list.aces.every(({ kind, inherited, sid }) => kind === 'allow' && !inherited && names.includes(sid))
  );
}

/** Makes an empty file. False: it exists, and keeps its list. Throws `machine.scratch`, and what Node would throw. */
export function makePrivateFile(file: string): boolean {
  const place = longPath(file);
  const user = thisUser(file);
  const code = createFile(place, privateList(user.sid, false));
  if (code === ERROR_FILE_EXISTS || code === ERROR_ALREADY_EXISTS) return false;
  if (code !== ERROR_SUCCESS) throw nodeError('open', file, code) ?? notMade(file, new Win32Error('CreateFile', code));
  proveClosed(file, user, () => fs.rmSync(file));
  return true;
}

/**
 * Makes a folder, and those above it. One that exists keeps its own list. Throws `machine.scratch`, and what Node's
 * mkdir throws.
 */
export function makePrivateFolder(folder: string): void {
  for (const part of missing(path.resolve(folder))) {
    const user = thisUser(part);
    const code = createFolder(longPath(part), privateList(user.sid, true));
    if (code === ERROR_SUCCESS) proveClosed(part, user, () => fs.rmdirSync(part));
    // Another daemon may be faster; it makes it in the same way.
    else if (code !== ERROR_ALREADY_EXISTS)
      throw nodeError('mkdir', part, code) ?? notMade(part, new Win32Error('CreateDirectory', code));
  }
  fs.mkdirSync(folder, { recursive: true }); // Throws if a file has its name.
}

/** Windows' own calls take more than 260 characters only in this form, which Node uses as well. */
const longPath = (place: string): string => path.toNamespacedPath(path.resolve(place));

/** The folders of a path that do not exist, from above. */
function missing(folder: string): readonly string[] {
  const parts: string[] = [];
  for (let at = folder; !fs.existsSync(at) && path.dirname(at) !== at; at = path.dirname(at)) parts.unshift(at);
  return parts;
}

interface User {
  readonly sid: string;
  /** How Windows writes the names of a list for this user: some accounts have letters (`LA`, `NS`). */
  readonly names: readonly string[];
}

/** The user of a process stays the same. */
let found: User | undefined;

function thisUser(place: string): User {
  if (found !== undefined) return found;
  const { ownSids, descriptor, sddl } = win32Security();
  const sids = ownSids();
  const sid = sids instanceof Win32Error ? undefined : sids[0];
  if (sid === undefined) throw notMade(place, 'this user has no SID');
  const bytes = descriptor(privateList(sid, false));
  const text = bytes instanceof Win32Error ? bytes : sddl(bytes);
  if (text instanceof Win32Error) throw notMade(place, text);
  const list = accessListIn(text);
  if (list === null) throw fault(`${text} has no access list`);
  return (found = { sid, names: list.aces.map((ace) => ace.sid) });
}

/** `remove` takes the new thing away if somebody else has access to it. */
function proveClosed(place: string, { names }: User, remove: () => void): void {
  const list = win32Security().fileSecurity(longPath(place));
  if (!(list instanceof Win32Error) && isPrivate(list, names)) return;
  const error = notMade(place, list instanceof Win32Error ? list : `Windows reports another list: ${list}`);
  try {
    remove();
  } catch (cause) {
    error.cause = cause; // It is empty, so it tells nothing to anybody.
  }
  throw error;
}

const notMade = (place: string, why: Win32Error | string): CodexdError =>
  new CodexdError(
    'machine.scratch',
    `${place} cannot be made for this user alone: ${why.toString()}; choose a folder of yours on a drive with NTFS`,
  );
