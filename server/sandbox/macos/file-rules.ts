/**
 * The rules about files and folders: what a plan's mounts are on Linux.
 *
 * Threat: what the language says about two rules that contradict each other is not documented. A rule is about names,
 * so a folder that is renamed takes what is in it out of its rules.
 * Rule: no two rules contradict each other. Each mount has a region, the place without the mounts in it, and one rule
 * says what is allowed there. So the order of the rules has no meaning. What is denied is denied once more, in the same
 * region. No mount and no folder on the way to one can be renamed or removed, as mount points cannot. No rule allows
 * hard links or clones (file-link, file-clone), which would give a file a second name. No program can be started that
 * cannot be read.
 * Non-scope: the existence of hidden paths, which is visible where their folder can be listed.
 */
import path from 'node:path';
import type { PlannedMount, SandboxPlan } from '../policy/policy.js';
import { except, itself, whole, wholeMissing, type Filter } from './places.js';

/** What commands may do in a region. `pass`: see that the place itself exists. */
type Access = 'none' | 'pass' | 'list' | 'read' | 'write' | 'all';

interface Region {
  readonly path: string;
  readonly access: Access;
  readonly missing: boolean;
}

/** What each kind of mount is. A private folder lets nothing through but the mounts in it. */
function accessOf(mount: PlannedMount): Access {
  switch (mount.kind) {
    case 'readable':
      return 'read';
    case 'writable':
    case 'device':
      return 'write';
    // Programs outside could fill it while the command runs.
    case 'empty':
    case 'hidden':
      return 'none';
    case 'privateFolder':
      return mount.listable ? 'list' : 'pass';
    case 'link':
      return 'list';
    case 'folder':
      return 'pass';
  }
}

const BASE: Readonly<Record<SandboxPlan['base'], Access>> = {
  readable: 'read',
  writable: 'write',
  bare: 'list',
  unrestricted: 'all',
};

/** The operations of each access. Renaming is the removal of one name and the creation of another. */
const OPERATIONS: Readonly<Record<Access, string | null>> = {
  none: null,
  pass: null,
  list: null,
  read: 'file-read* process-exec',
  write: 'file-read* process-exec file-write* file-ioctl',
  all: 'file-read* process-exec file-write* file-ioctl',
};
const DENIED: Readonly<Record<Access, string | null>> = {
  none: 'file-read* file-write* file-ioctl process-exec',
  pass: 'file-read-data file-write* process-exec',
  list: 'file-write* process-exec',
  read: 'file-write*',
  write: null,
  all: null,
};

/** What may be done to a writable place that must stay where it is. */
const STAYING = 'file-write-data file-write-mode file-write-times file-write-xattr';

/**
 * What every program needs to start: the loader, the system's libraries and their cache, time zones and ICU's data. Not
 * all of /System, which has the user's volume in it.
 */
export const SYSTEM_PLACES: readonly string[] = [
  '/System/Library',
  '/System/Cryptexes',
  '/System/Volumes/Preboot/Cryptexes',
  '/usr/lib',
  '/usr/share/icu',
  '/usr/share/zoneinfo',
  '/usr/share/zoneinfo.default',
  '/private/etc/localtime',
  '/private/var/db/dyld',
  '/private/var/db/timezone',
  // Which shell /bin/sh is.
  '/private/var/select',
];

/** Links on the way to real places, whose metadata is checked when they are followed. */
const ROOT_LINKS: readonly string[] = ['/tmp', '/var', '/etc'];

export function fileRules(plan: SandboxPlan): readonly string[] {
  const regions = regionsOf(plan);
  const staying = stayingPlaces(plan.mounts);
  const rules = regions.flatMap((region) => rulesOf(region, childrenOf(region, regions), staying));
  const steps = [...new Set([...ROOT_LINKS, ...plan.mounts.flatMap(({ path }) => foldersAbove(path))])].filter(
    (step) => deciding(regions, step)?.access !== 'none',
  );
  return [
    ...rules,
    `(allow file-map-executable)`,
    `(allow file-read-metadata ${steps.flatMap(itself).join(' ')})`,
    `(allow file-read* ${itself('/').join(' ')})`,
    ...(staying.length > 0 ? [`(deny file-write-unlink ${staying.flatMap(itself).join(' ')})`] : []),
    ...deviceRules(plan.mounts),
  ];
}

function regionsOf(plan: SandboxPlan): readonly Region[] {
  const mounts = plan.mounts.map((mount) => ({
    path: mount.path,
    access: accessOf(mount),
    missing: plan.placeholders.includes(mount.path),
  }));
  // Files that git would obey, and that no git folder has at first (git-dangers.ts).
  const unwanted = plan.unwanted.map((path) => ({ path, access: 'none' as const, missing: true }));
  const own = new Set([...mounts, ...unwanted].map(({ path }) => path));
  const system = plan.base === 'bare' ? SYSTEM_PLACES : [];
  return [
    { path: '/', access: BASE[plan.base], missing: false },
    { path: '/dev', access: plan.base === 'unrestricted' ? 'all' : 'none', missing: false },
    ...system.flatMap((path) => (own.has(path) ? [] : [{ path, access: 'read' as const, missing: false }])),
    ...mounts.filter(({ path }) => path !== '/dev'),
    ...unwanted,
  ];
}

