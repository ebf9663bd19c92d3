/**
 * Applies rules wherever else the same files are.
 *
 * Threat: rules are paths. Where a file system is mounted a second time (a bind mount of `/`, WSL's /mnt/wslg/distro,
 * ostree's /sysroot, a container's host mount), what is hidden at one path is readable at the other, and what is
 * protected can be written there.
 * Rule: each denied path, and each read-only one that lies in a writable place elsewhere, has the same rule at every
 * other mount place of the same folder or file; the Codex home is closed there as a whole. What cannot be looked at is
 * closed.
 * Scope: mounts of one file system, as the table of mounts has them when the command starts. Non-scope: a file system
 * that shows another one's files (overlay's layers, bindfs, a network share of one's own disk); hard links.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Elsewhere } from '../../system/files/mount-table.js';
import { nativePath } from '../../system/files/path-bytes.js';
import { codexHomeView } from './codex-home-view.js';
import type { PathResolver, ResolvedPath } from './resolve-path.js';
import type { RuleBook } from './rule.js';

export interface OtherMounts {
  elsewhere(place: string): readonly Elsewhere[];
}

export interface OtherPlace {
  readonly place: ResolvedPath;
  /** Below the original: '' when it is the same file or folder. */
  readonly part: string;
}

/** Where the same file or folder, or parts of it, can be reached as well. For what is missing: where it would be. */
export function otherPlaces(original: ResolvedPath, mounts: OtherMounts, resolve: PathResolver): readonly OtherPlace[] {
  const from = original.kind === 'missing' ? original.missingFrom : original.real;
  if (from === null) return [];
  const others = mounts.elsewhere(from);
  if (others.length === 0) return [];
  // Something missing is where its folder is.
  const known = original.kind === 'missing' ? path.dirname(from) : from;
  const outward = original.kind === 'missing' ? path.dirname : (place: string): string => place;
  return others.flatMap(({ at, part }) => {
    const same = part === '' ? isSame(known, outward(at)) : isSame(path.join(from, part), at);
    return same === false ? [] : [{ place: resolve(at), part }];
  });
}

/** Adds to the rules what they mean at other mount places. */
export function coverOtherMounts(rules: RuleBook, mounts: OtherMounts, codexHome: string): void {
  const others = (place: ResolvedPath): readonly OtherPlace[] => otherPlaces(place, mounts, rules.resolve);
  for (const rule of [...rules.all.values()]) {
    const { real } = rule.place;
    const protects = rule.access === 'read' && rules.accessAt(path.dirname(real)) === 'write';
    if (real === '/' || !(rule.access === 'deny' || protects)) continue;
    for (const { place, part } of others(rule.place)) {
      const now = rules.accessAt(place.real);
      // A part that the profile speaks of itself is its own business.
      const spoken = part !== '' && rules.all.has(place.real);
      if (now === null || now === 'deny' || spoken || (protects && now === 'read')) continue;
      rules.override({ place, access: rule.access, pinned: rule.pinned });
    }
  }
  for (const folder of rules.pins) for (const { place } of others(rules.resolve(folder))) rules.pins.add(place.real);
  closeHome(rules, others, codexHome);
}

function closeHome(rules: RuleBook, others: (place: ResolvedPath) => readonly OtherPlace[], codexHome: string): void {
  const home = rules.resolve(codexHome);
  if (home.kind !== 'folder') return;
  const found = others(home);
  if (!found.length) return;
  const visible = new Set(codexHomeView(home.real).visible.map(({ name }) => name));
  for (const { place, part } of found) {
    const now = rules.accessAt(place.real);
    const shown = part !== '' && (visible.has(part.split('/')[0] as string) || rules.all.has(place.real));
    if (now !== null && now !== 'deny' && !shown) rules.override({ place, access: 'deny', pinned: true });
  }
}

/** null: cannot be looked at. */
function isSame(one: string, other: string): boolean | null {
  try {
    const [a, b] = [one, other].map((place) => fs.lstatSync(nativePath(place)));
    return a?.dev === b?.dev && a?.ino === b?.ino;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? null : false;
  }
}
