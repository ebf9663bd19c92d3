/**
 * Judges access lists as Windows does, for tests and for the explanation of a plan: what a token may do with a path.
 *
 * Threat: entries that look right one by one and together leave a way to write.
 * Rule: AccessCheck. The entries of a list are read in order: explicit ones (refusals first), then those inherited from
 * the nearest folder on. The first entry about a right decides it. A token that is restricted for writing needs every
 * right that changes something twice: by its own SIDs, and by the SIDs that restrict it.
 * Scope: lists that are made of an access plan and of what was there. Non-scope: the owner's own rights, privileges.
 */
import path from 'node:path';
import { key } from './access-list.js';
import { RIGHTS, type Inheritance } from '../../system/windows/sddl.js';

/** An entry whose trustee is a SID. */
export interface SidEntry {
  readonly path: string;
  readonly effect: 'allow' | 'deny';
  readonly sid: string;
  readonly mask: number;
  readonly inheritance: Inheritance;
}

export interface JudgedToken {
  /** The user and its groups. */
  readonly sids: readonly string[];
  /** The SIDs that restrict writing; null: nothing does. */
  readonly restricting: readonly string[] | null;
}

/** The entries that count at a path, in Windows' order. */
export function entriesAt(entries: readonly SidEntry[], place: string): readonly SidEntry[] {
  const of = (at: string): readonly SidEntry[] => {
    const here = entries.filter((entry) => key(entry.path) === key(at));
    return [...here.filter(({ effect }) => effect === 'deny'), ...here.filter(({ effect }) => effect === 'allow')];
  };
  const explicit = of(place).filter(({ inheritance }) => inheritance !== 'children');
  const inherited: SidEntry[] = [];
  for (let at = path.win32.resolve(place), up = path.win32.dirname(at); up !== at; at = up, up = path.win32.dirname(at))
    inherited.push(...of(up).filter(({ inheritance }) => inheritance !== 'none'));
  return [...explicit, ...inherited];
}

/** Whether a token gets all rights of `mask` at a path. */
export function isGranted(entries: readonly SidEntry[], token: JudgedToken, place: string, mask: number): boolean {
  const list = entriesAt(entries, place);
  if (!passes(list, token.sids, mask)) return false;
  const changes = mask & RIGHTS.change;
  return token.restricting === null || changes === 0 || passes(list, token.restricting, changes);
}

/** Removal and renaming need DELETE of the path itself, or FILE_DELETE_CHILD of its folder. */
export const canRemove = (entries: readonly SidEntry[], token: JudgedToken, place: string): boolean =>
  isGranted(entries, token, place, RIGHTS.delete) ||
  isGranted(entries, token, path.win32.dirname(place), RIGHTS.deleteChild);

function passes(list: readonly SidEntry[], sids: readonly string[], mask: number): boolean {
  let missing = mask;
  for (const entry of list) {
    if (!sids.includes(entry.sid)) continue;
    if (entry.effect === 'deny' && (entry.mask & missing) !== 0) return false;
    if (entry.effect === 'allow') missing &= ~entry.mask;
    if (missing === 0) return true;
  }
  return missing === 0;
}
