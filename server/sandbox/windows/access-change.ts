/**
 * The change of one access list: entries of the sandbox in, entries of others as they were.
 *
 * Rule: our refusals stand first, before every entry that allows; our grants stand last. An entry is ours by its SID.
 * Non-scope: inherited entries, which Windows makes again from the folder above.
 */
import { accessListIn, aceText, type AccessList, type Ace, type Inheritance } from '../../system/windows/sddl.js';

export interface WantedAce {
  readonly effect: 'allow' | 'deny';
  readonly sid: string;
  readonly mask: number;
  readonly inheritance: Inheritance;
}

export interface ListChange {
  /** In the end these, and no others of their SIDs. */
  readonly wanted: readonly WantedAce[];
  /** Entries of these SIDs go: all, or only those that refuse. */
  readonly removed: readonly { readonly sid: string; readonly only: 'deny' | null }[];
}

const isSame = (ace: Ace, wanted: WantedAce): boolean =>
  ace.kind === wanted.effect &&
  ace.sid === wanted.sid &&
  ace.mask === wanted.mask &&
  ace.inheritance === wanted.inheritance;

/** The explicit entries of a list that a change takes away or replaces. */
const isReplaced = (ace: Ace, { wanted, removed }: ListChange): boolean =>
  !ace.inherited &&
  (removed.some(({ sid, only }) => ace.sid === sid && (only === null || ace.kind === only)) ||
    wanted.some(({ sid }) => ace.sid === sid));

/** Whether a list is as the change wants it. */
export function isChanged(list: AccessList, change: ListChange): boolean {
  const explicit = list.aces.filter(({ inherited }) => !inherited);
  const ours = explicit.filter((ace) => isReplaced(ace, change));
  const lastRefusal = explicit.findLastIndex((ace) => ours.includes(ace) && ace.kind === 'deny');
  const firstGrant = list.aces.findIndex(({ kind }) => kind !== 'deny');
  return (
    ours.length === change.wanted.length &&
    change.wanted.every((wanted) => ours.some((ace) => isSame(ace, wanted))) &&
    (lastRefusal < 0 || firstGrant < 0 || lastRefusal < firstGrant)
  );
}

/** The new list as SDDL, without what is inherited. */
export function changedList(list: AccessList, change: ListChange): string {
  const others = list.aces.filter((ace) => !ace.inherited && !isReplaced(ace, change)).map(({ text }) => text);
  const ours = (effect: WantedAce['effect']): string[] =>
    change.wanted
      .filter((wanted) => wanted.effect === effect)
      .map(({ inheritance, mask, sid }) => aceText(effect, inheritance, mask, sid));
  return `D:${list.protected ? 'P' : ''}${[...ours('deny'), ...others, ...ours('allow')].join('')}`;
}

/** The lists of files. An error is a text that names the call and its number. */
export interface FileLists {
  /** The descriptor of a path as SDDL. `missing`: there is no such path. */
  read(place: string): { readonly sddl: string } | { readonly error: string; readonly missing: boolean };
  /** Replaces the explicit entries; null: done, as far as Windows says. `protect`: nothing is inherited. */
  write(place: string, sddl: string, protect: boolean): string | null;
}

/** Changes a list and reads it back. Null: done; otherwise what failed, without the path. */
export function changeList(place: string, change: ListChange, lists: FileLists): string | null {
  const current = lists.read(place);
  if ('error' in current) return current.error;
  const list = accessListIn(current.sddl);
  if (list === null) return 'it has no access list (a file system without them, or a list that gives everyone all)';
  if (isChanged(list, change)) return null;
  const error = lists.write(place, changedList(list, change), list.protected);
  if (error !== null) return error;
  const after = lists.read(place);
  if ('error' in after) return after.error;
  const read = accessListIn(after.sddl);
  return read !== null && isChanged(read, change)
    ? null
    : 'Windows reported success, but the list does not have the entries';
}
