/**
 * Where a server of a socket file listens on Windows, which has no socket files: on a named pipe whose name comes from
 * the path (docs/protocol/transport.md §12).
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** The pipe of a socket file; every spelling of a path has the same, as far as its folder exists. */
export function pipeName(file: string): string {
  const absolute = path.win32
    .resolve(file)
    .replace(/^\\\\\?\\(?:UNC(?=\\))?/i, (start) => (/UNC/i.test(start) ? '\\' : ''));
  const spelled = path.win32.join(realFolder(path.win32.dirname(absolute)), path.win32.basename(absolute));
  return `\\\\.\\pipe\\codexd-${createHash('sha256').update(spelled.toLowerCase()).digest('hex').slice(0, 40)}`;
}

/** Links and short names (PROGRA~1) have another spelling than the folder that they lead to. */
function realFolder(folder: string): string {
  try {
    return fs.realpathSync.native(folder);
  } catch {
    return folder;
  }
}
