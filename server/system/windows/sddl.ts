/**
 * Access lists as Windows writes them: the text of SDDL and its entries.
 *
 * Threat: a list that is misread is written back without an entry of its owner, or a missing wall passes for a wall.
 * Rule: entries of other programs keep their text. What cannot be read is an error, and the list stays as it is.
 * Scope: the access list (`D:`) of files and folders. Non-scope: audit lists, and conditions, which are kept as text.
 */

/** FILE_… and standard rights (winnt.h). */
export const RIGHTS = {
  readData: 0x1,
  writeData: 0x2,
  appendData: 0x4,
  deleteChild: 0x40,
  delete: 0x10000,
  /** FILE_GENERIC_READ | FILE_GENERIC_EXECUTE. */
  readAndExecute: 0x1200a9,
  /**
   * All but FILE_DELETE_CHILD, WRITE_DAC and WRITE_OWNER. With FILE_DELETE_CHILD a command could remove a protected
   * child, whose own list says no.
   */
  modify: 0x1301bf,
  /** Every right that changes something; not SYNCHRONIZE and READ_CONTROL, which reading needs as well. */
  change: 0xd0156,
  all: 0x1f01ff,
} as const;

/** For whom beside the object: nobody, all below, only what is below. */
export type Inheritance = 'none' | 'all' | 'children';
const FLAGS: Readonly<Record<Inheritance, string>> = { none: '', all: 'OICI', children: 'OICIIO' };

export interface Ace {
  /** As Windows wrote it, with its parentheses. */
  readonly text: string;
  readonly kind: 'allow' | 'deny' | 'other';
  /** Inherited from the folder above. */
  readonly inherited: boolean;
  readonly inheritance: Inheritance;
  /** ACCESS_MASK; null: it has rights that are no bits of files. */
  readonly mask: number | null;
  /** A SID or one of SDDL's two letters. */
  readonly sid: string;
}

export interface AccessList {
  /** Nothing is inherited. */
  readonly protected: boolean;
  /** In Windows' order, which decides: the first entry about a right. */
  readonly aces: readonly Ace[];
}

/** The access list in a descriptor's text. Null: it has none, so everyone has every right, or it cannot be read. */
export function accessListIn(sddl: string): AccessList | null {
  const list = /(?:^|[^:(;])D:([A-Z_]*)((?:\((?:[^()]|\([^()]*\))*\))*)(?=$|S:)/.exec(sddl);
  if (!list || list[1]?.includes('NO_ACCESS_CONTROL')) return null;
  const entries = list[2]?.match(/\((?:[^()]|\([^()]*\))*\)/g) ?? [];
  const aces = entries.map(aceOf);
  return { protected: /P/.test((list[1] ?? '').replace(/A[IR]/g, '')), aces };
}

export const aceText = (kind: 'allow' | 'deny', inheritance: Inheritance, mask: number, sid: string): string =>
  `(${kind === 'allow' ? 'A' : 'D'};${FLAGS[inheritance]};0x${mask.toString(16)};;;${sid})`;

function aceOf(text: string): Ace {
  const [type = '', flags = '', rights = '', , , sid = ''] = text.slice(1, -1).split(';');
  const passesOn = /OI|CI/.test(flags);
  return {
    text,
    kind: type === 'A' ? 'allow' : type === 'D' ? 'deny' : 'other',
    inherited: /^(?:..)*ID/.test(flags),
    inheritance: !passesOn ? 'none' : /IO/.test(flags) ? 'children' : 'all',
    mask: maskOf(rights),
    sid,
  };
}

/** sddl.h; generic rights are those of files. */
const RIGHTS_OF: Readonly<Record<string, number>> = {
  FA: 0x1f01ff,
  FR: 0x120089,
  FW: 0x120116,
  FX: 0x1200a0,
  GA: 0x1f01ff,
  GR: 0x120089,
  GW: 0x120116,
  GX: 0x1200a0,
  CC: 0x1,
  DC: 0x2,
  LC: 0x4,
  SW: 0x8,
  RP: 0x10,
  WP: 0x20,
  DT: 0x40,
  LO: 0x80,
  CR: 0x100,
  SD: 0x10000,
  RC: 0x20000,
  WD: 0x40000,
  WO: 0x80000,
};

function maskOf(rights: string): number | null {
  if (/^0x[0-9a-f]{1,8}$/i.test(rights)) return fileRights(Number(rights));
  let mask = 0;
  for (const name of rights.match(/../g) ?? []) {
    const bits = RIGHTS_OF[name];
    if (bits === undefined) return null;
    mask |= bits;
  }
  return mask;
}

/** GENERIC_ALL, _EXECUTE, _WRITE, _READ as the rights of files. */
function fileRights(mask: number): number {
  const generic = [0x1f01ff, 0x1200a0, 0x120116, 0x120089].filter((_rights, i) => (mask & (0x10000000 << i)) !== 0);
  return generic.reduce((all, rights) => all | rights, mask & 0x1fffff);
}
