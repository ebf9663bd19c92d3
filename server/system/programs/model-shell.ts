/** The shell that runs a model's scripts, where the model names no other. */
import path from 'node:path';

/** `name`: as the model knows it. `program`: its path or name. */
export const MODEL_SHELL: { readonly name: string; readonly program: string } =
  process.platform === 'win32'
    ? { name: 'powershell', program: 'powershell.exe' }
    : { name: 'bash', program: '/bin/bash' };

/** Shells of Windows, which have a syntax of their own; PowerShell is on other systems as well. */
export type WindowsShell = 'powershell' | 'cmd';

/** Null: a shell of POSIX, or another program. */
export function windowsShell(program: string): WindowsShell | null {
  const name = path.win32
    .basename(program)
    .toLowerCase()
    .replace(/\.exe$/, '');
  return name === 'powershell' || name === 'pwsh' ? 'powershell' : name === 'cmd' ? 'cmd' : null;
}

/** The argv that runs `script` in a shell; `login`: with the start-up files of the person. */
export function modelShellArgv(script: string, shell: string | null, login: boolean): string[] {
  const program = shell ?? MODEL_SHELL.program;
  switch (windowsShell(program)) {
    case 'powershell':
      return [program, ...(login ? [] : ['-NoProfile']), '-Command', script];
    case 'cmd':
      // /d: without the commands of the registry. /s: what follows /c is the script as it is.
      return [program, '/d', '/s', '/c', script];
    case null:
      return [program, login ? '-lc' : '-c', script];
  }
}
