/** The folder of the administrator's files for the whole machine. */
import path from 'node:path';
import { valueOf } from '../node/environment-names.js';

/**
 * `/etc/codex`; on Windows `OpenAI\Codex` in the folder for programs' data of all users, as the official program. Never
 * `\etc\codex` of the current drive: on Windows every user may create that folder, and so plant requirements.
 */
export function machineFolder(env: Readonly<Record<string, string | undefined>>): string {
  return process.platform === 'win32' ? windowsMachineFolder(env) : '/etc/codex';
}

/** `env`: the daemon's, in which only this user and the system can set variables. */
export function windowsMachineFolder(env: Readonly<Record<string, string | undefined>>): string {
  const [data, drive] = [valueOf(env, 'ProgramData'), valueOf(env, 'SystemDrive')];
  const isPlace = data !== undefined && /^[a-z]:\\/i.test(data);
  const folder = isPlace ? data : `${drive !== undefined && /^[a-z]:$/i.test(drive) ? drive : 'C:'}\\ProgramData`;
  return path.win32.join(folder, 'OpenAI', 'Codex');
}
