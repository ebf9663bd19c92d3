/**
 * Local accounts of Windows: users, groups, and their members.
 *
 * An error is a Win32Error with the number of the call (lmerr.h, winerror.h). Success is what Windows reported, not
 * what is true: who makes an account reads it back.
 */
import { addressIn, functionsOf, memory, withTexts, type Address } from '../win32-memory.js';
import { Win32Error } from '../win32-security.js';
import { ERROR_SUCCESS } from '../win32.js';

/** lmerr.h, winerror.h. */
export const NERR_USER_NOT_FOUND = 2221;
export const NERR_GROUP_NOT_FOUND = 2220;
export const NERR_USER_EXISTS = 2224;
export const NERR_GROUP_EXISTS = 2223;
export const ERROR_ALIAS_EXISTS = 1379;
export const ERROR_NO_SUCH_ALIAS = 1376;
export const ERROR_MEMBER_IN_ALIAS = 1378;

/** lmaccess.h: UF_SCRIPT | UF_NORMAL_ACCOUNT | UF_PASSWD_CANT_CHANGE | UF_DONT_EXPIRE_PASSWD. */
export const SANDBOX_USER_FLAGS = 0x1 | 0x200 | 0x40 | 0x10000;
/** lmaccess.h. */
export const UF_ACCOUNTDISABLE = 0x2;

export interface UserFacts {
  readonly flags: number;
  /** 0 guest, 1 user, 2 administrator (USER_PRIV_…). */
  readonly privilege: number;
}

export interface Win32Accounts {
  /** NetUserAdd: a user without a home and without further groups. */
  addUser(name: string, password: string, comment: string): Win32Error | null;
  /** NetUserSetInfo, level 1003. */
  setPassword(name: string, password: string): Win32Error | null;
  /** NetUserSetInfo, level 1008. */
  setFlags(name: string, flags: number): Win32Error | null;
  /** NetUserGetInfo, level 1. */
  userFacts(name: string): UserFacts | Win32Error;
  /** NetUserDel. */
  removeUser(name: string): Win32Error | null;
  /** NetLocalGroupAdd. */
  addGroup(name: string, comment: string): Win32Error | null;
  /** NetLocalGroupDel. */
  removeGroup(name: string): Win32Error | null;
  /** NetLocalGroupAddMembers, level 3: `member` is a name of this machine. */
  addMember(group: string, member: string): Win32Error | null;
  /** NetLocalGroupGetMembers, level 2: the SIDs. */
  members(group: string): readonly string[] | Win32Error;
}

let bound: Win32Accounts | undefined;

/** Throws `machine.native-module`. */
export const win32Accounts = (): Win32Accounts => (bound ??= bind());

/** USER_PRIV_USER; the size of USER_INFO_1 with 64-bit pointers, and two of its members. */
const PRIVILEGE_USER = 1;
const USER_INFO_BYTES = 56;
const PRIVILEGE_AT = 20;
const FLAGS_AT = 40;
/** No limit for a list. */
const ALL = 0xffffffff;

