/**
 * The folder of a set-up in the Codex home: marker, passwords, the record of access entries.
 *
 * Threat: a program of another user reads the passwords; a command changes the marker. An administrator's program that
 * follows a link opens a folder of the system to the user who made the link.
 * Rule: the folder is a real one in the Codex home, and its list names the owner of the home, the system and the
 * administrators, nobody else, and inherits nothing. It is read back.
 * Non-scope: the home's owner, who could replace the folder by a link between the look and the call.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Win32Error } from '../../../system/windows/win32-security.js';
import { changeList } from '../access-change.js';
import { key } from '../access-list.js';
import { setupFolder } from '../setup-state.js';
import type { SetupSystem } from './setup-system.js';
import { accessListIn, RIGHTS } from '../../../system/windows/sddl.js';

/** Null: it is there, and closed to others. Otherwise why not. Idempotent. Throws what the file system throws. */
export function makeFolder(codexHome: string, { lists, security }: SetupSystem): string | null {
  const folder = setupFolder(codexHome);
  fs.mkdirSync(folder, { recursive: true });
  const real = fs.realpathSync.native(folder);
  // An administrator's program that follows a link would open another folder to the user.
  if (key(real) !== key(path.join(fs.realpathSync.native(codexHome), path.basename(folder))))
    return `${folder} is a link to ${real}`;
  const owner = ownerOf(codexHome, lists, security);
  if (owner === null) return `the owner of ${codexHome} cannot be read`;
  const everything = (sid: string) => ({ effect: 'allow', sid, mask: RIGHTS.all, inheritance: 'all' }) as const;
  const found = lists.read(folder);
  if ('error' in found) return found.error;
  const wanted = [...new Set(['SY', 'BA', owner])].map(everything);
  const sddl = `D:P${wanted.map(({ sid }) => `(A;OICI;FA;;;${sid})`).join('')}`;
  const why = lists.write(folder, sddl, true);
  if (why !== null) return `the list of ${folder} cannot be made: ${why}`;
  const after = lists.read(folder);
  const list = 'sddl' in after ? accessListIn(after.sddl) : null;
  const closed =
    list?.protected === true &&
    list.aces.every(({ kind, sid }) => kind === 'allow' && wanted.some((one) => one.sid === sid));
  return closed && changeList(folder, { wanted, removed: [] }, { ...lists, write: () => 'it was not kept' }) === null
    ? null
    : `${folder} cannot be closed to other users: Windows reported success, but its list is another one`;
}

/** The SID whose home it is: its owner, or this user if an administrator's program made it. */
function ownerOf(codexHome: string, lists: SetupSystem['lists'], security: SetupSystem['security']): string | null {
  const found = lists.read(codexHome);
  if ('error' in found) return null;
  // A person's account: of this machine or a domain, or of Entra.
  const owner = /^O:(S-1-5-21(?:-\d+){4}|S-1-12-1(?:-\d+){4})/.exec(found.sddl)?.[1];
  if (owner !== undefined) return owner;
  const own = security.ownSids();
  return own instanceof Win32Error ? null : (own[0] ?? null);
}
