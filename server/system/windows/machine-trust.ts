/**
 * Whether only administrators can have written a file of the machine's folder.
 *
 * Threat: Windows lets every user create folders in ProgramData. A user who is first makes the folder of the
 * administrator's files, and with it requirements and configuration for everyone.
 * Rule: the folders `OpenAI` and `OpenAI\Codex` and the file are no links, belong to the administrators, the system or
 * TrustedInstaller, and no entry gives a right that changes something to anybody else. Entries that refuse do not help,
 * and what cannot be read is refused.
 * Scope: what one look at the lists shows. Non-scope: ProgramData itself, which is Windows' own; the content of a file
 * that an administrator took over from a user.
 */
import { accessListIn, RIGHTS, type Ace } from './sddl.js';

/** One part of the way to a file. `sddl`: its owner and access list. */
export interface WayPart {
  readonly path: string;
  readonly isLink: boolean;
  readonly sddl: string;
}

/** The administrators, the system, TrustedInstaller, each as SDDL's letters and as a SID. */
const TRUSTED: readonly string[] = [
  ...['BA', 'S-1-5-32-544', 'SY', 'S-1-5-18'],
  'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464',
];
/**
 * CREATOR OWNER and OWNER RIGHTS. The first is nobody until an object is made, and who may make one is judged here; the
 * second is the owner, who is judged here.
 */
const HARMLESS: readonly string[] = ['CO', 'S-1-3-0', 'OW', 'S-1-3-4'];

export interface Distrust {
  readonly path: string;
  /** `belongs to S-1-…`. */
  readonly why: string;
}

/** `way`: from the first folder to the file. Null: only administrators can have written it. */
export function distrustOf(way: readonly WayPart[]): Distrust | null {
  for (const { path, isLink, sddl } of way) {
    const why = isLink ? 'is a link' : (troubleWithOwner(sddl) ?? troubleWithList(sddl));
    if (why !== null) return { path, why };
  }
  return null;
}

function troubleWithOwner(sddl: string): string | null {
  const owner = /^O:(S-[\d-]+|[A-Z]{2})/.exec(sddl)?.[1];
  if (owner === undefined) return 'has no owner that can be read';
  return TRUSTED.includes(owner) ? null : `belongs to ${owner}`;
}

function troubleWithList(sddl: string): string | null {
  const list = accessListIn(sddl);
  if (list === null) return 'has no access list that can be read';
  const open = list.aces.find(opens);
  return open === undefined ? null : `can be changed by ${open.sid} ${open.text}`;
}

/** What is inherited only does not count here: it is in the list of the child, which is judged itself. */
function opens({ kind, inheritance, mask, sid }: Ace): boolean {
  if (kind === 'deny' || inheritance === 'children' || TRUSTED.includes(sid) || HARMLESS.includes(sid)) return false;
  return mask === null || (mask & RIGHTS.change) !== 0;
}
