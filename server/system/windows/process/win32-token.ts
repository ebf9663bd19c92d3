/** Calls about tokens, and the security of this process (securitybaseapi.h). */
import { words } from './process-bytes.js';
import { listOf, sidBytes, sidText } from './security-bytes.js';
import { functionsOf, memory } from '../win32-memory.js';
import { DACL_INFORMATION } from '../win32-security.js';
import { ERROR_SUCCESS, systemCalls, type Handle } from '../win32.js';

/** A SID of a token, with SE_GROUP_… attributes. */
export interface TokenGroup {
  readonly sid: string;
  readonly attributes: number;
}

/** What Windows says about a token. */
export interface TokenFacts {
  readonly user: string;
  readonly groups: readonly TokenGroup[];
  /** The SIDs that restrict it. */
  readonly restricting: readonly string[];
  /** The low halves of the privileges' numbers (LUID). */
  readonly privileges: readonly number[];
}

export interface TokenCalls {
  /** OpenProcessToken of this process, to copy it and to start with it; or the number of the error, negative. */
  openOwn(): Handle;
  /** CreateRestrictedToken without privileges, for writes restricted by these SIDs; 0: it fails. */
  restrict(token: Handle, restricting: readonly string[]): Handle;
  /** GetTokenInformation; null: it cannot be asked. */
  read(token: Handle): TokenFacts | null;
  /** SetTokenInformation: who may open what is made with this token and has no list of its own. */
  setDefaultList(token: Handle, descriptor: Buffer): number;
  /** SetKernelObjectSecurity of this process: who may open it. */
  protectOwnProcess(descriptor: Buffer): number;
}

let calls: TokenCalls | undefined;

/** Throws `machine.native-module`. */
export function tokenCalls(): TokenCalls {
  calls ??= bind();
  return calls;
}

/** TOKEN_ASSIGN_PRIMARY | DUPLICATE | QUERY | ADJUST_PRIVILEGES | ADJUST_DEFAULT | ADJUST_SESSIONID. */
const TOKEN_RIGHTS = 0x1 | 0x2 | 0x8 | 0x20 | 0x80 | 0x100;
/** DISABLE_MAX_PRIVILEGE | LUA_TOKEN | WRITE_RESTRICTED. */
const RESTRICTION = 0x1 | 0x4 | 0x8;
/** TOKEN_INFORMATION_CLASS. */
const [USER, GROUPS, PRIVILEGES, DEFAULT_DACL, RESTRICTED_SIDS] = [1, 2, 3, 6, 11];
/** SID_AND_ATTRIBUTES, and LUID_AND_ATTRIBUTES. */
const [GROUP_BYTES, PRIVILEGE_BYTES] = [16, 12];

function bind(): TokenCalls {
  const koffi = systemCalls();
  const kernel = functionsOf('kernel32.dll');
  const advapi = functionsOf('advapi32.dll');
  const { lastError } = memory();
  const currentProcess = kernel('intptr_t __stdcall GetCurrentProcess()');
  const open = advapi('int __stdcall OpenProcessToken(intptr_t process, uint32_t access, _Out_ intptr_t *token)');
  const restrict = advapi(
    'int __stdcall CreateRestrictedToken(intptr_t token, uint32_t flags, uint32_t denied, void *deny, uint32_t privileges, void *privilege, uint32_t count, void *restricting, _Out_ intptr_t *made)',
  );
  const information = advapi(
    'int __stdcall GetTokenInformation(intptr_t token, int kind, _Out_ void *information, uint32_t bytes, _Out_ uint32_t *needed)',
  );
  const setInformation = advapi(
    'int __stdcall SetTokenInformation(intptr_t token, int kind, void *information, uint32_t bytes)',
  );
  const setSecurity = advapi(
    'int __stdcall SetKernelObjectSecurity(intptr_t object, uint32_t which, void *descriptor)',
  );
  const address = (bytes: Buffer): bigint => BigInt(koffi.address(bytes));

  const ask = (token: Handle, kind: number): Buffer | null => {
    const needed = [0];
    information(token, kind, null, 0, needed);
    const bytes = Buffer.alloc(Math.max(needed[0] ?? 0, 8));
    return information(token, kind, bytes, bytes.length, needed) === 0 ? null : bytes;
  };
  /** The SID at an address inside of `bytes`. */
  const sidAt = (bytes: Buffer, at: number): string =>
    sidText(bytes, Number(bytes.readBigUInt64LE(at) - address(bytes)));
  const groupsIn = (bytes: Buffer): TokenGroup[] =>
    Array.from({ length: bytes.readUInt32LE(0) }, (_, i) => ({
      sid: sidAt(bytes, 8 + i * GROUP_BYTES),
      attributes: bytes.readUInt32LE(16 + i * GROUP_BYTES),
    }));

  return {
    openOwn: () => {
      const token = [0];
      return open(currentProcess(), TOKEN_RIGHTS, token) === 0 ? -lastError() : (token[0] ?? 0);
    },
    restrict: (token, restricting) => {
      const sids = restricting.map(sidBytes);
      const list = words(sids.flatMap((sid) => [address(sid), 0]));
      const made = [0];
      const done = restrict(token, RESTRICTION, 0, null, 0, null, sids.length, list, made);
      return done === 0 ? 0 : (made[0] ?? 0);
    },
    read: (token) => {
      const [user, groups, privileges, restricting] = [USER, GROUPS, PRIVILEGES, RESTRICTED_SIDS].map((kind) =>
        ask(token, kind ?? 0),
      );
      if (!user || !groups || !privileges) return null;
      return {
        user: sidAt(user, 0),
        groups: groupsIn(groups),
        // A system that cannot say it (Wine) restricts nothing.
        restricting: restricting ? groupsIn(restricting).map(({ sid }) => sid) : [],
        privileges: Array.from({ length: privileges.readUInt32LE(0) }, (_, i) =>
          privileges.readUInt32LE(4 + i * PRIVILEGE_BYTES),
        ),
      };
    },
    setDefaultList: (token, descriptor) => {
      const list = listOf(descriptor);
      const pointer = words([address(list)]);
      return setInformation(token, DEFAULT_DACL ?? 0, pointer, pointer.length) === 0 ? lastError() : ERROR_SUCCESS;
    },
    protectOwnProcess: (descriptor) =>
      setSecurity(currentProcess(), DACL_INFORMATION, descriptor) === 0 ? lastError() : ERROR_SUCCESS,
  };
}