/** The regions in a region that are in no other region in it. */
const childrenOf = (region: Region, all: readonly Region[]): readonly Region[] => {
  const inside = all.filter((one) => isBelow(one.path, region.path));
  return inside.filter((one) => !inside.some((other) => isBelow(one.path, other.path)));
};

const deciding = (regions: readonly Region[], place: string): Region | undefined =>
  regions.filter(({ path }) => path === place || isBelow(place, path)).sort((a, b) => b.path.length - a.path.length)[0];

const isBelow = (place: string, folder: string): boolean =>
  place !== folder && place.startsWith(folder === '/' ? '/' : `${folder}/`);

const filtersOf = ({ path, missing }: Region): readonly Filter[] => (missing ? wholeMissing(path) : whole(path));

function rulesOf(region: Region, children: readonly Region[], staying: readonly string[]): readonly string[] {
  const without = [...children.flatMap(filtersOf), ...(region.path === '/dev' ? [TERMINALS] : [])];
  const all = filtersOf(region);
  const allowed = OPERATIONS[region.access];
  const denied = DENIED[region.access];
  const writes = region.access === 'write' || region.access === 'all';
  const fixed = writes ? staying.filter((place) => decides(region, children, place)) : [];
  const rules: string[] = [];
  if (allowed !== null && fixed.length === 0) rules.push(`(allow ${allowed} ${except(all, without)})`);
  if (allowed !== null && fixed.length > 0) {
    const others = [...without, ...fixed.flatMap(itself)];
    rules.push(`(allow ${allowed} ${except(all, others)})`);
    rules.push(`(allow file-read* process-exec ${STAYING} ${fixed.flatMap(itself).join(' ')})`);
  }
  if (region.access === 'list') rules.push(`(allow file-read* ${itself(region.path).join(' ')})`);
  if (region.access === 'pass') rules.push(`(allow file-read-metadata ${itself(region.path).join(' ')})`);
  if (denied !== null && region.path !== '/' && region.path !== '/dev')
    // These two have other rules beside theirs.
    rules.push(`(deny ${denied} ${except(all, without)})`);
  return rules;
}

/** Whether this region is the one that decides about a place. */
const decides = (region: Region, children: readonly Region[], place: string): boolean =>
  (place === region.path || isBelow(place, region.path)) &&
  !children.some(({ path }) => place === path || isBelow(place, path));

/** Mounts, and the folders above them. */
const stayingPlaces = (mounts: readonly PlannedMount[]): readonly string[] =>
  [...new Set(mounts.flatMap(({ path }) => [path, ...foldersAbove(path)]))].filter((place) => place !== '/').sort();

function foldersAbove(place: string): readonly string[] {
  const above: string[] = [];
  for (let at = path.posix.dirname(place); at !== '/' && at !== '.'; at = path.posix.dirname(at)) above.push(at);
  return above;
}

/**
 * A sandbox has no devices but these. The terminals of other programs are not among them: what is typed there, and what
 * a shell there would run, is not the command's. The extension marks those that the command has made itself. Its own
 * first terminal is open already.
 */
const TERMINALS: Filter = '(regex #"^/dev/ttys[0-9]+$")';
const DEVICES: Readonly<Record<string, string>> = {
  '/dev/null': 'file-read* file-write-data file-ioctl',
  '/dev/zero': 'file-read* file-write-data file-ioctl',
  '/dev/tty': 'file-read* file-write-data file-ioctl',
  '/dev/ptmx': 'file-read* file-write-data file-ioctl',
  '/dev/random': 'file-read*',
  '/dev/urandom': 'file-read*',
  '/dev/fd': 'file-read*',
  '/dev/stdin': 'file-read*',
  '/dev/stdout': 'file-read*',
  '/dev/stderr': 'file-read*',
};

/** `mounts`: a device that the plan names has the plan's rule. */
const deviceRules = (mounts: readonly PlannedMount[]): readonly string[] => [
  '(allow file-read* (literal "/dev"))',
  ...Object.entries(DEVICES).flatMap(([device, operations]) =>
    mounts.some(({ path }) => path === device || isBelow(device, path))
      ? []
      : [`(allow ${operations} (literal "${device}"))`],
  ),
  '(allow file-read* file-write-data (subpath "/dev/fd"))',
  '(allow pseudo-tty)',
  `(allow file-read* file-write-data file-ioctl (require-all ${TERMINALS} (extension "com.apple.sandbox.pty")))`,
  `(allow file-ioctl ${TERMINALS})`,
];
