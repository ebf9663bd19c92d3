/**
 * Windows' security: names of accounts, descriptors, the access lists of files, and Windows' own judgement about them.
 *
 * A SID is its text (`S-1-5-…`), a descriptor is SDDL. A call that fails answers with a Win32Error: its function and
 * number. The calls say what Windows reported, not what is true: who sets a list reads it back.
 */
import { addressIn, functionsOf, memory, type Address } from './win32-memory.js';
import { ERROR_SUCCESS, win32, type Handle } from './win32.js';

/** What failed. `code`: winerror.h. */
export class Win32Error {
  readonly call: string;
  readonly code: number;
  constructor(call: string, code: number) {
    this.call = call;
    this.code = code;
  }
  toString(): string {
    return `${this.call} (os error ${this.code})`;
  }
}

/** winnt.h, SECURITY_INFORMATION. */
export const OWNER_INFORMATION = 0x1;
export const DACL_INFORMATION = 0x4;
/** With DACL_INFORMATION: nothing is inherited from the folder above. */
export const PROTECTED_DACL = 0x80000000;
/** With DACL_INFORMATION: what the folder above has is inherited. */
export const UNPROTECTED_DACL = 0x20000000;

export interface Account {
  readonly sid: string;
  /** SID_NAME_USE: 1 user, 2 group, 4 alias (a local group), 5 well-known group. */
  readonly use: number;
}

export interface Win32Security {
  /** LookupAccountNameW on this machine. Number 1332: there is no such account. */
  accountOf(name: string): Account | Win32Error;
  /** LookupAccountSidW on this machine: the name without its domain, in the system's language. */
  nameOf(sid: string): string | Win32Error;
  /** SDDL → the self-relative descriptor (ConvertStringSecurityDescriptorToSecurityDescriptorW). */
  descriptor(sddl: string): Buffer | Win32Error;
  /** A self-relative descriptor → SDDL of its owner and access list. */
  sddl(descriptor: Buffer): string | Win32Error;
  /**
   * AccessCheck of this process's own token: whether it may do all of `access` (FILE_…, not generic rights) with a file
   * of this descriptor, which needs an owner and a group.
   */
  mayAccess(sddl: string, access: number): boolean | Win32Error;
  /** The SIDs of this process's token: the user first, then the groups that count. */
  ownSids(): readonly string[] | Win32Error;
  /** The SID that owns what this process makes (TokenOwner): its user, or the administrators' group. */
  defaultOwner(): string | Win32Error;
  /** Whether this process has an administrator's rights now (TokenElevation). */
  isElevated(): boolean | Win32Error;
  /** GetNamedSecurityInfoW of a file or folder: its owner and access list. */
  fileSecurity(path: string): string | Win32Error;
  /**
   * SetNamedSecurityInfoW of a file or folder: replaces its access list, and lets its children inherit. `protect`: true
   * cuts it off from the folder above, false connects it, undefined leaves that.
   */
  setFileAccess(path: string, sddl: string, protect?: boolean): Win32Error | null;
}

let bound: Win32Security | undefined;

/** Throws `machine.native-module`. */
export const win32Security = (): Win32Security => (bound ??= bind());

/** SDDL_REVISION_1, and SE_FILE_OBJECT of SE_OBJECT_TYPE. */
const REVISION = 1;
const FILE_OBJECT = 1;
/** TOKEN_DUPLICATE | TOKEN_QUERY; MAXIMUM_ALLOWED; SecurityImpersonation; TokenImpersonation. */
const DUPLICATE_AND_QUERY = 0x2 | 0x8;
const QUERY = 0x8;
const [IMPERSONATION_LEVEL, IMPERSONATION_TOKEN] = [2, 2];
/** TOKEN_INFORMATION_CLASS. */
const [TOKEN_USER, TOKEN_GROUPS, TOKEN_OWNER, TOKEN_ELEVATION] = [1, 2, 4, 20];
/** SE_GROUP_ENABLED. */
const ENABLED = 0x4;
/** GENERIC_MAPPING of files: what reading, writing, executing and all are (winnt.h, FILE_GENERIC_…). */
const FILE_MAPPING = [0x120089, 0x120116, 0x1200a0, 0x1f01ff];

