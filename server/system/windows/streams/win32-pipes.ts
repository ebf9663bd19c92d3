/** Windows' calls for pipes with names (win32.ts). */
import { systemCalls, win32, type Handle } from '../win32.js';
import { whenSignalled } from './win32-wait.js';
import { securityAttributes } from '../security-attributes.js';

/** What CreateNamedPipeW and CreateFileW return instead of a handle. */
const INVALID_HANDLE = -1;

export type Way = 'reads' | 'writes' | 'both';

export interface Win32Pipes {
  /**
   * CreateNamedPipeW: a pipe of bytes with this name for one client, which only processes of this user may open, and
   * none of other machines, for the work of an event loop. `way`: what this end does. `several`: other pipes may have
   * the same name; `another`: this is one of them. Otherwise the name must be free (Wine does not look). A negative
   * number is that of the error.
   */
  createPipe(name: string, way: Way, instances?: 'one' | 'several' | 'another'): Handle;
  /** ConnectNamedPipe: resolves with 0 when a client has opened it, or with the error's number, also after a close. */
  whenConnected(pipe: Handle): Promise<number>;
  /** CreateFileW: the other end, for a program, which waits on it. The number of the error, as a negative number. */
  openPipe(name: string, way: Way): Handle;
  /** A descriptor of Node for a handle, which it owns from now on (uv_open_osfhandle). -1: there are too many. */
  descriptorOf(handle: Handle): number;
  /** GetNamedPipeClientProcessId: the process at the other end of a server's pipe; null: it cannot be asked. */
  clientOf(pipe: Handle): number | null;
}

let loaded: Win32Pipes | undefined;

/** Throws `machine.native-module`. */
export function win32Pipes(): Win32Pipes {
  loaded ??= bind();
  return loaded;
}

/** winbase.h: PIPE_ACCESS_*, FILE_FLAG_OVERLAPPED, FILE_FLAG_FIRST_PIPE_INSTANCE. */
const ACCESS = { reads: 0x1, writes: 0x2, both: 0x3 };
const FOR_EVENT_LOOP = 0x40000000;
const FIRST_OF_ITS_NAME = 0x80000;
/** PIPE_REJECT_REMOTE_CLIENTS; the rest of the mode is zero: bytes. */
const LOCAL_ONLY = 0x8;
const BUFFER_BYTES = 64 * 1024;
/** winnt.h: GENERIC_READ, GENERIC_WRITE; fileapi.h: OPEN_EXISTING. */
const GENERIC = { reads: 0x80000000, writes: 0x40000000, both: 0xc0000000 };
const OPEN_EXISTING = 3;
/** PIPE_UNLIMITED_INSTANCES. */
const UNLIMITED = 255;
/** sizeof(OVERLAPPED); its first member is the status, its last one the event. */
const OVERLAPPED_BYTES = 32;
const EVENT_AT = 24;
/** winerror.h: ERROR_PIPE_CONNECTED, ERROR_IO_PENDING. */
const PIPE_CONNECTED = 535;
const IO_PENDING = 997;
/** Its owner has all rights, and nobody else has any. */
const FOR_OWNER = 'D:P(A;;GA;;;OW)';

function bind(): Win32Pipes {
  const kernel = systemCalls().load('kernel32.dll');
  const node = systemCalls().load(process.execPath);
  const lastError = kernel.func('uint32_t __stdcall GetLastError()') as () => number;
  const create = kernel.func(
    'intptr_t __stdcall CreateNamedPipeW(const char16_t *name, uint32_t access, uint32_t mode, uint32_t instances, uint32_t out, uint32_t in, uint32_t wait, void *security)',
  ) as (...args: unknown[]) => number;
  const open = kernel.func(
    'intptr_t __stdcall CreateFileW(const char16_t *name, uint32_t access, uint32_t share, void *security, uint32_t how, uint32_t flags, intptr_t template)',
  ) as (...args: unknown[]) => number;
  const createEvent = kernel.func(
    'intptr_t __stdcall CreateEventW(void *security, int manual, int signalled, void *name)',
  ) as (...args: unknown[]) => number;
  const connect = kernel.func('int __stdcall ConnectNamedPipe(intptr_t pipe, void *overlapped)') as (
    ...args: unknown[]
  ) => number;
  const { closeHandle } = win32();
  const client = kernel.func('int __stdcall GetNamedPipeClientProcessId(intptr_t pipe, _Out_ uint32_t *pid)');
  const descriptorOf = node.func('int uv_open_osfhandle(intptr_t handle)') as (handle: Handle) => number;
  const made = (handle: number): number => (handle === INVALID_HANDLE ? -lastError() : handle);
  return {
    createPipe: (name, way, instances = 'one') => {
      const security = securityAttributes(FOR_OWNER);
      const access = ACCESS[way] | FOR_EVENT_LOOP | (instances === 'another' ? 0 : FIRST_OF_ITS_NAME);
      const most = instances === 'one' ? 1 : UNLIMITED;
      return made(create(name, access, LOCAL_ONLY, most, BUFFER_BYTES, BUFFER_BYTES, 0, security.bytes));
    },
    whenConnected: async (pipe) => {
      const overlapped = Buffer.alloc(OVERLAPPED_BYTES);
      const event = createEvent(null, 1, 0, null);
      if (event === 0) return lastError();
      overlapped.writeBigInt64LE(BigInt(event), EVENT_AT);
      const code = connect(pipe, overlapped) === 0 ? lastError() : 0;
      if (code === IO_PENDING) await whenSignalled(event);
      // What the system wrote: its status, zero if a client is there.
      const failed = code === IO_PENDING ? overlapped.readUInt32LE(0) : code === PIPE_CONNECTED ? 0 : code;
      closeHandle(event);
      return failed;
    },
    openPipe: (name, way) => made(open(name, GENERIC[way], 0, null, OPEN_EXISTING, 0, 0)),
    descriptorOf,
    clientOf: (pipe) => {
      const pid = [0];
      return client(pipe, pid) === 0 ? null : (pid[0] ?? null);
    },
  };
}
