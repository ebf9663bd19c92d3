/** The shell of a person, which runs a line of theirs. */
import os from 'node:os';
import path from 'node:path';
import { modelShellArgv } from './model-shell.js';
import { isExecutable } from './path-search.js';

/** The argv that runs `line`; `login`: with the person's start-up files. On Windows the shell is PowerShell. */
export function userShellArgv(line: string, env: Readonly<NodeJS.ProcessEnv>, login: boolean): string[] {
  if (process.platform === 'win32') return modelShellArgv(line, null, login);
  return [loginShell(env), login ? '-lc' : '-c', line];
}

/** Of a value and its form for Windows, if it has one, the one that counts on this system. */
export const forThisSystem = <T>(usual: T, onWindows: T | undefined): T =>
  process.platform === 'win32' ? (onWindows ?? usual) : usual;

/** Shells that accept `-lc`. */
const SHELLS: ReadonlySet<string> = new Set(['bash', 'zsh', 'sh', 'dash', 'ksh', 'fish']);

function loginShell(env: Readonly<NodeJS.ProcessEnv>): string {
  const candidates = [accountShell(), env.SHELL, '/bin/bash'];
  const usable = candidates.find(
    (shell) => shell && path.isAbsolute(shell) && SHELLS.has(path.basename(shell)) && isExecutable(shell),
  );
  return usable ?? '/bin/sh';
}

/** The shell of the user's account; null: the user has no account, for example in a container. */
function accountShell(): string | null {
  try {
    return os.userInfo().shell;
  } catch {
    return null;
  }
}
