/**
 * Turns a permission profile into rules about real paths: the meaning of its entries for this command, and the rules
 * that they imply (protected names, denied globs).
 *
 * Threat: a path of the profile crosses a symbolic link in a place that commands can write. Then the last command that
 * changed the link decides about the path.
 * Rule: such an entry is refused, with the link's name and the way out. Only a writable `$TMPDIR` of this kind is left
 * out instead, since that grants less than the profile. Implied rules can only restrict.
 * Non-scope: a folder that another command replaces by a link between this check and bubblewrap's mount.
 */
import type { FilesystemAccess } from '../../config/permissions/permission-profile.js';
import type { GlobMatch } from './deny-globs.js';
import { gitDangers } from './git-dangers.js';
import { homeRules, type HomeOptions } from './home-rules.js';
import type { NestedScanner } from './nested-protected.js';
import { coverOtherMounts, type OtherMounts } from './other-mounts.js';
import { ALL_FILES } from '../../system/files/paths.js';
import { FILES_HERE, type FileView } from './file-view.js';
import { gitFolders, protectedPaths } from './protected-paths.js';
import { createPathResolver, type ResolvedPath } from './resolve-path.js';
import { type SandboxRequest, sandboxRefused } from './sandbox.js';
import type { Rule, Rules, RulesBuilder } from './rule.js';
import { targetPlaces } from './target-places.js';

export interface RuleOptions extends HomeOptions {
  /** Paths that no command sees, whatever its profile says. */
  readonly hidden: readonly string[];
  /** The programs that the daemon itself runs (own-programs.ts): no command can change them. */
  readonly daemonPlaces?: readonly string[];
  readonly scanNested: NestedScanner;
  /** Whether a command has created it: then later commands may change it. */
  readonly madeByCommand?: (place: string) => boolean;
  /** The targets of links that matched a denied glob, by glob. The creator of the sandbox keeps it. */
  readonly deniedTargets?: Map<string, Map<string, Rule>>;
  /** The other mounts of the same files. */
  readonly mounts?: OtherMounts;
  /** What paths mean and lead to; the files of this machine, except in tests. */
  readonly view?: FileView;
}

/** Throws `sandbox.refused` when the profile cannot be enforced for this command. */
export async function collectRules(request: SandboxRequest, options: RuleOptions): Promise<Rules> {
  const { filesystem } = request.profile;
  if (filesystem.kind !== 'restricted') throw new TypeError('only restricted profiles have rules');
  const view = options.view ?? FILES_HERE;
  const rules = createRules(view);
  const scanned: string[] = [];
  const globs: PlacedGlob[] = [];
  const managedGlobs: PlacedGlob[] = [];
  const managed: ResolvedPath[] = [];
  const named: Rule[] = [];
  const temporary: Rule[] = [];

  for (const { target, access, managed: demanded } of filesystem.entries) {
    if (target.kind === 'glob') {
      const bases = target.base === null ? request.workspaceRoots : [target.base];
      for (const base of bases)
        (demanded ? managedGlobs : globs).push({ place: rules.resolve(base), pattern: target.pattern });
      continue;
    }
    for (const given of targetPlaces(target, request, view.paths)) {
      const place = rules.resolve(given);
      if (isPrivate(rules, place.real, access)) continue;
      if (demanded) managed.push(place);
      const rule: Rule = { place, access, pinned: true };
      if (target.kind === 'minimal' && place.kind === 'missing') continue;
      if (target.kind === 'tmpdir') temporary.push(rule);
      else rules.add(rule);
      if (target.kind !== 'minimal' && target.kind !== 'tmpdir') named.push(rule);
      if (access === 'write' && (target.kind === 'workspaceRoots' || target.kind === 'path')) scanned.push(place.real);
    }
  }
  for (const rule of temporary) if (rule.access !== 'write' || !movableLink(rules, rule)) rules.add(rule);
  for (const rule of named) assertSteady(rules, rule);

  protectWritableRoots(rules);
  await protectNested(rules, scanned, options);
  for (const rule of homeRules(rules, options)) rules.override(rule);
  await addDeniedGlobs(rules, view, globs, filesystem.globScanMaxDepth, options.deniedTargets);
  // A profile's search depth does not limit the administrator's globs.
  managed.push(...(await addDeniedGlobs(rules, view, managedGlobs, null, options.deniedTargets)));
  for (const place of managed) rules.close(place);
  for (const hidden of options.hidden) {
    const place = rules.resolve(hidden);
    if (place.kind !== 'missing') rules.override({ place, access: 'deny', pinned: true });
  }
  for (const place of options.daemonPlaces ?? []) protectDaemonPlace(rules, place);
  // For root, the files in /sys control the kernel. A grant of "everything" does not include them.
  if (!rules.paths.windows && rules.accessAt('/sys') === 'write' && !rules.all.has('/sys')) {
    rules.add({ place: rules.resolve('/sys'), access: 'read', pinned: false });
  }
  for (const needed of request.readable ?? []) {
    const place = rules.resolve(needed);
    if (place.kind !== 'missing') rules.override({ place, access: 'read', pinned: true });
  }
  if (options.mounts) coverOtherMounts(rules, options.mounts, options.codexHome);
  return rules;
}

