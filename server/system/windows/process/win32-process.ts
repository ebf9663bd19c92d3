/** Calls that start a process as a user or with a token, and wait for it (processthreadsapi.h, winbase.h). */
import { functionsOf, memory, wide } from '../win32-memory.js';
import { ERROR_SUCCESS, systemCalls, type Handle, type KoffiFunction } from '../win32.js';
import { commandLine, environmentBlock } from '../streams/command-line.js';
import { PROCESS_INFORMATION_BYTES, processInformation, startupInfo, words } from './process-bytes.js';

/** A program's start. */
export interface NativeStart {
  /** The program's absolute path, then its arguments. */
  readonly words: readonly string[];
  /** The arguments are as they shall be, and are not quoted. */
  readonly verbatim?: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** stdin, stdout, stderr: the process gets these handles and no others. */
  readonly std: readonly [Handle, Handle, Handle];
  /** `WinSta0\NAME`; null: the caller's. */
  readonly desktop: string | null;
}

/** A suspended process. Both handles are the caller's to close. */
export interface NativeProcess {
  readonly process: Handle;
  readonly thread: Handle;
  readonly pid: number;
}

export interface Logon {
  readonly user: string;
  /** `.`: this machine. */
  readonly domain: string;
  readonly password: string;
}

/** Each start returns the suspended process, or the number of the error (winerror.h). */
export interface ProcessCalls {
  /** CreateProcessW: as this user. */
  createProcess(start: NativeStart): NativeProcess | number;
  /** CreateProcessAsUserW: with a primary token, on the console of this process, so that it gets its events. */
  createProcessWithToken(token: Handle, start: NativeStart): NativeProcess | number;
  /** CreateProcessWithLogonW, with the user's profile; the system's service for it starts the process. */
  createProcessWithLogon(logon: Logon, start: NativeStart): NativeProcess | number;
  /** ResumeThread. */
  resume(thread: Handle): number;
  /** TerminateProcess. */
  terminate(process: Handle, exitCode: number): number;
  /** The index of the first handle that is signalled, as that of an ended process is (WaitForMultipleObjects). */
  waitForOne(handles: readonly Handle[]): Promise<number>;
  /** GetExitCodeProcess, with a sign; null: it cannot be asked. */
  exitCode(process: Handle): number | null;
  /** GetStdHandle: what the program was started with; 0: nothing. */
  stdHandle(which: 0 | 1 | 2): Handle;
  /** GetConsoleMode answers: the handle is a console's. */
  isConsole(handle: Handle): boolean;
  /** SetConsoleCtrlHandler: whether the programs that this one starts get Ctrl-C. */
  passInterrupts(): void;
  /** GenerateConsoleCtrlEvent, to all programs of this console. */
  interruptConsole(event: ConsoleEvent): number;
}

/** Ctrl-C and Ctrl-Break; Node's names for them are SIGINT and SIGBREAK. */
export type ConsoleEvent = 'ctrl-c' | 'ctrl-break';

let calls: ProcessCalls | undefined;

/** Throws `machine.native-module`. */
export function processCalls(): ProcessCalls {
  calls ??= bind();
  return calls;
}

/** CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT. */
const ON_THIS_CONSOLE = 0x4 | 0x400;
/** CREATE_NO_WINDOW: on a console of its own, which nobody sees. */
const FLAGS = ON_THIS_CONSOLE | 0x8000000;
const EXTENDED_STARTUP_INFO = 0x80000;
const LOGON_WITH_PROFILE = 1;
const HANDLE_LIST = 0x20002;
const HANDLE_INHERIT = 1;
const INFINITE = 0xffffffff;
const STD_HANDLES = [-10, -11, -12] as const;

