/** Starts a program with an administrator's rights: Windows asks the person (UAC). */
import { addressIn, functionsOf, memory, withTexts } from '../win32-memory.js';
import { Win32Error } from '../win32-security.js';
import type { Handle } from '../win32.js';

export interface Win32Elevation {
  /**
   * ShellExecuteExW with "runas"; returns when the person has answered. `parameters`: the rest of the command line. The
   * handle of the process, to be closed; ERROR_CANCELLED: the person said no.
   */
  runAs(file: string, parameters: string): Handle | Win32Error;
  /** GetExitCodeProcess; null: it runs. */
  exitCode(process: Handle): number | null;
}

/** winerror.h. */
export const ERROR_CANCELLED = 1223;

let bound: Win32Elevation | undefined;

/** Throws `machine.native-module`. */
export const win32Elevation = (): Win32Elevation => (bound ??= bind());

/** shellapi.h: SEE_MASK_NOCLOSEPROCESS | SEE_MASK_NOASYNC | SEE_MASK_FLAG_NO_UI; SHELLEXECUTEINFOW, 64 bits. */
const MASK = 0x40 | 0x100 | 0x400;
const INFO_BYTES = 112;
const AT = { mask: 4, verb: 16, file: 24, parameters: 32, show: 48, process: 104 } as const;
/** winuser.h: SW_HIDE. minwinbase.h: STILL_ACTIVE. */
const HIDDEN = 0;
const STILL_ACTIVE = 259;

function bind(): Win32Elevation {
  const execute = functionsOf('shell32.dll')('int __stdcall ShellExecuteExW(_Inout_ void *info)');
  const exit = functionsOf('kernel32.dll')('int __stdcall GetExitCodeProcess(intptr_t process, _Out_ void *code)');
  const { lastError } = memory();
  return {
    runAs: (file, parameters) =>
      withTexts(['runas', file, parameters], (addresses) => {
        const info = Buffer.alloc(INFO_BYTES);
        info.writeUInt32LE(INFO_BYTES);
        info.writeUInt32LE(MASK, AT.mask);
        info.writeInt32LE(HIDDEN, AT.show);
        for (const [i, at] of [AT.verb, AT.file, AT.parameters].entries()) addresses.copy(info, at, 8 * i, 8 * i + 8);
        if (execute(info) === 0) return new Win32Error('ShellExecuteEx', lastError());
        return addressIn(info, AT.process);
      }),
    exitCode: (process) => {
      const code = Buffer.alloc(4);
      if (exit(process, code) === 0) return -1;
      return code.readUInt32LE() === STILL_ACTIVE ? null : code.readInt32LE();
    },
  };
}