/** For two entries about the same path, deny beats write and write beats read. */
const STRENGTH: Readonly<Record<FilesystemAccess, number>> = { read: 0, write: 1, deny: 2 };

function createRules(view: FileView): RulesBuilder {
  const all = new Map<string, Rule>();
  const { above, isWithin } = view.paths;
  return {
    resolve: createPathResolver(view),
    paths: view.paths,
    all,
    pins: new Set(),
    unwanted: [],
    add(rule) {
      const known = all.get(rule.place.real);
      if (!known || STRENGTH[rule.access] > STRENGTH[known.access]) all.set(rule.place.real, rule);
    },
    override(rule) {
      all.set(rule.place.real, rule);
    },
    close(place) {
      for (const [real, rule] of all) if (isWithin(real, place.real) && rule.access !== 'deny') all.delete(real);
      all.set(place.real, { place, access: 'deny', pinned: true });
    },
    accessAt(place) {
      for (let at = place; ; at = above(at)) {
        const rule = all.get(at);
        // A writable root that does not exist does not count as a root (docs/protocol/exec.md §7).
        if (rule && !(rule.access === 'write' && rule.place.kind === 'missing')) return rule.access;
        if (at === ALL_FILES) return null;
      }
    },
  };
}

/** Every sandbox has its own /proc and /dev: a grant of them means these. */
const isPrivate = ({ paths }: Rules, real: string, access: FilesystemAccess): boolean =>
  access !== 'deny' && (real === '/dev' || paths.isWithin(real, '/proc'));

/** The first link on the way to a rule's place that commands under these rules could redirect. */
function movableLink(rules: Rules, { place, access }: Pick<Rule, 'place' | 'access'>): string | null {
  // Write access to the place adds nothing to the permissions that are granted anyway, whatever made the link.
  const { above } = rules.paths;
  if (access === 'write' && place.real !== ALL_FILES && rules.accessAt(above(place.real)) === 'write') return null;
  return place.links.find(({ at }) => rules.accessAt(above(at)) === 'write')?.at ?? null;
}

function assertSteady(rules: Rules, rule: Rule): void {
  const link = movableLink(rules, rule);
  if (link === null) return;
  const { given, real } = rule.place;
  const [what, instead] =
    given === link
      ? [`${given} is a symbolic link`, 'replace the link by what it leads to']
      : [`${given} crosses the symbolic link ${link}`, 'name the real path in the profile'];
  throw sandboxRefused(
    `cannot enforce ${rule.access} access on ${given}: ${what} in a folder that commands can write, so they could turn it elsewhere; ${instead} (${real})`,
  );
}

function protect(rules: RulesBuilder, place: ResolvedPath, links: 'refuse' | 'follow'): void {
  if (rules.all.has(place.real)) return; // The profile's own entry is more specific.
  const rule: Rule = { place, access: 'read', pinned: true };
  if (links === 'refuse') assertSteady(rules, rule);
  if (rules.accessAt(place.real) === 'write') rules.add(rule);
}

function protectWritableRoots(rules: RulesBuilder): void {
  const roots = [...rules.all.values()].filter(
    ({ access, place }) => access === 'write' && place.kind === 'folder' && place.real !== ALL_FILES,
  );
  for (const { place } of roots) {
    for (const found of protectedPaths(place.real, rules)) protect(rules, found, 'refuse');
  }
}

/** Above this number of repositories, their git folders are read-only as a whole, because each part is a mount. */
const MAX_TOLD_APART = 64;

