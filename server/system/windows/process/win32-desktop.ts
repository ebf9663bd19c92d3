/** Desktops (winuser.h): user32.dll is loaded only by a process that makes one. */
import { words } from './process-bytes.js';
import { functionsOf, memory } from '../win32-memory.js';
import { systemCalls, type Handle } from '../win32.js';

/**
 * CreateDesktopW in the window station of this process, with this descriptor. It lives as long as the handle, which
 * closes with this process. Or the number of the error, negative. Throws `machine.native-module`.
 */
export function createDesktop(name: string, descriptor: Buffer): Handle {
  const create = functionsOf('user32.dll')(
    'intptr_t __stdcall CreateDesktopW(str16 name, void *device, void *mode, uint32_t flags, uint32_t access, void *security)',
  );
  const security = words([24, BigInt(systemCalls().address(descriptor)), 0]);
  const desktop = create(name, null, null, 0, DESKTOP_ALL, security);
  return desktop === 0 ? -memory().lastError() : desktop;
}

/** GENERIC_ALL, which the list gives this process: its own logon. */
const DESKTOP_ALL = 0x10000000;
