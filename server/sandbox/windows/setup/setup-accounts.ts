/**
 * The group and the two users of the sandbox: made, read back, removed.
 *
 * Threat: an account that exists already, or that Windows did not make as asked, has rights of its own.
 * Rule: what was made is asked for again: that it is a local account, enabled, no administrator, a member of the group
 * and of Users, which may log on. A user that exists gets a new password and its flags again.
 * Scope: accounts with this home's names. Non-scope: rights that an administrator gives them later.
 */
import {
  ERROR_ALIAS_EXISTS,
  ERROR_MEMBER_IN_ALIAS,
  ERROR_NO_SUCH_ALIAS,
  NERR_GROUP_EXISTS,
  NERR_GROUP_NOT_FOUND,
  NERR_USER_EXISTS,
  NERR_USER_NOT_FOUND,
  SANDBOX_USER_FLAGS,
  UF_ACCOUNTDISABLE,
} from '../../../system/windows/administration/win32-accounts.js';
import { Win32Error } from '../../../system/windows/win32-security.js';
import type { SetupSystem } from './setup-system.js';
import type { SandboxAccount } from '../setup-state.js';

/** SID_NAME_USE (winnt.h). */
const USER = 1;
const ALIAS = 4;
/** Well-known groups: Users, Administrators. Their names are in the system's language. */
const USERS = 'S-1-5-32-545';
const ADMINISTRATORS = 'S-1-5-32-544';
const COMMENT = 'codexd: commands in its sandbox';

type System = Pick<SetupSystem, 'accounts' | 'security'>;

/** The group, or why there is none. Idempotent. */
export function makeGroup({ accounts, security }: System, name: string): SandboxAccount | string {
  const error = accounts.addGroup(name, COMMENT);
  if (error !== null && ![ERROR_ALIAS_EXISTS, NERR_GROUP_EXISTS].includes(error.code))
    return `the group ${name} cannot be made: ${error.toString()}`;
  const found = security.accountOf(name);
  if (found instanceof Win32Error) return `the group ${name} cannot be read back: ${found.toString()}`;
  return found.use === ALIAS && isLocal(found.sid) ? { name, sid: found.sid } : `${name} is an account of another kind`;
}

/** A user with this password, or why there is none. Idempotent. */
export function makeUser(
  system: System,
  name: string,
  password: string,
  group: SandboxAccount,
): SandboxAccount | string {
  const { accounts, security } = system;
  const made = accounts.addUser(name, password, COMMENT);
  if (made !== null && made.code !== NERR_USER_EXISTS) return `the user ${name} cannot be made: ${made.toString()}`;
  const renewed =
    made === null ? null : (accounts.setPassword(name, password) ?? accounts.setFlags(name, SANDBOX_USER_FLAGS));
  if (renewed !== null) return `the user ${name} cannot be renewed: ${renewed.toString()}`;
  const found = security.accountOf(name);
  if (found instanceof Win32Error) return `the user ${name} cannot be read back: ${found.toString()}`;
  if (found.use !== USER || !isLocal(found.sid)) return `${name} is an account of another kind`;
  return (
    checkFacts(system, name) ??
    join(system, group.name, name, found.sid) ??
    joinUsers(system, name, found.sid) ??
    notAdministrator(system, name, found.sid) ?? { name, sid: found.sid }
  );
}

/** Null: it is gone. Idempotent. */
export function removeUser({ accounts, security }: System, name: string): string | null {
  const error = accounts.removeUser(name);
  if (error !== null && error.code !== NERR_USER_NOT_FOUND)
    return `the user ${name} cannot be removed: ${error.toString()}`;
  return isGone(security, name, 'user');
}

/** Null: it is gone. Idempotent. */
export function removeGroup({ accounts, security }: System, name: string): string | null {
  const error = accounts.removeGroup(name);
  if (error !== null && ![ERROR_NO_SUCH_ALIAS, NERR_GROUP_NOT_FOUND].includes(error.code))
    return `the group ${name} cannot be removed: ${error.toString()}`;
  return isGone(security, name, 'group');
}

/** ERROR_NONE_MAPPED (winerror.h). */
const NO_ACCOUNT = 1332;

function isGone(security: System['security'], name: string, kind: string): string | null {
  const found = security.accountOf(name);
  return found instanceof Win32Error && found.code === NO_ACCOUNT ? null : `the ${kind} ${name} is still there`;
}

const isLocal = (sid: string): boolean => /^S-1-5-21(?:-\d{1,10}){4}$/.test(sid);

function checkFacts({ accounts }: System, name: string): string | null {
  const facts = accounts.userFacts(name);
  if (facts instanceof Win32Error) return `the user ${name} cannot be read back: ${facts.toString()}`;
  if ((facts.flags & UF_ACCOUNTDISABLE) !== 0) return `the user ${name} is disabled`;
  // The password would expire with nobody to change it.
  if ((facts.flags & SANDBOX_USER_FLAGS) !== SANDBOX_USER_FLAGS) return `the user ${name} has other flags than asked`;
  return null;
}

function join({ accounts }: System, group: string, name: string, sid: string): string | null {
  const error = accounts.addMember(group, name);
  if (error !== null && error.code !== ERROR_MEMBER_IN_ALIAS)
    return `${name} cannot join ${group}: ${error.toString()}`;
  const members = accounts.members(group);
  if (members instanceof Win32Error) return `the members of ${group} cannot be read back: ${members.toString()}`;
  return members.includes(sid) ? null : `Windows reported success, but ${name} is no member of ${group}`;
}

function joinUsers(system: System, name: string, sid: string): string | null {
  const users = system.security.nameOf(USERS);
  return users instanceof Win32Error
    ? `the group Users has no name: ${users.toString()}`
    : join(system, users, name, sid);
}

function notAdministrator({ accounts, security }: System, name: string, sid: string): string | null {
  const group = security.nameOf(ADMINISTRATORS);
  if (group instanceof Win32Error) return `the group Administrators has no name: ${group.toString()}`;
  const members = accounts.members(group);
  if (members instanceof Win32Error) return `the members of ${group} cannot be read: ${members.toString()}`;
  return members.includes(sid) ? `${name} is an administrator; remove it from ${group}` : null;
}
