/** Access lists in memory. They inherit nothing: what a path has is what was written, and two entries from above. */
import type { FileLists } from '../../../server/sandbox/windows/access-change.js';
import { key } from '../../../server/sandbox/windows/access-list.js';

export interface FakeLists extends FileLists {
  /** The explicit entries by path. */
  readonly explicit: Map<string, string>;
  readonly writes: string[];
  /** What `write` does instead. */
  failing: { readonly place: string; readonly how: 'error' | 'nothing' } | null;
}

const INHERITED = '(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)';

/** `exists`: whether a path does. */
export function fakeLists(exists: (place: string) => boolean): FakeLists {
  const explicit = new Map<string, string>();
  const lists: FakeLists = {
    explicit,
    writes: [],
    failing: null,
    read(place) {
      if (!exists(place)) return { error: `GetNamedSecurityInfo ${place} (os error 2)`, missing: true };
      return { sddl: `O:BAD:AI${explicit.get(key(place)) ?? ''}${INHERITED}` };
    },
    write(place, sddl) {
      lists.writes.push(place);
      if (lists.failing !== null && key(lists.failing.place) === key(place))
        return lists.failing.how === 'error' ? `SetNamedSecurityInfo ${place} (os error 5)` : null;
      explicit.set(key(place), sddl.replace(/^D:/, ''));
      return null;
    },
  };
  return lists;
}
