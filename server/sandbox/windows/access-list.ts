/**
 * What a sandbox plan means for the access lists of Windows, as data.
 *
 * Threat: commands of one user share its rights. A list that says what one command may write says it for all of them,
 * and a list that protects a folder for one profile would protect it for another one too.
 * Rule: two judgements. Reading is the group's of the sandbox's users. Writing needs the group's right and a right of a
 * capability: a random SID that is in the token of the command and stands for one writable root together with all that
 * is protected below it. Two profiles with other protections have other capabilities, so neither changes the other.
 * An explicit entry comes before inherited ones, so the nearest entry decides, as on Linux. A folder between a root and
 * a protected place cannot be renamed. No entry gives FILE_DELETE_CHILD, with which a protected child could be removed.
 * Scope: plans in which everything is readable that is not denied. Others are refused with the way out.
 * Non-scope: that Windows enforces lists (proof.ts); other objects than files; what everyone may write
 * (world-writable.ts).
 */
import path from 'node:path';
import { sandboxRefused } from '../policy/sandbox.js';
import type { PlannedMount, SandboxPlan } from '../policy/policy.js';
import { RIGHTS, type Inheritance } from '../../system/windows/sddl.js';

/** `group`: both users of the sandbox. A number: the index of a capability of the plan. */
export type Trustee = 'group' | number;

export interface AccessEntry {
  readonly path: string;
  readonly effect: 'allow' | 'deny';
  readonly to: Trustee;
  readonly mask: number;
  readonly inheritance: Inheritance;
}

export interface AccessPlan {
  /** One key for each writable root: the same root with the same protections has the same key. */
  readonly capabilities: readonly string[];
  /** Parents come before children. */
  readonly entries: readonly AccessEntry[];
  /** Missing folders to create, so that nobody else does. Parents come before children. */
  readonly create: readonly string[];
}

export interface AccessOptions {
  /** How the command becomes its user (identity.ts). */
  readonly path: 'logon' | 'restrictedToken';
  /** codexd's own places: the Codex home and what it hides from every command. */
  readonly own: readonly string[];
}

interface Root {
  readonly path: string;
  readonly index: number;
}

/** Throws `sandbox.refused` for what access lists cannot enforce. */
export function accessPlan(plan: SandboxPlan, options: AccessOptions): AccessPlan {
  assertReadable(plan);
  const byPath = new Map(plan.mounts.map((mount) => [key(mount.path), mount]));
  const around = (place: string): PlannedMount | null => {
    for (let at = place, up = path.win32.dirname(at); up !== at; at = up, up = path.win32.dirname(at)) {
      const mount = byPath.get(key(up));
      if (mount) return mount;
    }
    return null;
  };
  const isRoot = (mount: PlannedMount): boolean => mount.kind === 'writable' && around(mount.path)?.kind !== 'writable';
  const roots = plan.mounts.filter(isRoot).map(({ path: root }, index): Root => ({ path: root, index }));
  const entries = plan.mounts.flatMap((mount) => {
    const holders = roots.filter((root) => isBelow(mount.path, root.path));
    return entriesOf(mount, around(mount.path), holders, options).map((entry) => ({ ...entry, path: mount.path }));
  });
  const own = roots.flatMap((root) => rootEntries(root, options));
  return {
    capabilities: roots.map((root) => capabilityKey(root, plan.mounts)),
    entries: [...own, ...entries].sort((a, b) => (key(a.path) < key(b.path) ? -1 : key(a.path) > key(b.path) ? 1 : 0)),
    create: [...plan.placeholders].sort(),
  };
}

/** Windows compares names without case. */
export const key = (place: string): string => path.win32.resolve(place).toLowerCase();

/** Whether a path is the folder or below it. */
export function isWithinFolder(place: string, folder: string): boolean {
  const base = key(folder);
  return key(place) === base || key(place).startsWith(base.endsWith('\\') ? base : `${base}\\`);
}

const isBelow = (place: string, folder: string): boolean => key(place) !== key(folder) && isWithinFolder(place, folder);

function assertReadable({ base }: SandboxPlan): void {
  if (base === 'readable') return;
  const reason = {
    bare: 'Windows lets every user read the system and most of its folders, so a profile cannot allow reading by name only; grant ":root" = "read" and deny what must not be read',
    writable:
      'a profile that grants writing to ":root" cannot be enforced on Windows; grant writing to folders by name',
    unrestricted:
      'commands with all files of this user and a confined network cannot be had on Windows, where another user has the confined network; choose a profile that grants folders by name, or direct network',
  }[base];
  throw sandboxRefused(`these permissions cannot be enforced: ${reason}`);
}

type Entry = Omit<AccessEntry, 'path'>;

function rootEntries({ path: root, index }: Root, { path: way }: AccessOptions): readonly AccessEntry[] {
  const modify = { path: root, effect: 'allow', mask: RIGHTS.modify, inheritance: 'all' } as const;
  // The restricted token is the user's own: it has its rights already.
  return [...(way === 'logon' ? [{ ...modify, to: 'group' } as const] : []), { ...modify, to: index }];
}

function entriesOf(
  mount: PlannedMount,
  around: PlannedMount | null,
  holders: readonly Root[],
  options: AccessOptions,
): readonly Entry[] {
  const logon = options.path === 'logon';
  const noChange = holders.map(({ index }): Entry => ({
    effect: 'deny',
    to: index,
    mask: RIGHTS.change,
    inheritance: 'all',
  }));
  const reading: Entry = { effect: 'allow', to: 'group', mask: RIGHTS.readAndExecute, inheritance: 'all' };
  switch (mount.kind) {
    case 'readable':
    case 'empty':
      return [...noChange, ...(logon && around?.kind !== 'writable' ? [reading] : [])];
    case 'writable':
      // A folder on the way to a protected place: it stays where it is. A root has its entries already.
      return around?.kind === 'writable'
        ? holders.map(({ index }): Entry => ({ effect: 'deny', to: index, mask: RIGHTS.delete, inheritance: 'none' }))
        : [];
    case 'hidden':
    case 'privateFolder': {
      if (!logon) assertOwn(mount.path, options.own);
      if (!logon) return noChange;
      const listable = mount.kind === 'privateFolder' && mount.listable;
      const inheritance = mount.kind === 'hidden' && mount.of === 'file' ? 'none' : listable ? 'children' : 'all';
      const nothing: Entry = { effect: 'deny', to: 'group', mask: RIGHTS.all, inheritance };
      return [...noChange, nothing, ...(listable ? [{ ...reading, inheritance: 'none' } as const] : [])];
    }
    case 'device':
    case 'link':
    case 'folder':
      return []; // They exist only in file systems of a sandbox's own.
  }
}

function assertOwn(place: string, own: readonly string[]): void {
  if (own.some((folder) => isWithinFolder(place, folder))) return;
  throw sandboxRefused(
    `the profile denies reading ${place}, which a restricted token of this user cannot enforce; set windows.sandbox = "elevated" and run codexd windows-sandbox-setup, or remove the denial`,
  );
}

/** The root and every mount below it. */
const capabilityKey = (root: Root, mounts: readonly PlannedMount[]): string =>
  JSON.stringify([
    key(root.path),
    ...mounts.filter((mount) => isBelow(mount.path, root.path)).map(({ kind, path: place }) => [kind, key(place)]),
  ]);
