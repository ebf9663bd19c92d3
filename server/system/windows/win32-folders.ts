/** Folders that Windows names itself. */
import { addressIn, functionsOf, memory } from './win32-memory.js';
import { Win32Error } from './win32-security.js';
import { ERROR_SUCCESS } from './win32.js';

/** FOLDERID_ProgramData {62AB5D82-FDC1-4DC3-A9DD-070D1D495D97} (knownfolders.h), as Windows keeps a GUID in memory. */
const PROGRAM_DATA = Buffer.from('825dab62c1fdc34da9dd070d1d495d97', 'hex');

/**
 * SHGetKnownFolderPath: the folder for programs' data of all users, which only an administrator can move. Throws
 * `machine.native-module`.
 */
export function programDataFolder(): string | Win32Error {
  const find = functionsOf('shell32.dll')(
    'int32_t __stdcall SHGetKnownFolderPath(void *id, uint32_t flags, intptr_t token, _Out_ void *path)',
  );
  const freeTask = functionsOf('ole32.dll')('void __stdcall CoTaskMemFree(intptr_t memory)');
  const out = Buffer.alloc(8);
  const code = find(PROGRAM_DATA, 0, 0, out);
  const at = addressIn(out);
  const folder = code === ERROR_SUCCESS ? memory().text(at) : new Win32Error('SHGetKnownFolderPath ProgramData', code);
  freeTask(at);
  return folder;
}