function bind(): Win32Accounts {
  const net = functionsOf('netapi32.dll');
  const security = functionsOf('advapi32.dll');
  const { copy, text, free: freeText } = memory();

  const userAdd = net('uint32_t __stdcall NetUserAdd(void *server, uint32_t level, void *user, _Out_ void *at)');
  const userSet = net(
    'uint32_t __stdcall NetUserSetInfo(void *server, str16 name, uint32_t level, void *user, _Out_ void *at)',
  );
  const userGet = net('uint32_t __stdcall NetUserGetInfo(void *server, str16 name, uint32_t level, _Out_ void *user)');
  const userDel = net('uint32_t __stdcall NetUserDel(void *server, str16 name)');
  const groupAdd = net(
    'uint32_t __stdcall NetLocalGroupAdd(void *server, uint32_t level, void *group, _Out_ void *at)',
  );
  const groupDel = net('uint32_t __stdcall NetLocalGroupDel(void *server, str16 name)');
  const addMembers = net(
    'uint32_t __stdcall NetLocalGroupAddMembers(void *server, str16 group, uint32_t level, void *members, uint32_t count)',
  );
  const getMembers = net(
    'uint32_t __stdcall NetLocalGroupGetMembers(void *server, str16 group, uint32_t level, _Out_ void *members, uint32_t length, _Out_ void *read, _Out_ void *total, void *resume)',
  );
  const free = net('uint32_t __stdcall NetApiBufferFree(intptr_t buffer)');
  const sidText = security('int __stdcall ConvertSidToStringSidW(intptr_t sid, _Out_ void *text)');

  const outcome = (call: string, code: number): Win32Error | null =>
    code === ERROR_SUCCESS ? null : new Win32Error(call, code);
  const setInfo = (name: string, level: number, info: Buffer): Win32Error | null =>
    outcome(`NetUserSetInfo ${name}`, userSet(null, name, level, info, Buffer.alloc(4)));
  /** What a call wrote at an address that it allocated. */
  const released = <T>(at: Address, read: () => T): T => {
    try {
      return read();
    } finally {
      free(at);
    }
  };

  return {
    addUser: (name, password, comment) =>
      withTexts([name, password, comment], (pointers) => {
        // USER_INFO_1: name, password, age, privilege, home, comment, flags, script.
        const info = Buffer.alloc(USER_INFO_BYTES);
        pointers.copy(info, 0, 0, 16);
        info.writeUInt32LE(PRIVILEGE_USER, PRIVILEGE_AT);
        pointers.copy(info, 32, 16, 24);
        info.writeUInt32LE(SANDBOX_USER_FLAGS, FLAGS_AT);
        return outcome(`NetUserAdd ${name}`, userAdd(null, 1, info, Buffer.alloc(4)));
      }),
    setPassword: (name, password) => withTexts([password], (pointers) => setInfo(name, 1003, pointers)),
    setFlags(name, flags) {
      const info = Buffer.alloc(4);
      info.writeUInt32LE(flags);
      return setInfo(name, 1008, info);
    },
    userFacts(name) {
      const out = Buffer.alloc(8);
      const code = userGet(null, name, 1, out);
      if (code !== ERROR_SUCCESS) return new Win32Error(`NetUserGetInfo ${name}`, code);
      const at = addressIn(out);
      return released(at, () => {
        const info = copy(at, USER_INFO_BYTES);
        return { privilege: info.readUInt32LE(PRIVILEGE_AT), flags: info.readUInt32LE(FLAGS_AT) };
      });
    },
    removeUser: (name) => outcome(`NetUserDel ${name}`, userDel(null, name)),
    addGroup: (name, comment) =>
      withTexts([name, comment], (pointers) =>
        outcome(`NetLocalGroupAdd ${name}`, groupAdd(null, 1, pointers, Buffer.alloc(4))),
      ),
    removeGroup: (name) => outcome(`NetLocalGroupDel ${name}`, groupDel(null, name)),
    addMember: (group, member) =>
      withTexts([member], (pointers) =>
        outcome(`NetLocalGroupAddMembers ${group} ${member}`, addMembers(null, group, 3, pointers, 1)),
      ),
    members(group) {
      const [out, read, total] = [Buffer.alloc(8), Buffer.alloc(4), Buffer.alloc(4)];
      const code = getMembers(null, group, 2, out, ALL, read, total, null);
      if (code !== ERROR_SUCCESS) return new Win32Error(`NetLocalGroupGetMembers ${group}`, code);
      const at = addressIn(out);
      return released(at, () => {
        // LOCALGROUP_MEMBERS_INFO_2: the SID, the kind, the name.
        const entries = copy(at, 24 * read.readUInt32LE());
        return Array.from({ length: read.readUInt32LE() }, (_, i) => {
          const sid = Buffer.alloc(8);
          if (sidText(addressIn(entries, 24 * i), sid) === 0) return '';
          const found = text(addressIn(sid));
          freeText(addressIn(sid));
          return found;
        });
      });
    },
  };
}
