/**
 * Turns rules about paths into the mounts that enforce them.
 *
 * Rule: a mount stands at a path where the access changes; the nearest mount above a path decides. A restricted place
 * inside a writable one cannot be moved: it is a mount point, and so is every folder between it and the writable root,
 * because mount points cannot be renamed or removed. A path that must not be created is a mount point too; the platform
 * must first create it (`placeholders`).
 * Scope: paths only, independent of Linux. linux/bubblewrap.ts makes the mounts.
 */
import { ALL_FILES, type LocalPaths } from '../../system/files/paths.js';
import { codexHomeView } from './codex-home-view.js';
import { collectRules, type RuleOptions } from './collect-rules.js';
import type { Rule, Rules } from './rule.js';
import { otherPlaces } from './other-mounts.js';
import { FILES_HERE } from './file-view.js';
import { createPathResolver } from './resolve-path.js';
import { type SandboxRequest, sandboxRefused } from './sandbox.js';

export type PlannedMount =
  /** The host's own file or folder. `device`: one in /dev that works as a device. */
  | { readonly kind: 'readable' | 'writable' | 'device'; readonly path: string }
  /** Present, but cannot be read, listed or replaced. */
  | { readonly kind: 'hidden'; readonly path: string; readonly of: 'folder' | 'file' }
  /** An empty folder in which nothing can be created. */
  | { readonly kind: 'empty'; readonly path: string }
  /** A private folder of the sandbox that contains only the mounts below it. */
  | { readonly kind: 'privateFolder'; readonly path: string; readonly listable: boolean }
  /** Exists only in a private folder or in a bare sandbox. */
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'folder'; readonly path: string };

export interface SandboxPlan {
  /**
   * The file system before the mounts: everything readable, everything writable, nothing, or everything with its
   * devices (`unrestricted`). On Windows this is about all drives and shares, also those that appear later; a mount at
   * `D:\` is about one drive.
   */
  readonly base: 'readable' | 'writable' | 'bare' | 'unrestricted';
  /**
   * Parents come before children. Paths are real ones. On Windows they have a drive (`C:\a`) or a share
   * (`\\host\share\a`) and the spelling of the disk, and never `\\?\`.
   */
  readonly mounts: readonly PlannedMount[];
  /** Paths of mounts that do not exist, in folders that do. */
  readonly placeholders: readonly string[];
  readonly workingFolder: string;
  /** Real paths below which the command can write; ALL_FILES (`/`, also on Windows): everywhere. */
  readonly writable: readonly string[];
  /** Files to remove after the command has ended, if it created them. */
  readonly unwanted: readonly string[];
  /** Whether the command can see a path of the host (absolute; links are followed). */
  sees(place: string): boolean;
}

/** Throws `sandbox.refused` when the profile cannot be enforced, or when nothing could run under it. */
export async function planSandbox(request: SandboxRequest, options: RuleOptions): Promise<SandboxPlan> {
  const { filesystem, enforcement } = request.profile;
  // These files are unrestricted or confined by another program; the sandbox confines only the network.
  if (filesystem.kind === 'unrestricted' || enforcement === 'external') return unrestrictedPlan(request, options);
  const rules = await collectRules(request, options);
  const grants = [...rules.all.values()].some(
    ({ access, place }) => access !== 'deny' && place.kind !== 'missing' && !request.readable?.includes(place.given),
  );
  if (!grants) {
    throw sandboxRefused(
      `${profileName(request)} lets commands read nothing, so none can run; grant at least ":minimal" = "read"`,
    );
  }
  const base = BASES[rules.all.get(ALL_FILES)?.access ?? 'deny'];
  const table = createMountTable(base, rules.paths);
  const home = rules.resolve(options.codexHome);
  const points = new Set([...rules.all.keys(), ...(home.kind === 'folder' ? [home.real] : [])]);
  points.delete(ALL_FILES);
  for (const point of [...points].sort()) {
    const access = rules.accessAt(point);
    if (point === home.real && (access === 'read' || access === 'write')) {
      replaceHome(table, rules, home.real);
    } else {
      const rule = rules.all.get(point);
      if (rule) place(table, rules, rule);
    }
  }
  for (const folder of rules.pins) pinFolder(table, folder);
  if (base === 'bare') for (const rule of rules.all.values()) recreateLinks(table, rule);
  const workingFolder = placeWorkingFolder(table, rules, request, base);
  return {
    base,
    mounts: table.sorted(),
    placeholders: table.placeholders,
    workingFolder,
    writable: [...rules.all.values()].flatMap(({ access, place }) => (access === 'write' ? [place.real] : [])),
    unwanted: rules.unwanted,
    sees: (file) => table.accessAt(rules.resolve(file).real) !== null,
  };
}

