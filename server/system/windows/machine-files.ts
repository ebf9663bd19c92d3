/** The administrator's files on Windows: where they are, and whether they count. */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import { CodexdError } from '../../errors/codexd-error.js';
import { distrustOf, type WayPart } from './machine-trust.js';
import { programDataFolder } from './win32-folders.js';
import { Win32Error, win32Security } from './win32-security.js';

/** Throws `machine.scratch` or `machine.native-module`. */
export function findMachineFolder(): string {
  const data = programDataFolder();
  if (data instanceof Win32Error)
    throw new CodexdError(
      'machine.scratch',
      `the folder of the administrator's files cannot be found: ${data.toString()}; name it in CODEXD_SYSTEM_CONFIG_DIR`,
    );
  return path.win32.join(data, 'OpenAI', 'Codex');
}

/** Why a file of `folder` does not count, with the way out; null: it counts; `missing`: it is not there. */
export function distrustOfFile(folder: string, file: string): string | 'missing' | null {
  const way: WayPart[] = [];
  for (const part of [path.win32.dirname(folder), folder, file]) {
    let isLink: boolean;
    try {
      isLink = fs.lstatSync(part).isSymbolicLink();
    } catch (error) {
      if (osCode(error) === 'ENOENT') return 'missing';
      return `${part} cannot be looked at (${osCode(error)}), so ${WHAT_COUNTS}. ${wayOut(part, file)}`;
    }
    const sddl = win32Security().fileSecurity(part);
    if (sddl instanceof Win32Error) return `${sddl.toString()}, so ${WHAT_COUNTS}. ${wayOut(part, file)}`;
    way.push({ path: part, isLink, sddl });
  }
  const found = distrustOf(way);
  return found === null ? null : `${found.path} ${found.why}, so ${WHAT_COUNTS}. ${wayOut(found.path, file)}`;
}

const WHAT_COUNTS = 'not only administrators can have written this file, and codexd refuses to use it';

/** The commands take the part from other users; an administrator who did not expect it removes it. */
function wayOut(part: string, file: string): string {
  const below = part === file ? '' : '(OI)(CI)';
  const grants = ['*S-1-5-18:F', '*S-1-5-32-544:F', '*S-1-5-32-545:RX'].map((grant) => grant.replace(':', `:${below}`));
  return (
    "An administrator looks at what is there, then removes it or makes it the administrators' own: " +
    `takeown /a /f "${part}" & icacls "${part}" /reset & icacls "${part}" /inheritance:r /grant ${grants.join(' ')}`
  );
}
