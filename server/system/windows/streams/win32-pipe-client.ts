/** Windows' calls of a program that connects to a pipe with a name, and looks who serves it. */
import { addressIn, functionsOf, memory } from '../win32-memory.js';
import { OWNER_INFORMATION, Win32Error } from '../win32-security.js';
import { ERROR_SUCCESS, systemCalls, win32, type Handle } from '../win32.js';

export interface PipeClientCalls {
  /**
   * CreateFileW, for the work of an event loop. The server may ask who connects, and may not act as this user. The
   * number of the error, as a negative number.
   */
  open(name: string): Handle;
  /** WaitNamedPipeW: waits until one of the server's pipes is free, or for `ms`. Resolves in any case. */
  whenFree(name: string, ms: number): Promise<void>;
  /** GetSecurityInfo: the SID of the owner of an open pipe, who made it. */
  ownerOf(pipe: Handle): string | Win32Error;
  /**
   * Whether the process that serves an open pipe has a restricted token (GetNamedPipeServerProcessId,
   * IsTokenRestricted).
   */
  isServerRestricted(pipe: Handle): boolean | Win32Error;
}

let bound: PipeClientCalls | undefined;

/** Throws `machine.native-module`. */
export const pipeClientCalls = (): PipeClientCalls => (bound ??= bind());

/** GENERIC_READ | GENERIC_WRITE; the first has READ_CONTROL, which the owner is asked with. */
const ACCESS = 0xc0000000;
const OPEN_EXISTING = 3;
/** FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION (winbase.h). */
const FLAGS = 0x40000000 | 0x100000 | 0x10000;
const NO_HANDLE = -1;
/** SE_KERNEL_OBJECT of SE_OBJECT_TYPE. */
const KERNEL_OBJECT = 6;
/** PROCESS_QUERY_LIMITED_INFORMATION; TOKEN_QUERY. */
const [ASK_PROCESS, ASK_TOKEN] = [0x1000, 0x8];

function bind(): PipeClientCalls {
  const kernel = functionsOf('kernel32.dll');
  const advapi = functionsOf('advapi32.dll');
  const { lastError, text, free } = memory();
  const { closeHandle } = win32();
  const open = kernel(
    'intptr_t __stdcall CreateFileW(str16 name, uint32_t access, uint32_t share, void *security, uint32_t how, uint32_t flags, intptr_t template)',
  );
  const wait = systemCalls().load('kernel32.dll').func('int __stdcall WaitNamedPipeW(str16 name, uint32_t ms)');
  const serverOf = kernel('int __stdcall GetNamedPipeServerProcessId(intptr_t pipe, _Out_ uint32_t *pid)');
  const openProcess = kernel('intptr_t __stdcall OpenProcess(uint32_t access, int inherit, uint32_t pid)');
  const openToken = advapi('int __stdcall OpenProcessToken(intptr_t process, uint32_t access, _Out_ intptr_t *token)');
  const isRestricted = advapi('int __stdcall IsTokenRestricted(intptr_t token)');
  const security = advapi(
    'uint32_t __stdcall GetSecurityInfo(intptr_t object, int kind, uint32_t parts, _Out_ void *owner, void *group, void *dacl, void *sacl, _Out_ void *descriptor)',
  );
  const sidText = advapi('int __stdcall ConvertSidToStringSidW(intptr_t sid, _Out_ void *text)');
  const failed = (call: string): Win32Error => new Win32Error(call, lastError());

  return {
    open: (name) => {
      const pipe = open(name, ACCESS, 0, null, OPEN_EXISTING, FLAGS, 0);
      return pipe === NO_HANDLE ? -lastError() : pipe;
    },
    whenFree: (name, ms) => new Promise((resolve) => wait.async(name, ms, () => resolve())),
    ownerOf: (pipe) => {
      const [owner, descriptor, out] = [Buffer.alloc(8), Buffer.alloc(8), Buffer.alloc(8)];
      const code = security(pipe, KERNEL_OBJECT, OWNER_INFORMATION, owner, null, null, null, descriptor);
      if (code !== ERROR_SUCCESS) return new Win32Error('GetSecurityInfo', code);
      const error = sidText(addressIn(owner), out) === 0 ? failed('ConvertSidToStringSid') : null;
      free(addressIn(descriptor));
      if (error !== null) return error;
      const sid = text(addressIn(out));
      free(addressIn(out));
      return sid;
    },
    isServerRestricted: (pipe) => {
      const [pid, token] = [[0], [0]];
      if (serverOf(pipe, pid) === 0) return failed('GetNamedPipeServerProcessId');
      const process = openProcess(ASK_PROCESS, 0, pid[0]);
      if (process === 0) return failed('OpenProcess');
      const error = openToken(process, ASK_TOKEN, token) === 0 ? failed('OpenProcessToken') : null;
      closeHandle(process);
      if (error !== null) return error;
      const answer = isRestricted(token[0]) !== 0;
      closeHandle(token[0] ?? 0);
      return answer;
    },
  };
}
