/**
 * The calls to Windows that Node does not have, typed, through koffi: those of the kernel that several parts need. Each
 * other family has its own file beside this one (win32-*.ts); no other file declares a call. Read the page of a
 * function at learn.microsoft.com by its name.
 *
 * Loaded with import() by the seams of server/system, on Windows only (test/architecture/windows.test.ts).
 *
 * Handles are numbers, and 0 or -1 is none. A call that fails returns the number of the error (winerror.h) instead of
 * leaving it to GetLastError, which Node's own work could change.
 */
import { packageRoot } from '../../package/package-root.js';
import { loadNativeModule, SYSTEM_CALLS } from '../node/native-module.js';

/** A kernel object of this process. */
export type Handle = number;

/** winerror.h. */
export const ERROR_SUCCESS = 0;
export const ERROR_LOCK_VIOLATION = 33;

export interface Win32 {
  /**
   * The handle of a descriptor of Node, which keeps it (uv_get_osfhandle of libuv, which node.exe exports).
   */
  handleOf(descriptor: number): Handle;
  /** LockFileEx over the whole file, exclusive, without waiting. ERROR_LOCK_VIOLATION: another handle has it. */
  lockFile(file: Handle): number;

  /** OpenProcess with the rights that a job and its end need; 0: there is no such process, or it is another user's. */
  openProcess(pid: number): Handle;
  /**
   * CreateJobObjectW, not inherited, with JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE: when its last handle closes, also by the
   * end of this process in any way, its processes are killed. `name`: one that nobody else uses; null: none. 0: the
   * system is out of memory.
   */
  createJob(name: string | null): Handle;
  /** OpenJobObjectW, to add processes; 0: there is no such job, or it is another user's. */
  openJob(name: string): Handle;
  /** AssignProcessToJobObject. What the process starts from then on is in the job as well. */
  assignToJob(job: Handle, process: Handle): number;
  /** TerminateJobObject: kills all its processes at once. */
  terminateJob(job: Handle, exitCode: number): number;
  /** How many processes of the job live (QueryInformationJobObject, ActiveProcesses); null: it cannot be asked. */
  livingInJob(job: Handle): number | null;
  /**
   * The ids of the processes of the job and of the jobs in it (QueryInformationJobObject, JobObjectBasicProcessIdList);
   * null: it cannot be asked.
   */
  pidsInJob(job: Handle): readonly number[] | null;
  /** GetCurrentProcess: a handle that needs no close. */
  currentProcess(): Handle;
  closeHandle(handle: Handle): void;
}

/** The part of koffi that is used (https://koffi.dev). */
export interface Koffi {
  load(library: string): KoffiLibrary;
  /** Declares the type of a function that the system calls. */
  proto(prototype: string): unknown;
  pointer(type: unknown): unknown;
  /** A function that the system may call from any thread; it runs in this one. `unregister` frees it. */
  register(callback: (...args: unknown[]) => unknown, pointer: unknown): unknown;
  unregister(callback: unknown): void;
  /** Calls the function at an address; `type`: of `proto`. */
  call(address: bigint, type: unknown, ...args: unknown[]): unknown;
  /** Where a buffer is in memory. It may be kept only as long as the buffer. */
  address(buffer: Buffer): bigint;
}

export interface KoffiLibrary {
  func(prototype: string): KoffiFunction;
}

export interface KoffiFunction {
  (...args: unknown[]): unknown;
  /** The same on a thread of libuv's pool, of which there are few: for calls that end soon. */
  async(...args: unknown[]): void;
}

let koffi: Koffi | undefined;
let loaded: Win32 | undefined;

/**
 * For the win32-*.ts files. Throws `machine.native-module` if koffi's package for this Windows is missing or changed.
 */
export function systemCalls(): Koffi {
  koffi ??= loadNativeModule(packageRoot(), SYSTEM_CALLS) as Koffi;
  return koffi;
}

/** Throws `machine.native-module`, as `systemCalls`. */
export function win32(): Win32 {
  loaded ??= bind(systemCalls());
  return loaded;
}

/** LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY (minwinbase.h). */
const EXCLUSIVE_AT_ONCE = 0x2 | 0x1;
/** The whole file, as programs in Rust lock it: both halves of a length of 64 bits. */
const ALL = 0xffffffff;
/** sizeof(OVERLAPPED); all zero is the offset 0 and no event. */
const OVERLAPPED_BYTES = 32;