function bind(): ProcessCalls {
  const koffi = systemCalls();
  const kernel = functionsOf('kernel32.dll');
  const advapi = functionsOf('advapi32.dll');
  const { lastError } = memory();
  const outcome = (done: number): number => (done !== 0 ? ERROR_SUCCESS : lastError());
  const address = (bytes: Buffer): bigint => BigInt(koffi.address(bytes));

  const create = kernel(
    'int __stdcall CreateProcessW(str16 program, void *line, void *security, void *thread, int inherit, uint32_t flags, void *env, str16 cwd, void *startup, _Out_ void *made)',
  );
  const createAsUser = advapi(
    'int __stdcall CreateProcessAsUserW(intptr_t token, str16 program, void *line, void *security, void *thread, int inherit, uint32_t flags, void *env, str16 cwd, void *startup, _Out_ void *made)',
  );
  const createWithLogon = advapi(
    'int __stdcall CreateProcessWithLogonW(str16 user, str16 domain, str16 password, uint32_t how, str16 program, void *line, uint32_t flags, void *env, str16 cwd, void *startup, _Out_ void *made)',
  );
  const initAttributes = kernel(
    'int __stdcall InitializeProcThreadAttributeList(void *list, uint32_t count, uint32_t flags, _Inout_ void *bytes)',
  );
  const setAttribute = kernel(
    'int __stdcall UpdateProcThreadAttribute(void *list, uint32_t flags, uintptr_t attribute, void *value, uintptr_t bytes, void *previous, void *returned)',
  );
  const freeAttributes = kernel('void __stdcall DeleteProcThreadAttributeList(void *list)');
  const setHandle = kernel('int __stdcall SetHandleInformation(intptr_t handle, uint32_t mask, uint32_t flags)');
  const resume = kernel('uint32_t __stdcall ResumeThread(intptr_t thread)');
  const terminate = kernel('int __stdcall TerminateProcess(intptr_t process, uint32_t code)');
  const wait: KoffiFunction = koffi
    .load('kernel32.dll')
    .func('uint32_t __stdcall WaitForMultipleObjects(uint32_t count, void *handles, int all, uint32_t ms)');
  const exitCode = kernel('int __stdcall GetExitCodeProcess(intptr_t process, _Out_ uint32_t *code)');
  const stdHandle = kernel('intptr_t __stdcall GetStdHandle(int which)');
  const consoleMode = kernel('int __stdcall GetConsoleMode(intptr_t handle, _Out_ uint32_t *mode)');
  const setHandler = kernel('int __stdcall SetConsoleCtrlHandler(void *handler, int add)');
  const sendSignal = kernel('int __stdcall GenerateConsoleCtrlEvent(uint32_t kind, uint32_t group)');

  type Create = (startup: Buffer, line: Buffer, env: Buffer, made: Buffer) => number;
  /** `attributes`: of STARTUPINFOEXW. */
  const started = (start: NativeStart, attributes: Buffer | null, run: Create): NativeProcess | number => {
    const desktop = start.desktop === null ? null : wide(start.desktop);
    const startup = startupInfo({
      std: start.std,
      desktop: desktop === null ? 0n : address(desktop),
      attributes: attributes === null ? null : address(attributes),
    });
    for (const handle of new Set(start.std)) if (handle > 0) setHandle(handle, HANDLE_INHERIT, HANDLE_INHERIT);
    const made = Buffer.alloc(PROCESS_INFORMATION_BYTES);
    const [file = '', ...args] = start.words;
    // CreateProcessW may change the line.
    const done = run(
      startup,
      wide(commandLine(file, args, start.verbatim ?? false)),
      environmentBlock(start.env),
      made,
    );
    // A stub of the function reports no error.
    return done === 0 ? lastError() || ERROR_CALL_NOT_IMPLEMENTED : processInformation(made);
  };

  /** Only `std` is inherited. */
  const withHandleList = (start: NativeStart, run: Create): NativeProcess | number => {
    const bytes = Buffer.alloc(8);
    initAttributes(null, 1, 0, bytes);
    const list = Buffer.alloc(Number(bytes.readBigUInt64LE()));
    if (initAttributes(list, 1, 0, bytes) === 0) return lastError();
    try {
      const handles = words([...new Set(start.std)].filter((handle) => handle > 0));
      if (handles.length > 0 && setAttribute(list, 0, HANDLE_LIST, handles, handles.length, null, null) === 0)
        return lastError();
      return started(start, list, run);
    } finally {
      freeAttributes(list);
    }
  };

  const flags = FLAGS | EXTENDED_STARTUP_INFO;
  const onThisConsole = ON_THIS_CONSOLE | EXTENDED_STARTUP_INFO;
  return {
    createProcess: (start) =>
      withHandleList(start, (startup, line, env, made) =>
        create(start.words[0], line, null, null, 1, flags, env, start.cwd, startup, made),
      ),
    createProcessWithToken: (token, start) =>
      withHandleList(start, (startup, line, env, made) =>
        createAsUser(token, start.words[0], line, null, null, 1, onThisConsole, env, start.cwd, startup, made),
      ),
    createProcessWithLogon: ({ user, domain, password }, start) =>
      started(start, null, (startup, line, env, made) =>
        createWithLogon(
          ...[user, domain, password, LOGON_WITH_PROFILE],
          ...[start.words[0], line, FLAGS, env, start.cwd, startup, made],
        ),
      ),
    resume: (thread) => (resume(thread) === INFINITE ? lastError() : ERROR_SUCCESS),
    terminate: (process, code) => outcome(terminate(process, code)),
    waitForOne: (handles) => {
      const list = words(handles);
      return new Promise((resolve, reject) =>
        wait.async(handles.length, list, 0, INFINITE, (error: unknown, index: number) =>
          error ? reject(error) : resolve(index),
        ),
      );
    },
    exitCode: (process) => {
      const code = [0];
      return exitCode(process, code) === 0 ? null : (code[0] ?? 0) | 0;
    },
    stdHandle: (which) => Math.max(0, stdHandle(STD_HANDLES[which])),
    isConsole: (handle) => consoleMode(handle, [0]) !== 0,
    passInterrupts: () => void setHandler(null, 0),
    interruptConsole: (event) => outcome(sendSignal(event === 'ctrl-c' ? 0 : 1, 0)),
  };
}

/** winerror.h. */
export const ERROR_CALL_NOT_IMPLEMENTED = 120;
