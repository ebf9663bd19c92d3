/** DPAPI: bytes that only this user, or only this machine, can read again. */
import { addressIn, functionsOf, memory } from './win32-memory.js';
import { Win32Error } from './win32-security.js';
import { systemCalls } from './win32.js';

export interface Win32Secrets {
  /** CryptProtectData. `machine`: every program of this machine can read it, so its file must be closed to others. */
  protect(plain: Buffer, scope: 'user' | 'machine'): Buffer | Win32Error;
  /** CryptUnprotectData, of both scopes. */
  unprotect(sealed: Buffer): Buffer | Win32Error;
}

let bound: Win32Secrets | undefined;

/** Throws `machine.native-module`. */
export const win32Secrets = (): Win32Secrets => (bound ??= bind());

/** dpapi.h: CRYPTPROTECT_UI_FORBIDDEN, CRYPTPROTECT_LOCAL_MACHINE. */
const NO_QUESTIONS = 0x1;
const LOCAL_MACHINE = 0x4;
/** sizeof(DATA_BLOB) with 64-bit pointers: the length, the address. */
const BLOB_BYTES = 16;

function bind(): Win32Secrets {
  const crypt = functionsOf('crypt32.dll');
  const { copy, free, lastError } = memory();
  const { address } = systemCalls();
  const parameters =
    'void *in, void *description, void *entropy, void *reserved, void *prompt, uint32_t flags, _Out_ void *out';
  const protect = crypt(`int __stdcall CryptProtectData(${parameters})`);
  const unprotect = crypt(`int __stdcall CryptUnprotectData(${parameters})`);

  const convert = (call: typeof protect, name: string, bytes: Buffer, flags: number): Buffer | Win32Error => {
    const [input, output] = [Buffer.alloc(BLOB_BYTES), Buffer.alloc(BLOB_BYTES)];
    // A copy of its own: a part of Node's pool may have any place.
    const own = Buffer.from(bytes);
    input.writeUInt32LE(own.length);
    input.writeBigUInt64LE(BigInt(address(own)), 8);
    const done = call(input, null, null, null, null, flags, output);
    const error = done === 0 ? new Win32Error(name, lastError()) : null;
    own.fill(0);
    if (error) return error;
    const at = addressIn(output, 8);
    const result = copy(at, output.readUInt32LE());
    free(at);
    return result;
  };
  return {
    protect: (plain, scope) =>
      convert(protect, 'CryptProtectData', plain, NO_QUESTIONS | (scope === 'machine' ? LOCAL_MACHINE : 0)),
    unprotect: (sealed) => convert(unprotect, 'CryptUnprotectData', sealed, NO_QUESTIONS),
  };
}