/** PROCESS_TERMINATE | PROCESS_SET_QUOTA | PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE (winnt.h). */
const PROCESS_RIGHTS = 0x1 | 0x100 | 0x1000 | 0x100000;
/** JOB_OBJECT_ASSIGN_PROCESS | JOB_OBJECT_QUERY (winnt.h). */
const JOB_RIGHTS = 0x1 | 0x4;
/** JobObjectExtendedLimitInformation: its structure with 64-bit pointers, and LimitFlags in its basic part. */
const EXTENDED_LIMITS = 9;
const EXTENDED_LIMITS_BYTES = 144;
const LIMIT_FLAGS_AT = 16;
const KILL_ON_JOB_CLOSE = 0x2000;
/** JobObjectBasicAccountingInformation: four times of 64 bits, then page faults, all and active processes. */
const ACCOUNTING = 1;
const ACCOUNTING_BYTES = 48;
const ACTIVE_PROCESSES_AT = 40;
/** JobObjectBasicProcessIdList: the numbers of assigned and of listed processes, then ids of 64 bits each. */
const PROCESS_IDS = 3;
const IDS_AT = 8;
const ID_BYTES = 8;
/** Room for this many at first, and for at most so many. */
const FEW_IDS = 64;
const MOST_IDS = 65_536;
/** winerror.h: the list is longer than the room for it. */
const ERROR_MORE_DATA = 234;

function bind(koffi: Koffi): Win32 {
  const kernel = koffi.load('kernel32.dll');
  const node = koffi.load(process.execPath);
  const call = (library: typeof kernel, prototype: string) => library.func(prototype) as (...args: unknown[]) => number;
  const lastError = call(kernel, 'uint32_t __stdcall GetLastError()');
  /** The error's number of a call that returned a BOOL. */
  const outcome = (done: number): number => (done !== 0 ? ERROR_SUCCESS : lastError());

  const handleOf = call(node, 'intptr_t uv_get_osfhandle(int fd)');
  const lock = call(
    kernel,
    'int __stdcall LockFileEx(intptr_t file, uint32_t flags, uint32_t reserved, uint32_t low, uint32_t high, void *overlapped)',
  );
  const openProcess = call(kernel, 'intptr_t __stdcall OpenProcess(uint32_t access, int inherit, uint32_t pid)');
  const createJob = call(kernel, 'intptr_t __stdcall CreateJobObjectW(void *security, str16 name)');
  const openJob = call(kernel, 'intptr_t __stdcall OpenJobObjectW(uint32_t access, int inherit, str16 name)');
  const setJob = call(
    kernel,
    'int __stdcall SetInformationJobObject(intptr_t job, int kind, void *information, uint32_t bytes)',
  );
  const askJob = call(
    kernel,
    'int __stdcall QueryInformationJobObject(intptr_t job, int kind, _Out_ void *information, uint32_t bytes, void *needed)',
  );
  const assign = call(kernel, 'int __stdcall AssignProcessToJobObject(intptr_t job, intptr_t process)');
  const terminate = call(kernel, 'int __stdcall TerminateJobObject(intptr_t job, uint32_t code)');
  const currentProcess = call(kernel, 'intptr_t __stdcall GetCurrentProcess()');
  const close = call(kernel, 'int __stdcall CloseHandle(intptr_t handle)');
  return {
    handleOf: (descriptor) => handleOf(descriptor),
    lockFile: (file) => outcome(lock(file, EXCLUSIVE_AT_ONCE, 0, ALL, ALL, Buffer.alloc(OVERLAPPED_BYTES))),
    openProcess: (pid) => openProcess(PROCESS_RIGHTS, 0, pid),
    openJob: (name) => openJob(JOB_RIGHTS, 0, name),
    createJob: (name) => {
      const job = createJob(null, name);
      if (job === 0) return 0;
      const limits = Buffer.alloc(EXTENDED_LIMITS_BYTES);
      limits.writeUInt32LE(KILL_ON_JOB_CLOSE, LIMIT_FLAGS_AT);
      if (setJob(job, EXTENDED_LIMITS, limits, limits.length) !== 0) return job;
      close(job);
      return 0;
    },
    assignToJob: (job, process) => outcome(assign(job, process)),
    terminateJob: (job, exitCode) => outcome(terminate(job, exitCode)),
    livingInJob: (job) => {
      const accounting = Buffer.alloc(ACCOUNTING_BYTES);
      return askJob(job, ACCOUNTING, accounting, accounting.length, null) === 0
        ? null
        : accounting.readUInt32LE(ACTIVE_PROCESSES_AT);
    },
    pidsInJob: (job) => {
      for (let room = FEW_IDS; room <= MOST_IDS; room *= 4) {
        const list = Buffer.alloc(IDS_AT + room * ID_BYTES);
        const code = outcome(askJob(job, PROCESS_IDS, list, list.length, null));
        if (code === ERROR_MORE_DATA) continue;
        if (code !== ERROR_SUCCESS) return null;
        const count = Math.min(list.readUInt32LE(4), room);
        return Array.from({ length: count }, (_, i) => Number(list.readBigUInt64LE(IDS_AT + i * ID_BYTES)));
      }
      return null;
    },
    currentProcess: () => currentProcess(),
    closeHandle: (handle) => void close(handle),
  };
}