const BASES = { read: 'readable', write: 'writable', deny: 'bare' } as const;

const profileName = ({ profile }: SandboxRequest): string =>
  profile.id === null ? 'the sandbox policy' : `the permission profile \`${profile.id}\``;

/** Everything is reachable, except for the sandbox's own parts: this sandbox confines only the network. */
function unrestrictedPlan(request: SandboxRequest, options: RuleOptions): SandboxPlan {
  const resolve = createPathResolver(options.view ?? FILES_HERE);
  const mounts = options.hidden.flatMap((hidden): readonly PlannedMount[] => {
    const place = resolve(hidden);
    if (place.kind === 'missing') return [];
    const others = options.mounts ? otherPlaces(place, options.mounts, resolve).map((other) => other.place) : [];
    return [place, ...others].flatMap(({ real, kind }): readonly PlannedMount[] =>
      kind === 'missing' ? [] : [{ kind: 'hidden', path: real, of: kind }],
    );
  });
  return {
    base: 'unrestricted',
    mounts,
    placeholders: [],
    workingFolder: request.cwd,
    writable: [ALL_FILES],
    unwanted: [],
    sees: () => true,
  };
}

/** The access that a mount gives; null: none. */
const ACCESS: Readonly<Record<PlannedMount['kind'] | SandboxPlan['base'], 'read' | 'write' | null>> = {
  readable: 'read',
  writable: 'write',
  device: 'write',
  unrestricted: 'write',
  empty: 'read',
  link: 'read',
  folder: 'read',
  hidden: null,
  privateFolder: null,
  bare: null,
};

interface MountTable {
  readonly paths: LocalPaths;
  readonly placeholders: string[];
  set(mount: PlannedMount): void;
  has(place: string): boolean;
  /** The mount that decides about a path, and its path. */
  enclosing(place: string): { readonly path: string; readonly kind: PlannedMount['kind'] | SandboxPlan['base'] };
  accessAt(place: string): 'read' | 'write' | null;
  sorted(): readonly PlannedMount[];
}

