/** A named pipe for one client that runs as another user (namedpipeapi.h). */
import { words } from './process-bytes.js';
import { functionsOf, memory } from '../win32-memory.js';
import { ERROR_SUCCESS, systemCalls, win32, type Handle } from '../win32.js';

export interface ControlPipeCalls {
  /**
   * CreateNamedPipeW: a new name, one instance, both directions, only this machine. `descriptor`: who may open it. Or
   * the number of the error, negative.
   */
  create(name: string, descriptor: Buffer): Handle;
  /**
   * ConnectNamedPipe: an event that is signalled when a client is there (0: there is one already), and `free` for
   * later. Or the number of the error.
   */
  listen(pipe: Handle): { readonly event: Handle; free(): void } | number;
  /** GetNamedPipeClientProcessId; null: it cannot be asked. */
  clientOf(pipe: Handle): number | null;
  /** A descriptor of Node that owns the pipe from now on (uv_open_osfhandle). */
  descriptorOf(pipe: Handle): number;
}

let calls: ControlPipeCalls | undefined;

/** Throws `machine.native-module`. */
export function controlPipeCalls(): ControlPipeCalls {
  calls ??= bind();
  return calls;
}

/** PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE. */
const OPEN_MODE = 0x3 | 0x40000000 | 0x80000;
/** Bytes, waiting, and PIPE_REJECT_REMOTE_CLIENTS. */
const PIPE_MODE = 0x8;
const BUFFER_BYTES = 64 * 1024;
const OVERLAPPED_BYTES = 32;
const EVENT_AT = 24;
const [ERROR_IO_PENDING, ERROR_PIPE_CONNECTED] = [997, 535];

function bind(): ControlPipeCalls {
  const koffi = systemCalls();
  const kernel = functionsOf('kernel32.dll');
  const node = functionsOf(process.execPath);
  const { lastError } = memory();
  const close = win32().closeHandle;
  const create = kernel(
    'intptr_t __stdcall CreateNamedPipeW(str16 name, uint32_t open, uint32_t mode, uint32_t most, uint32_t out, uint32_t in, uint32_t ms, void *security)',
  );
  const connect = kernel('int __stdcall ConnectNamedPipe(intptr_t pipe, void *overlapped)');
  const createEvent = kernel('intptr_t __stdcall CreateEventW(void *security, int manual, int set, void *name)');
  const client = kernel('int __stdcall GetNamedPipeClientProcessId(intptr_t pipe, _Out_ uint32_t *pid)');
  const toDescriptor = node('int uv_open_osfhandle(intptr_t handle)');
  return {
    create: (name, descriptor) => {
      // SECURITY_ATTRIBUTES: its size, the descriptor, and that the handle is not inherited.
      const security = words([24, BigInt(koffi.address(descriptor)), 0]);
      const pipe = create(name, OPEN_MODE, PIPE_MODE, 1, BUFFER_BYTES, BUFFER_BYTES, 0, security);
      return pipe > 0 ? pipe : -lastError();
    },
    listen: (pipe) => {
      const event = createEvent(null, 1, 0, null);
      if (event === 0) return lastError();
      // The system writes into it until the client is there.
      const overlapped = Buffer.alloc(OVERLAPPED_BYTES);
      overlapped.writeBigInt64LE(BigInt(event), EVENT_AT);
      const code = connect(pipe, overlapped) !== 0 ? ERROR_SUCCESS : lastError();
      const free = (): void => (overlapped.length > 0 ? close(event) : undefined);
      if (code === ERROR_IO_PENDING) return { event, free };
      free();
      return code === ERROR_SUCCESS || code === ERROR_PIPE_CONNECTED ? { event: 0, free: () => {} } : code;
    },
    clientOf: (pipe) => {
      const pid = [0];
      return client(pipe, pid) === 0 ? null : (pid[0] ?? null);
    },
    descriptorOf: (pipe) => toDescriptor(pipe),
  };
}
