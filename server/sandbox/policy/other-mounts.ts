/**
 * Applies rules to every other path of the same files.
 *
 * Threat: rules are about paths. When a file system is mounted a second time (a bind mount of `/`, WSL's
 * /mnt/wslg/distro, ostree's /sysroot, a container's host mount), a file that is hidden at one path is readable at the
 * other, and a protected file is writable there.
 * Rule: each denied path, and each read-only path in a writable place elsewhere, has the same rule at every other mount
 * of the same folder or file. The Codex home is closed there as a whole. A place that cannot be checked is closed.
 * Scope: mounts of one file system, as listed in the mount table when the command starts.
 * Non-scope: a file system that shows another one's files (overlay's layers, bindfs, a network share of the own disk);
 * hard links.
 */
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../../errors/os-code.js';
import type { Elsewhere } from '../../system/files/mount-table.js';
import { nativePath } from '../../system/files/path-bytes.js';
import { codexHomeView } from './codex-home-view.js';
import type { PathResolver, ResolvedPath } from './resolve-path.js';
import type { RulesBuilder } from './rule.js';

export interface OtherMounts {
  elsewhere(place: string): readonly Elsewhere[];
}

export interface OtherPlace {
  readonly place: ResolvedPath;
  /** Below the original; '' for the same file or folder. */
  readonly part: string;
}

/** The other paths of the same file or folder, or of parts of it. For a missing path: where it would be. */
export function otherPlaces(original: ResolvedPath, mounts: OtherMounts, resolve: PathResolver): readonly OtherPlace[] {
  const from = original.kind === 'missing' ? original.missingFrom : original.real;
  if (from === null) return [];
  const others = mounts.elsewhere(from);
  if (others.length === 0) return [];
  // A missing path is located by its folder.
  const known = original.kind === 'missing' ? path.dirname(from) : from;
  const outward = original.kind === 'missing' ? path.dirname : (place: string): string => place;
  return others.flatMap(({ at, part }) => {
    const same = part === '' ? isSame(known, outward(at)) : isSame(path.join(from, part), at);
    return same === false ? [] : [{ place: resolve(at), part }];
  });
}

/** Adds the same rules at other mounts. */
export function coverOtherMounts(rules: RulesBuilder, mounts: OtherMounts, codexHome: string): void {
  const others = (place: ResolvedPath): readonly OtherPlace[] => otherPlaces(place, mounts, rules.resolve);
  for (const rule of [...rules.all.values()]) {
    const { real } = rule.place;
    const protects = rule.access === 'read' && rules.accessAt(path.dirname(real)) === 'write';
    if (real === '/' || !(rule.access === 'deny' || protects)) continue;
    for (const { place, part } of others(rule.place)) {
      const now = rules.accessAt(place.real);
      // The profile itself has a rule for this part.
      const spoken = part !== '' && rules.all.has(place.real);
      if (now === null || now === 'deny' || spoken || (protects && now === 'read')) continue;
      rules.override({ place, access: rule.access, pinned: rule.pinned });
    }
  }
  for (const folder of rules.pins) for (const { place } of others(rules.resolve(folder))) rules.pins.add(place.real);
  closeHome(rules, others, codexHome);
}

function closeHome(
  rules: RulesBuilder,
  others: (place: ResolvedPath) => readonly OtherPlace[],
  codexHome: string,
): void {
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

/** Returns null when a path cannot be checked. */
function isSame(one: string, other: string): boolean | null {
  try {
    const [a, b] = [one, other].map((place) => fs.lstatSync(nativePath(place)));
    return a?.dev === b?.dev && a?.ino === b?.ino;
  } catch (error) {
    return osCode(error) === 'EACCES' ? null : false;
  }
}
