/** Numbers in the registry of the machine (HKEY_LOCAL_MACHINE). */
import { functionsOf } from '../win32-memory.js';
import { Win32Error } from '../win32-security.js';
import { ERROR_SUCCESS } from '../win32.js';

export interface Win32Registry {
  /** RegGetValueW; null: there is no such value. */
  number(key: string, value: string): number | null | Win32Error;
  /** RegSetKeyValueW; the key is made. */
  setNumber(key: string, value: string, data: number): Win32Error | null;
  /** RegDeleteKeyValueW. A value that is not there is no error. */
  remove(key: string, value: string): Win32Error | null;
}

let bound: Win32Registry | undefined;

/** Throws `machine.native-module`. */
export const win32Registry = (): Win32Registry => (bound ??= bind());

/** winreg.h: HKEY_LOCAL_MACHINE, REG_DWORD, RRF_RT_REG_DWORD | RRF_SUBKEY_WOW6464KEY; ERROR_FILE_NOT_FOUND. */
const MACHINE = 0x80000002;
const REG_DWORD = 4;
const ONLY_NUMBERS = 0x10 | 0x10000;
const NOT_FOUND = 2;

function bind(): Win32Registry {
  const registry = functionsOf('advapi32.dll');
  const get = registry(
    'uint32_t __stdcall RegGetValueW(intptr_t root, str16 key, str16 value, uint32_t types, void *type, _Out_ void *data, _Inout_ void *bytes)',
  );
  const set = registry(
    'uint32_t __stdcall RegSetKeyValueW(intptr_t root, str16 key, str16 value, uint32_t type, void *data, uint32_t bytes)',
  );
  const remove = registry('uint32_t __stdcall RegDeleteKeyValueW(intptr_t root, str16 key, str16 value)');
  return {
    number(key, value) {
      const [data, bytes] = [Buffer.alloc(4), Buffer.alloc(4)];
      bytes.writeUInt32LE(data.length);
      const code = get(MACHINE, key, value, ONLY_NUMBERS, null, data, bytes);
      if (code === NOT_FOUND) return null;
      return code === ERROR_SUCCESS ? data.readUInt32LE() : new Win32Error(`RegGetValue ${key}\\${value}`, code);
    },
    setNumber(key, value, data) {
      const number = Buffer.alloc(4);
      number.writeUInt32LE(data);
      const code = set(MACHINE, key, value, REG_DWORD, number, number.length);
      return code === ERROR_SUCCESS ? null : new Win32Error(`RegSetKeyValue ${key}\\${value}`, code);
    },
    remove(key, value) {
      const code = remove(MACHINE, key, value);
      return [ERROR_SUCCESS, NOT_FOUND].includes(code)
        ? null
        : new Win32Error(`RegDeleteKeyValue ${key}\\${value}`, code);
    },
  };
}
