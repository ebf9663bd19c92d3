/** Windows' calls for consoles without a window, and for programs that start on one (win32.ts). */
import { ERROR_SUCCESS, systemCalls, win32, type Handle } from '../win32.js';
import { wide } from '../win32-memory.js';
import { whenSignalled } from './win32-wait.js';

/** In character cells, both between 1 and 32767. */
export interface ConsoleSize {
  readonly rows: number;
  readonly cols: number;
}

export interface ConsoleProgram {
  /** Absolute. */
  readonly file: string;
  /** With the program's own name in front (command-line.ts). */
  readonly line: string;
  readonly cwd: string;
  /** As environmentBlock makes it. */
  readonly environment: Buffer;
  /** Of createConsole. */
  readonly console: Handle;
  /** Its user and rights, as a primary token that has TOKEN_ASSIGN_PRIMARY. Absent: those of this process. */
  readonly token?: Handle;
  /** `WinSta0\\NAME`; absent: the caller's. */
  readonly desktop?: string;
}

/** It does nothing before `resume`. `process` and `thread` are closed by the caller. */
export interface SuspendedProcess {
  readonly pid: number;
  readonly process: Handle;
  readonly thread: Handle;
}

export interface Win32Console {
  /**
   * CreatePseudoConsole: a console that reads `input` and writes what its screen shows to `output`; it has handles of
   * its own for both. The HRESULT if there is none.
   */
  createConsole(size: ConsoleSize, input: Handle, output: Handle): { readonly console: Handle } | number;
  /** ResizePseudoConsole; the HRESULT, 0 if it was done. */
  resizeConsole(console: Handle, size: ConsoleSize): number;
  /**
   * ClosePseudoConsole: ends the programs that are on it. Resolves when all output has been written; so it must be read
   * meanwhile.
   */
  closeConsole(console: Handle): Promise<void>;
  /** CreateProcessW, or CreateProcessAsUserW with a token: suspended, with no handle inherited. The error's number. */
  startSuspended(program: ConsoleProgram): SuspendedProcess | number;
  /** ResumeThread. */
  resume(thread: Handle): void;
  /** Resolves with the exit code when the process has ended (win32-wait.ts). Closes the handle then. */
  whenEnded(process: Handle): Promise<number>;
}

let loaded: Win32Console | undefined;

/** Throws `machine.native-module`. */
export function win32Console(): Win32Console {
  loaded ??= bind();
  return loaded;
}

/** COORD: two numbers of 16 bits in one of 32. */
const coordinates = ({ rows, cols }: ConsoleSize): number => (Math.min(rows, 32767) << 16) | Math.min(cols, 32767);

/** winbase.h: PROC_THREAD_ATTRIBUTE_PSEUDOCONSOLE. */
const PSEUDOCONSOLE = 0x20016;
/** winbase.h: EXTENDED_STARTUPINFO_PRESENT, CREATE_UNICODE_ENVIRONMENT, CREATE_SUSPENDED. */
const START_FLAGS = 0x80000 | 0x400 | 0x4;
/** sizeof(STARTUPINFOEXW) with 64-bit pointers, the places of lpDesktop, dwFlags and lpAttributeList. */
const STARTUP_BYTES = 112;
const DESKTOP_AT = 16;
const STARTUP_FLAGS_AT = 60;
const ATTRIBUTES_AT = 104;
/** STARTF_USESTDHANDLES without handles: otherwise a program gets this process's pipes and not the console. */
const NO_STD_HANDLES = 0x100;
/** PROCESS_INFORMATION: two handles, two numbers. */
const PROCESS_BYTES = 24;

type Call = (...args: unknown[]) => number;

