/** Files and folders that have their access list from their first moment on. */
import { functionsOf, memory } from './win32-memory.js';
import { securityAttributes } from './security-attributes.js';
import { ERROR_SUCCESS, win32 } from './win32.js';

/** winerror.h: what CreateFileW and CreateDirectoryW say of a name that is taken. */
export const ERROR_FILE_EXISTS = 80;
export const ERROR_ALREADY_EXISTS = 183;

/** GENERIC_WRITE, no sharing, CREATE_NEW, FILE_ATTRIBUTE_NORMAL (winnt.h, fileapi.h). */
const GENERIC_WRITE = 0x40000000;
const NO_SHARING = 0;
const CREATE_NEW = 1;
const NORMAL = 0x80;
/** INVALID_HANDLE_VALUE. */
const NO_HANDLE = -1;

/**
 * CreateFileW of an empty new file; a failure is its number (winerror.h). `file` is absolute, with `\\\\?\\` if it is
 * long. Throws `machine.native-module`.
 */
export function createFile(file: string, sddl: string): number {
  const create = functionsOf('kernel32.dll')(
    'intptr_t __stdcall CreateFileW(str16 path, uint32_t access, uint32_t share, void *security, uint32_t how, uint32_t flags, intptr_t template)',
  );
  const { lastError } = memory();
  const { bytes, descriptor } = securityAttributes(sddl);
  const handle = create(file, GENERIC_WRITE, NO_SHARING, bytes, CREATE_NEW, NORMAL, 0);
  const code = handle === NO_HANDLE ? lastError() : ERROR_SUCCESS;
  descriptor.fill(0); // It lives until here: the call reads it by its address.
  if (code !== ERROR_SUCCESS) return code;
  win32().closeHandle(handle);
  return ERROR_SUCCESS;
}

/** CreateDirectoryW, without those above it, as createFile. */
export function createFolder(folder: string, sddl: string): number {
  const create = functionsOf('kernel32.dll')('int __stdcall CreateDirectoryW(str16 path, void *security)');
  const { lastError } = memory();
  const { bytes, descriptor } = securityAttributes(sddl);
  const code = create(folder, bytes) === 0 ? lastError() : ERROR_SUCCESS;
  descriptor.fill(0); // It lives until here: the call reads it by its address.
  return code;
}
