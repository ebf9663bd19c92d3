/** The groups of this machine. */
import fs from 'node:fs';
import { runProgram } from './start-program.js';
import { systemProgramIfAny } from './system-program.js';

const LOOKUP_MS = 10_000;

/**
 * The number of a group, given by its name or number; null: unknown. Groups that are not in /etc/group are looked up
 * with getent(1).
 */
export async function groupId(name: string): Promise<number | null> {
  if (/^\d{1,10}$/.test(name)) return Number(name);
  if (!/^[\w.-][\w.$@\\ -]*$/.test(name) || name.startsWith('-')) return null;
  const local = lineOf(readGroups(), name);
  if (local !== null) return local;
  const getent = systemProgramIfAny('getent');
  return getent === null ? null : lineOf((await runProgram(getent, ['group', name], LOOKUP_MS)).stdout, name);
}

/** group(5): `name:password:gid:members`. */
function lineOf(text: string, name: string): number | null {
  const fields = text
    .split('\n')
    .map((line) => line.split(':'))
    .find(([first]) => first === name);
  return fields !== undefined && /^\d+$/.test(fields[2] ?? '') ? Number(fields[2]) : null;
}

function readGroups(): string {
  try {
    return fs.readFileSync('/etc/group', 'utf8');
  } catch {
    return ''; // Then it is the directory service that knows.
  }
}