function bind(): Win32Console {
  const koffi = systemCalls();
  const kernel = koffi.load('kernel32.dll');
  const rights = koffi.load('advapi32.dll');
  const { closeHandle } = win32();
  const lastError = kernel.func('uint32_t __stdcall GetLastError()') as Call;
  const create = kernel.func(
    'int32_t __stdcall CreatePseudoConsole(uint32_t size, intptr_t input, intptr_t output, uint32_t flags, _Out_ intptr_t *console)',
  ) as Call;
  const resize = kernel.func('int32_t __stdcall ResizePseudoConsole(intptr_t console, uint32_t size)') as Call;
  const close = kernel.func('void __stdcall ClosePseudoConsole(intptr_t console)');
  const initialize = kernel.func(
    'int __stdcall InitializeProcThreadAttributeList(void *list, uint32_t count, uint32_t flags, _Inout_ size_t *bytes)',
  ) as Call;
  const heedCtrlC = kernel.func('int __stdcall SetConsoleCtrlHandler(void *handler, int add)');
  const update = kernel.func(
    'int __stdcall UpdateProcThreadAttribute(void *list, uint32_t flags, size_t attribute, intptr_t value, size_t bytes, void *previous, void *returned)',
  ) as Call;
  const release = kernel.func('void __stdcall DeleteProcThreadAttributeList(void *list)');
  const parameters =
    'const char16_t *file, void *line, void *process, void *thread, int inherit, uint32_t flags, void *environment, const char16_t *cwd, void *startup, _Out_ void *information';
  const start = kernel.func(`int __stdcall CreateProcessW(${parameters})`) as Call;
  const startAs = rights.func(`int __stdcall CreateProcessAsUserW(intptr_t token, ${parameters})`) as Call;
  const resume = kernel.func('uint32_t __stdcall ResumeThread(intptr_t thread)');
  const exitCode = kernel.func('int __stdcall GetExitCodeProcess(intptr_t process, _Out_ uint32_t *code)') as Call;

  /** A list with the console as its one attribute; null: out of memory. */
  const attributesFor = (console: Handle): Buffer | null => {
    const bytes = [0];
    initialize(null, 1, 0, bytes);
    const list = Buffer.alloc(bytes[0] ?? 0);
    if (initialize(list, 1, 0, bytes) === 0) return null;
    return update(list, 0, PSEUDOCONSOLE, console, 8, null, null) === 0 ? null : list;
  };

  return {
    createConsole: (size, input, output) => {
      const made = [0];
      const result = create(coordinates(size), input, output, 0, made);
      return result === 0 ? { console: made[0] ?? 0 } : result;
    },
    resizeConsole: (console, size) => resize(console, coordinates(size)),
    closeConsole: (console) => new Promise((resolve) => close.async(console, () => resolve())),
    startSuspended: ({ file, line, cwd, environment, console, token, desktop }) => {
      // A process that was started in a group of its own ignores Ctrl-C, and its children inherit that.
      heedCtrlC(null, 0);
      const list = attributesFor(console);
      if (list === null) return lastError();
      const startup = Buffer.alloc(STARTUP_BYTES);
      startup.writeUInt32LE(STARTUP_BYTES, 0);
      startup.writeUInt32LE(NO_STD_HANDLES, STARTUP_FLAGS_AT);
      startup.writeBigUInt64LE(BigInt(koffi.address(list)), ATTRIBUTES_AT);
      const place = desktop === undefined ? null : wide(desktop);
      if (place !== null) startup.writeBigUInt64LE(BigInt(koffi.address(place)), DESKTOP_AT);
      const information = Buffer.alloc(PROCESS_BYTES);
      const call = [file, wide(line), null, null, 0, START_FLAGS, environment, cwd, startup, information];
      const done = token === undefined ? start(...call) : startAs(token, ...call);
      const code = done === 0 ? lastError() : ERROR_SUCCESS;
      release(list);
      place?.fill(0); // It lives until here: the call reads it by its address.
      if (code !== ERROR_SUCCESS) return code;
      return {
        process: Number(information.readBigUInt64LE(0)),
        thread: Number(information.readBigUInt64LE(8)),
        pid: information.readUInt32LE(16),
      };
    },
    resume: (thread) => void resume(thread),
    whenEnded: async (process) => {
      await whenSignalled(process);
      const code = [0];
      exitCode(process, code);
      closeHandle(process);
      return code[0] ?? 0;
    },
  };
}
