/**
 * Folders that everyone may write to.
 *
 * Threat: a restricted token has "Everyone" among its SIDs, because hardly a program runs without. A folder that gives
 * everyone the right to write is then writable for commands, whatever the plan says.
 * Rule: the places where commands work are looked at, and one level below them. The warning names those that are open,
 * and says whether the look was cut short.
 * Scope: a warning. Non-scope: changes of lists that are not codexd's.
 */
import path from 'node:path';
import { listFolder } from '../../../system/files/path-bytes.js';
import { key } from '../access-list.js';
import type { FileLists } from '../access-change.js';
import { accessListIn, RIGHTS } from '../../../system/windows/sddl.js';

export interface WorldWritable {
  readonly paths: readonly string[];
  /** Not everything was looked at. */
  readonly failed: boolean;
}

export interface AuditLimits {
  readonly milliseconds: number;
  readonly folders: number;
}

const LIMITS: AuditLimits = { milliseconds: 2000, folders: 50_000 };

/** `places`: absolute; what is missing is left out. */
export function worldWritable(places: readonly string[], lists: FileLists, limits = LIMITS): WorldWritable {
  const until = Date.now() + limits.milliseconds;
  const seen = new Set<string>();
  const paths: string[] = [];
  let failed = false;
  const look = (place: string): boolean => {
    if (seen.has(key(place))) return true;
    if (seen.size >= limits.folders || Date.now() > until) return false;
    seen.add(key(place));
    const found = lists.read(place);
    if ('error' in found) failed ||= !found.missing;
    else if (isOpen(found.sddl)) paths.push(place);
    return true;
  };
  for (const place of places) if (!look(place)) return { paths, failed: true };
  for (const place of places) for (const child of foldersIn(place)) if (!look(child)) return { paths, failed: true };
  return { paths, failed };
}

/** The folders of a command: its own, the temporary ones, the person's, those of PATH, the drive of the system. */
export function auditedPlaces(cwd: string, env: Readonly<NodeJS.ProcessEnv>): readonly string[] {
  const { TEMP, TMP, USERPROFILE, PUBLIC, PATH = '', SystemDrive = 'C:' } = env;
  const named = [cwd, TEMP, TMP, USERPROFILE, PUBLIC, ...PATH.split(';'), `${SystemDrive}\\`];
  return [...new Set(named.filter((place) => place !== undefined && path.win32.isAbsolute(place)))] as string[];
}

function foldersIn(place: string): readonly string[] {
  try {
    const entries = listFolder(place);
    return entries.filter((entry) => entry.kind === 'folder').map(({ name }) => path.join(place, name));
  } catch {
    return []; // Missing, or closed to this user.
  }
}

/** Without a list everyone has every right. */
function isOpen(sddl: string): boolean {
  const list = accessListIn(sddl);
  if (list === null) return true;
  let missing: number = RIGHTS.writeData;
  for (const { kind, sid, mask, inheritance } of list.aces) {
    if (!EVERYONE.includes(sid) || inheritance === 'children') continue;
    if (kind === 'deny' && ((mask ?? 0) & missing) !== 0) return false;
    if (kind === 'allow') missing &= ~(mask ?? 0);
  }
  return missing === 0;
}

const EVERYONE = ['WD', 'S-1-1-0'];
