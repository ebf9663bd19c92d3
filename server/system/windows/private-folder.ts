/**
 * Folders of this user alone, by an access list: Windows has no modes, and a folder inherits the list of the one above.
 *
 * Threat: a folder outside of the user's profile (`D:\\codex`) is readable by every user of the machine.
 * Rule: the list has the system, the administrators and this user, and inherits nothing. A list that Windows refuses to
 * set is an error.
 * Non-scope: file systems without access lists (FAT), where Windows reports the error; Wine, which reports success.
 */
import { CodexdError } from '../../errors/codexd-error.js';
import { win32Security, Win32Error } from './win32-security.js';

/** For the folder and for everything that is made in it. */
export const privateList = (user: string): string =>
  `D:P${['SY', 'BA', user].map((who) => `(A;OICI;FA;;;${who})`).join('')}`;

/** Throws `machine.scratch` with the folder and the reason. */
export function closeToOthers(folder: string): void {
  const { ownSids, setFileAccess } = win32Security();
  const sids = ownSids();
  const user = sids instanceof Win32Error ? undefined : sids[0];
  const failed = user === undefined ? 'this user has no SID' : setFileAccess(folder, privateList(user), true);
  if (failed !== null)
    throw new CodexdError(
      'machine.scratch',
      `${folder} cannot be closed to other users: ${failed.toString()}; choose a folder on a drive with NTFS`,
    );
}
