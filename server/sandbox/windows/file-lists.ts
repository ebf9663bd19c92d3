/** The access lists of files by Windows' own calls. Loaded on Windows only. */
import { Win32Error, win32Security } from '../../system/windows/win32-security.js';
import type { FileLists } from './access-change.js';

/** winerror.h: ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND. */
const MISSING: readonly number[] = [2, 3];

export const fileLists: FileLists = {
  read(place) {
    const sddl = win32Security().fileSecurity(place);
    if (!(sddl instanceof Win32Error)) return { sddl };
    return { error: sddl.toString(), missing: MISSING.includes(sddl.code) };
  },
  write(place, sddl, protect) {
    // Not protected stays so, whatever that is: only a list that is cut off has to be kept cut off.
    const error = win32Security().setFileAccess(place, sddl, protect ? true : undefined);
    return error === null ? null : error.toString();
  },
};