function createMountTable(base: SandboxPlan['base'], paths: LocalPaths): MountTable {
  const mounts = new Map<string, PlannedMount>();
  const enclosing: MountTable['enclosing'] = (place) => {
    for (let at = place; at !== ALL_FILES; at = paths.above(at)) {
      const mount = mounts.get(at);
      if (mount) return mount;
    }
    return { path: ALL_FILES, kind: base };
  };
  return {
    paths,
    placeholders: [],
    set: (mount) => void mounts.set(mount.path, mount),
    has: (place) => mounts.has(place),
    enclosing,
    accessAt: (place) => ACCESS[enclosing(place).kind],
    // A path sorts before everything below it.
    sorted: () => [...mounts.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

function place(table: MountTable, rules: Rules, rule: Rule): void {
  const { access } = rule;
  const { real, kind, missingFrom, closed } = rule.place;
  const around = table.accessAt(real);
  if (kind === 'missing') {
    // A missing root does not count as a root, and a path that commands cannot create needs no mount.
    if (access === 'write' || around !== 'write') return;
    if (closed !== null && !table.has(closed)) {
      // Commands of the same user could open the folder that the daemon cannot search.
      table.set({ kind: 'hidden', path: closed, of: 'folder' });
      pin(table, closed);
    }
    if (missingFrom === null || table.has(missingFrom)) return;
    const denied = access === 'deny' && missingFrom === real;
    table.set(denied ? { kind: 'hidden', path: real, of: 'folder' } : { kind: 'empty', path: missingFrom });
    table.placeholders.push(missingFrom);
    pin(table, missingFrom);
    return;
  }
  if (access === 'deny') {
    if (around === null || isInOwnMemory(table, real)) return;
    if (kind === 'folder' && hasGrantBelow(rules, real))
      table.set({ kind: 'privateFolder', path: real, listable: false });
    else table.set({ kind: 'hidden', path: real, of: kind });
  } else if (real.startsWith('/dev/')) {
    // The sandbox's private /dev does not contain it, whatever is granted around it.
    return table.set({ kind: access === 'write' ? 'device' : 'readable', path: real });
  } else if (around === access) {
    return;
  } else {
    table.set({ kind: access === 'write' ? 'writable' : 'readable', path: real });
  }
  if (around === 'write' && rule.pinned) pin(table, real);
}

/** Every sandbox has its own /dev/shm. It contains those files of the host's /dev/shm that are granted by name. */
const isInOwnMemory = (table: MountTable, real: string): boolean =>
  table.paths.isWithin(real, '/dev/shm') && !table.paths.isWithin(table.enclosing(real).path, '/dev/shm');

/**
 * Makes mount points of the folders between a mount and the writable folder around it, so that they cannot be moved.
 */
function pin(table: MountTable, place: string): void {
  const { above } = table.paths;
  const around = table.enclosing(above(place));
  for (let at = above(place); at !== around.path; at = above(at)) {
    if (!table.has(at)) table.set({ kind: 'writable', path: at });
  }
}

/** Like `pin`, for the folder too. Nothing can be renamed out of it, because it is its own mount. */
function pinFolder(table: MountTable, folder: string): void {
  if (folder === ALL_FILES || table.accessAt(folder) !== 'write') return;
  if (!table.has(folder)) table.set({ kind: 'writable', path: folder });
  pin(table, folder);
}

function hasGrantBelow(rules: Rules, folder: string): boolean {
  for (const [real, { access, place }] of rules.all) {
    if (access !== 'deny' && place.kind !== 'missing' && real !== folder && rules.paths.isWithin(real, folder))
      return true;
  }
  return false;
}

function replaceHome(table: MountTable, rules: Rules, home: string): void {
  const writable = rules.all.get(home)?.access === 'write';
  const { visible, hiddenLinks } = codexHomeView(home);
  const links = hiddenLinks.map((name) => rules.resolve(rules.paths.native.join(home, name)));
  const around = table.accessAt(home);
  table.set({ kind: 'privateFolder', path: home, listable: true });
  if (around === 'write') pin(table, home);
  for (const { name, kind } of visible) {
    const child = rules.paths.native.join(home, name);
    if (rules.all.has(child)) continue; // Its own rule decides about it.
    if (kind !== 'link') table.set({ kind: writable ? 'writable' : 'readable', path: child });
    else table.set({ kind: 'link', path: child, target: rules.resolve(child).real });
  }
  for (const { real, kind } of links) {
    if (kind !== 'missing' && table.accessAt(real) !== null) table.set({ kind: 'hidden', path: real, of: kind });
  }
}

/**
 * In a bare sandbox, `/bin` exists only when the link is created again. In other sandboxes its parent folder contains
 * it.
 */
function recreateLinks(table: MountTable, { place, access }: Rule): void {
  if (access === 'deny' || place.kind === 'missing') return;
  for (const { at, target } of place.links) {
    if (!table.has(at) && table.enclosing(at).kind === 'bare') table.set({ kind: 'link', path: at, target });
  }
}

/** Determines the working folder of the command: an empty folder when the command may not see the requested one. */
function placeWorkingFolder(
  table: MountTable,
  rules: Rules,
  request: SandboxRequest,
  base: SandboxPlan['base'],
): string {
  const { real } = rules.resolve(request.cwd);
  const around = table.enclosing(real);
  const listable = around.path === real && (around.kind === 'privateFolder' || around.kind === 'bare');
  if (ACCESS[around.kind] !== null || listable) return base === 'bare' ? real : request.cwd;
  if (around.kind === 'bare') {
    table.set({ kind: 'folder', path: real });
    return real;
  }
  throw sandboxRefused(
    `${profileName(request)} denies the command's own working folder ${request.cwd}; start it elsewhere or grant the folder`,
  );
}
