/**
 * The environment of the launcher: what Windows and its encryption of passwords need.
 *
 * Threat: a variable of the daemon that makes Node run other code (NODE_OPTIONS) or that is a secret.
 * Rule: only the names below. Scope: the launcher. The runner has its own (launcher.ts), the command what was asked.
 */
import { valueOf } from '../../../system/node/environment-names.js';

const NAMES = [
  ...['SystemRoot', 'SystemDrive', 'windir', 'ComSpec', 'PATHEXT', 'TEMP', 'TMP', 'NUMBER_OF_PROCESSORS'],
  ...['USERNAME', 'USERDOMAIN', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'ProgramData', 'PROCESSOR_ARCHITECTURE'],
];

export function launcherEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const found = NAMES.flatMap((name): [string, string][] => {
    const value = valueOf(env, name);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}