function bind(): Win32Security {
  const api = functionsOf('advapi32.dll');
  const { copy, text, free, lastError } = memory();
  const failed = (call: string): Win32Error => new Win32Error(call, lastError());

  const toSid = api('int __stdcall ConvertStringSidToSidW(str16 text, _Out_ void *sid)');
  const fromSid = api('int __stdcall ConvertSidToStringSidW(intptr_t sid, _Out_ void *text)');
  const fromSidBytes = api('int __stdcall ConvertSidToStringSidW(void *sid, _Out_ void *text)');
  const lookupName = api(
    'int __stdcall LookupAccountNameW(void *system, str16 name, _Out_ void *sid, _Inout_ void *sidBytes, _Out_ void *domain, _Inout_ void *domainLength, _Out_ void *use)',
  );
  const lookupSid = api(
    'int __stdcall LookupAccountSidW(void *system, intptr_t sid, _Out_ void *name, _Inout_ void *nameLength, _Out_ void *domain, _Inout_ void *domainLength, _Out_ void *use)',
  );
  const toDescriptor = api(
    'int __stdcall ConvertStringSecurityDescriptorToSecurityDescriptorW(str16 sddl, uint32_t revision, _Out_ void *descriptor, _Out_ void *bytes)',
  );
  const fromDescriptor = api(
    'int __stdcall ConvertSecurityDescriptorToStringSecurityDescriptorW(void *descriptor, uint32_t revision, uint32_t parts, _Out_ void *text, void *length)',
  );
  const fromDescriptorAt = api(
    'int __stdcall ConvertSecurityDescriptorToStringSecurityDescriptorW(intptr_t descriptor, uint32_t revision, uint32_t parts, _Out_ void *text, void *length)',
  );
  const openToken = api('int __stdcall OpenProcessToken(intptr_t process, uint32_t access, _Out_ void *token)');
  const duplicate = api(
    'int __stdcall DuplicateTokenEx(intptr_t token, uint32_t access, void *security, int level, int kind, _Out_ void *copy)',
  );
  const tokenInformation = api(
    'int __stdcall GetTokenInformation(intptr_t token, int kind, _Out_ void *information, uint32_t bytes, _Out_ void *needed)',
  );
  const accessCheck = api(
    'int __stdcall AccessCheck(void *descriptor, intptr_t token, uint32_t access, void *mapping, _Out_ void *privileges, _Inout_ void *privilegeBytes, _Out_ void *granted, _Out_ void *status)',
  );
  const getNamed = api(
    'uint32_t __stdcall GetNamedSecurityInfoW(str16 name, int kind, uint32_t parts, void *owner, void *group, void *dacl, void *sacl, _Out_ void *descriptor)',
  );
  const setNamed = api(
    'uint32_t __stdcall SetNamedSecurityInfoW(str16 name, int kind, uint32_t parts, void *owner, void *group, intptr_t dacl, void *sacl)',
  );
  const daclOf = api(
    'int __stdcall GetSecurityDescriptorDacl(intptr_t descriptor, _Out_ void *present, _Out_ void *dacl, _Out_ void *defaulted)',
  );

  /** A text that Windows allocated. */
  const taken = (at: Address): string => {
    const value = text(at);
    free(at);
    return value;
  };
  const sidText = (sid: Buffer): string | Win32Error => {
    const out = Buffer.alloc(8);
    return fromSidBytes(sid, out) === 0 ? failed('ConvertSidToStringSid') : taken(addressIn(out));
  };
  const sidTextAt = (sid: Address): string | Win32Error => {
    const out = Buffer.alloc(8);
    return fromSid(sid, out) === 0 ? failed('ConvertSidToStringSid') : taken(addressIn(out));
  };
  /** The address of a descriptor, which the caller frees. */
  const parse = (sddl: string): { readonly at: Address; readonly bytes: number } | Win32Error => {
    const [at, bytes] = [Buffer.alloc(8), Buffer.alloc(4)];
    if (toDescriptor(sddl, REVISION, at, bytes) === 0) return failed(`the descriptor ${sddl}`);
    return { at: addressIn(at), bytes: bytes.readUInt32LE() };
  };
  const withToken = <T>(access: number, use: (token: Handle) => T): T | Win32Error => {
    const { currentProcess, closeHandle } = win32();
    const out = Buffer.alloc(8);
    if (openToken(currentProcess(), access, out) === 0) return failed('OpenProcessToken');
    const token = addressIn(out);
    try {
      return use(token);
    } finally {
      closeHandle(token);
    }
  };
  /** `read` gets the information while its addresses are valid: they point into the buffer itself. */
  const ask = <T>(token: Handle, kind: number, read: (information: Buffer) => T): T | Win32Error => {
    const needed = Buffer.alloc(4);
    tokenInformation(token, kind, null, 0, needed);
    const information = Buffer.alloc(needed.readUInt32LE());
    if (tokenInformation(token, kind, information, information.length, needed) === 0)
      return failed('GetTokenInformation');
    return read(information);
  };

  const calls: Win32Security = {
    accountOf(name) {
      const [sid, domain, use] = [Buffer.alloc(68), Buffer.alloc(512), Buffer.alloc(4)];
      const [sidBytes, domainLength] = [uint32(sid.length), uint32(domain.length / 2)];
      if (lookupName(null, name, sid, sidBytes, domain, domainLength, use) === 0)
        return failed(`LookupAccountName ${name}`);
      const found = sidText(sid);
      return found instanceof Win32Error ? found : { sid: found, use: use.readUInt32LE() };
    },
    nameOf(sid) {
      const at = Buffer.alloc(8);
      if (toSid(sid, at) === 0) return failed(`the SID ${sid}`);
      const [name, domain, use] = [Buffer.alloc(1024), Buffer.alloc(1024), Buffer.alloc(4)];
      const [nameLength, domainLength] = [uint32(512), uint32(512)];
      const found = lookupSid(null, addressIn(at), name, nameLength, domain, domainLength, use);
      const error = found === 0 ? failed(`LookupAccountSid ${sid}`) : null;
      free(addressIn(at));
      return error ?? name.toString('utf16le', 0, 2 * nameLength.readUInt32LE());
    },
    descriptor(sddl) {
      const parsed = parse(sddl);
      if (parsed instanceof Win32Error) return parsed;
      const bytes = copy(parsed.at, parsed.bytes);
      free(parsed.at);
      return bytes;
    },
    sddl(descriptor) {
      const out = Buffer.alloc(8);
      return fromDescriptor(descriptor, REVISION, OWNER_INFORMATION | DACL_INFORMATION, out, null) === 0
        ? failed('ConvertSecurityDescriptorToStringSecurityDescriptor')
        : taken(addressIn(out));
    },
    mayAccess(sddl, access) {
      const descriptor = calls.descriptor(sddl);
      if (descriptor instanceof Win32Error) return descriptor;
      return withToken(DUPLICATE_AND_QUERY, (token) => {
        const out = Buffer.alloc(8);
        if (duplicate(token, QUERY, null, IMPERSONATION_LEVEL, IMPERSONATION_TOKEN, out) === 0)
          return failed('DuplicateTokenEx');
        const impersonation = addressIn(out);
        try {
          const mapping = Buffer.concat(FILE_MAPPING.map(uint32));
          const privileges = Buffer.alloc(256);
          const [granted, status] = [Buffer.alloc(4), Buffer.alloc(4)];
          const done = accessCheck(
            descriptor,
            impersonation,
            access,
            mapping,
            privileges,
            uint32(privileges.length),
            granted,
            status,
          );
          if (done === 0) return failed('AccessCheck');
          return status.readInt32LE() !== 0 && (granted.readUInt32LE() & access) >>> 0 === access >>> 0;
        } finally {
          win32().closeHandle(impersonation);
        }
      });
    },
    ownSids: () =>
      withToken(QUERY, (token) => {
        const user = ask(token, TOKEN_USER, (information) => sidTextAt(addressIn(information)));
        const groups = ask(token, TOKEN_GROUPS, (information) =>
          Array.from({ length: information.readUInt32LE() }, (_, i) => 8 + 16 * i)
            .filter((at) => (information.readUInt32LE(at + 8) & ENABLED) !== 0)
            .map((at) => sidTextAt(addressIn(information, at))),
        );
        if (groups instanceof Win32Error) return groups;
        const texts: string[] = [];
        for (const sid of [user, ...groups]) {
          if (sid instanceof Win32Error) return sid;
          texts.push(sid);
        }
        return texts;
      }),
    defaultOwner: () =>
      withToken(QUERY, (token) => ask(token, TOKEN_OWNER, (information) => sidTextAt(addressIn(information)))),
    isElevated: () =>
      withToken(QUERY, (token) => ask(token, TOKEN_ELEVATION, (information) => information.readUInt32LE() !== 0)),
    fileSecurity(path) {
      const out = Buffer.alloc(8);
      const parts = OWNER_INFORMATION | DACL_INFORMATION;
      const code = getNamed(path, FILE_OBJECT, parts, null, null, null, null, out);
      if (code !== ERROR_SUCCESS) return new Win32Error(`GetNamedSecurityInfo ${path}`, code);
      const at = addressIn(out);
      const sddl = Buffer.alloc(8);
      const error =
        fromDescriptorAt(at, REVISION, parts, sddl, null) === 0 ? failed(`the access list of ${path}`) : null;
      free(at);
      return error ?? taken(addressIn(sddl));
    },
    setFileAccess(path, sddl, protect) {
      const parsed = parse(sddl);
      if (parsed instanceof Win32Error) return parsed;
      const [present, dacl, defaulted] = [Buffer.alloc(4), Buffer.alloc(8), Buffer.alloc(4)];
      try {
        if (daclOf(parsed.at, present, dacl, defaulted) === 0) return failed('GetSecurityDescriptorDacl');
        // No list at all would give everyone every right.
        if (present.readUInt32LE() === 0 || addressIn(dacl) === 0)
          return new Win32Error(`an empty access list for ${path}`, ERROR_INVALID_ACL);
        const inheritance = protect === undefined ? 0 : protect ? PROTECTED_DACL : UNPROTECTED_DACL;
        const code = setNamed(
          path,
          FILE_OBJECT,
          (DACL_INFORMATION | inheritance) >>> 0,
          null,
          null,
          addressIn(dacl),
          null,
        );
        return code === ERROR_SUCCESS ? null : new Win32Error(`SetNamedSecurityInfo ${path}`, code);
      } finally {
        free(parsed.at);
      }
    },
  };
  return calls;
}

/** winerror.h. */
const ERROR_INVALID_ACL = 1336;

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32LE(value);
  return buffer;
}
