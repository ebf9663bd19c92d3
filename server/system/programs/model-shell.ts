/** The shell that runs a model's scripts, where the model names no other. */
import fs from 'node:fs';
import path from 'node:path';
import { valueOf } from '../node/environment-names.js';

/** `name`: as the model knows it. `program`: its path or name. */
export const MODEL_SHELL: { readonly name: string; readonly program: string } =
  process.platform === 'win32'
    ? { name: 'powershell', program: powerShell(process.env) }
    : { name: 'bash', program: '/bin/bash' };

/**
 * PowerShell 7 if the daemon's PATH has it, else Windows' own; absolute, so that a command's PATH or folder cannot
 * replace it.
 */
function powerShell(env: NodeJS.ProcessEnv): string {
  const folders = (valueOf(env, 'PATH') ?? '').split(';').filter((folder) => path.win32.isAbsolute(folder));
  const files = ['pwsh.exe', 'powershell.exe'].flatMap((name) =>
    folders.map((folder) => path.win32.join(folder, name)),
  );
  const root = valueOf(env, 'SystemRoot') ?? 'C:\\Windows';
  return files.find(fs.existsSync) ?? `${root}\\System32\\WindowsPowerShell\\v1.0\\powershell.exe`;
}

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