async function protectNested(rules: RulesBuilder, scanned: readonly string[], options: RuleOptions): Promise<void> {
  for (const root of new Set(scanned)) {
    if (root === ALL_FILES || rules.accessAt(root) !== 'write') continue;
    const all = await options.scanNested(root);
    const found = all.filter((place) => options.madeByCommand?.(place) !== true);
    for (const name of found) {
      const place = rules.resolve(name);
      if (place.kind === 'missing') continue; // Disappeared meanwhile, or a link to nothing.
      const isGit = rules.paths.nameKey(rules.paths.native.basename(name)) === rules.paths.nameKey('.git');
      if (!isGit || place.kind === 'file') protect(rules, place, 'follow');
      if (isGit) for (const folder of [place, ...gitFolders(place, rules)]) protectGit(rules, folder, found.length);
    }
  }
}

function protectDaemonPlace(rules: RulesBuilder, daemonPlace: string): void {
  const place = rules.resolve(daemonPlace);
  if (place.kind === 'missing') return;
  const rule: Rule = { place, access: 'read', pinned: true };
  assertSteady(rules, rule);
  for (const { access, place: inside } of rules.all.values()) {
    if (
      access === 'write' &&
      inside.kind !== 'missing' &&
      inside.real !== place.real &&
      rules.paths.isWithin(inside.real, place.real)
    ) {
      throw sandboxRefused(
        `cannot make ${inside.given} writable: codexd itself runs from ${place.real}; install codexd elsewhere, or grant no write access there`,
      );
    }
  }
  if (rules.accessAt(place.real) === 'write') rules.override(rule);
}

function protectGit(rules: RulesBuilder, folder: ResolvedPath, repositories: number): void {
  if (folder.kind !== 'folder' || rules.all.has(folder.real) || rules.accessAt(folder.real) !== 'write') return;
  const { readOnly, unwanted } = gitDangers(folder, rules.resolve, repositories > MAX_TOLD_APART);
  for (const place of readOnly) protect(rules, place, 'follow');
  rules.unwanted.push(...unwanted);
}

interface PlacedGlob {
  readonly place: ResolvedPath;
  readonly pattern: string;
}

/** Returns what was found. */
async function addDeniedGlobs(
  rules: RulesBuilder,
  view: FileView,
  globs: readonly PlacedGlob[],
  maxDepth: number | null,
  remembered: RuleOptions['deniedTargets'],
): Promise<readonly ResolvedPath[]> {
  if (!globs.length) return [];
  const denied: ResolvedPath[] = [];
  for (const { place } of globs) {
    assertSteady(rules, { place, access: 'deny', pinned: true });
    // After a rename or move of this folder, the pattern would apply to another place.
    if (place.kind === 'folder') rules.pins.add(place.real);
  }
  const { expandDenyGlobs } = await import('./deny-globs.js');
  const links: Rule[] = [];
  const found: Rule[] = [];
  const accept = (matches: readonly GlobMatch[]): boolean => {
    links.length = found.length = 0;
    // A new resolver: the earlier one may have cached the state before the search.
    const resolve = createPathResolver(view);
    for (const match of matches) {
      const place = resolve(match.path);
      const isLink = place.links.some(({ at }) => at === match.path);
      if (place.kind === 'missing' && !isLink) return false;
      if (place.kind !== 'missing') (isLink ? links : found).push({ place, access: 'deny', pinned: match.anchored });
    }
    return true;
  };
  await expandDenyGlobs(
    globs.map(({ place, pattern }) => ({ base: place.real, pattern })),
    maxDepth,
    accept,
  );
  for (const rule of found) {
    rules.add(rule);
    denied.push(rule.place);
  }
  // A mount cannot cover a link. When a command removes the link, it no longer matches, but its target stays denied.
  const key = JSON.stringify([maxDepth, globs.map(({ place, pattern }) => [place.real, pattern])]);
  const targets = remembered?.get(key) ?? new Map<string, Rule>();
  for (const rule of links) targets.set(rule.place.real, rule);
  remembered?.set(key, targets);
  for (const { place, pinned } of targets.values()) {
    const now = rules.resolve(place.real);
    if (now.kind === 'missing') continue;
    rules.add({ place: now, access: 'deny', pinned });
    denied.push(now);
  }
  return denied;
}
