/**
 * From rules about paths to the mounts that enforce them.
 *
 * Rule: a mount stands at a path where the access changes; the nearest one above decides. A restricted place inside a
 * writable one stays where it is: it is a mount point, and so is every folder between it and the writable root, because
 * mount points cannot be renamed or removed. A path that must not come into being is a mount point as well, which the
 * platform has to make first (`placeholders`).
 * Scope: paths only. Nothing here is about Linux; how the mounts are made is linux/bubblewrap.ts.
 */
import path from 'node:path';
import { codexHomeView } from './codex-home-view.js';
import { collectRules, type RuleOptions } from './rules.js';
import type { Rule, Rules } from './rule.js';
import { otherPlaces } from './other-mounts.js';
import { createPathResolver, isWithin } from './resolve-path.js';
import { type SandboxRequest, sandboxRefused } from './sandbox.js';

export type PlannedMount =
  /** The host's own file or folder; `device`: one in /dev, which works as such. */
  | { readonly kind: 'readable' | 'writable' | 'device'; readonly path: string }
  /** There, but not to be read, listed or replaced. */
  | { readonly kind: 'hidden'; readonly path: string; readonly of: 'folder' | 'file' }
  /** An empty folder in which nothing can be made. */
  | { readonly kind: 'empty'; readonly path: string }
  /** A folder of the sandbox's own, that holds the mounts below it and nothing else. */
  | { readonly kind: 'curtain'; readonly path: string; readonly listable: boolean }
  /** Exists in a curtain or in a bare sandbox only. */
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'folder'; readonly path: string };

export interface SandboxPlan {
  /**
   * What is there before the mounts: the whole file system to read or to write, nothing at all, or everything with its
   * devices (`unrestricted`).
   */
  readonly base: 'readable' | 'writable' | 'bare' | 'unrestricted';
  /** Those above come before those below. */
  readonly mounts: readonly PlannedMount[];
  /** Paths of mounts that do not exist, in folders that do. */
  readonly placeholders: readonly string[];
  readonly workingFolder: string;
  /** Real paths below which the command can write. */
  readonly writable: readonly string[];
  /** Files that are to be removed when the command has ended, should it have made them. */
  readonly unwanted: readonly string[];
  /** Whether the command can see a path of the host (absolute, its links are followed). */
  sees(place: string): boolean;
}

/** Throws `sandbox.refused` when the profile cannot be enforced, or leaves nothing to run. */
export async function planSandbox(request: SandboxRequest, options: RuleOptions): Promise<SandboxPlan> {
  const { filesystem, enforcement } = request.profile;
  // Whose files somebody else confines is here for its network alone.
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
  const base = BASES[rules.all.get('/')?.access ?? 'deny'];
  const book = createMountBook(base);
  const home = rules.resolve(options.codexHome);
  const points = new Set([...rules.all.keys(), ...(home.kind === 'folder' ? [home.real] : [])]);
  points.delete('/');
  for (const point of [...points].sort()) {
    const access = rules.accessAt(point);
    if (point === home.real && (access === 'read' || access === 'write')) {
      drawCurtain(book, rules, home.real);
    } else {
      const rule = rules.all.get(point);
      if (rule) place(book, rules, rule);
    }
  }
  for (const folder of rules.pins) pinFolder(book, folder);
  if (base === 'bare') for (const rule of rules.all.values()) recreateLinks(book, rule);
  const workingFolder = placeWorkingFolder(book, rules, request, base);
  return {
    base,
    mounts: book.sorted(),
    placeholders: book.placeholders,
    workingFolder,
    writable: [...rules.all.values()].flatMap(({ access, place }) => (access === 'write' ? [place.real] : [])),
    unwanted: rules.unwanted,
    sees: (file) => book.accessAt(rules.resolve(file).real) !== null,
  };
}

const BASES = { read: 'readable', write: 'writable', deny: 'bare' } as const;

const profileName = ({ profile }: SandboxRequest): string =>
  profile.id === null ? 'the sandbox policy' : `the permission profile \`${profile.id}\``;

/** Nothing is out of reach but what keeps the sandbox itself together: it confines the network then. */
function unrestrictedPlan(request: SandboxRequest, options: RuleOptions): SandboxPlan {
  const resolve = createPathResolver();
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
    writable: ['/'],
    unwanted: [],
    sees: () => true,
  };
}

/** What a mount lets through; null: nothing. */
const ACCESS: Readonly<Record<PlannedMount['kind'] | SandboxPlan['base'], 'read' | 'write' | null>> = {
  readable: 'read',
  writable: 'write',
  device: 'write',
  unrestricted: 'write',
  empty: 'read',
  link: 'read',
  folder: 'read',
  hidden: null,
  curtain: null,
  bare: null,
};

interface MountBook {
  readonly placeholders: string[];
  set(mount: PlannedMount): void;
  has(place: string): boolean;
  /** The mount that decides about a path, and where it is. */
  enclosing(place: string): { readonly path: string; readonly kind: PlannedMount['kind'] | SandboxPlan['base'] };
  accessAt(place: string): 'read' | 'write' | null;
  sorted(): readonly PlannedMount[];
}

function createMountBook(base: SandboxPlan['base']): MountBook {
  const mounts = new Map<string, PlannedMount>();
  const enclosing: MountBook['enclosing'] = (place) => {
    for (let at = place; at !== '/'; at = path.dirname(at)) {
      const mount = mounts.get(at);
      if (mount) return mount;
    }
    return { path: '/', kind: base };
  };
  return {
    placeholders: [],
    set: (mount) => void mounts.set(mount.path, mount),
    has: (place) => mounts.has(place),
    enclosing,
    accessAt: (place) => ACCESS[enclosing(place).kind],
    // A path sorts before everything below it.
    sorted: () => [...mounts.values()].sort((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

function place(book: MountBook, rules: Rules, rule: Rule): void {
  const { access } = rule;
  const { real, kind, missingFrom, closed } = rule.place;
  const around = book.accessAt(real);
  if (kind === 'missing') {
    // A missing root is no root, and what commands cannot make needs no mount.
    if (access === 'write' || around !== 'write') return;
    if (closed !== null && !book.has(closed)) {
      // Commands of the same user could open the folder that we cannot look into.
      book.set({ kind: 'hidden', path: closed, of: 'folder' });
      pin(book, closed);
    }
    if (missingFrom === null || book.has(missingFrom)) return;
    const denied = access === 'deny' && missingFrom === real;
    book.set(denied ? { kind: 'hidden', path: real, of: 'folder' } : { kind: 'empty', path: missingFrom });
    book.placeholders.push(missingFrom);
    pin(book, missingFrom);
    return;
  }
  if (access === 'deny') {
    if (around === null || isInOwnMemory(book, real)) return;
    if (kind === 'folder' && hasGrantBelow(rules, real)) book.set({ kind: 'curtain', path: real, listable: false });
    else book.set({ kind: 'hidden', path: real, of: kind });
  } else if (real.startsWith('/dev/')) {
    // The sandbox's own /dev does not have it, whatever is granted around it.
    return book.set({ kind: access === 'write' ? 'device' : 'readable', path: real });
  } else if (around === access) {
    return;
  } else {
    book.set({ kind: access === 'write' ? 'writable' : 'readable', path: real });
  }
  if (around === 'write' && rule.pinned) pin(book, real);
}

/** Every sandbox has a /dev/shm of its own: of the host's it shows what is granted there by name. */
const isInOwnMemory = (book: MountBook, real: string): boolean =>
  isWithin(real, '/dev/shm') && !isWithin(book.enclosing(real).path, '/dev/shm');

/**
 * Makes mount points of the folders between a mount and the writable one around it, so that they stay where they are.
 */
function pin(book: MountBook, place: string): void {
  const around = book.enclosing(path.dirname(place));
  for (let at = path.dirname(place); at !== around.path; at = path.dirname(at)) {
    if (!book.has(at)) book.set({ kind: 'writable', path: at });
  }
}

/** As `pin`, and the folder itself: nothing can be renamed out of it either, since it is a mount of its own. */
function pinFolder(book: MountBook, folder: string): void {
  if (folder === '/' || book.accessAt(folder) !== 'write') return;
  if (!book.has(folder)) book.set({ kind: 'writable', path: folder });
  pin(book, folder);
}

function hasGrantBelow(rules: Rules, folder: string): boolean {
  for (const [real, { access, place }] of rules.all) {
    if (access !== 'deny' && place.kind !== 'missing' && real.startsWith(`${folder}/`)) return true;
  }
  return false;
}

function drawCurtain(book: MountBook, rules: Rules, home: string): void {
  const writable = rules.all.get(home)?.access === 'write';
  const { visible, hiddenLinks } = codexHomeView(home);
  const links = hiddenLinks.map((name) => rules.resolve(path.join(home, name)));
  const around = book.accessAt(home);
  book.set({ kind: 'curtain', path: home, listable: true });
  if (around === 'write') pin(book, home);
  for (const { name, kind } of visible) {
    const child = path.join(home, name);
    if (rules.all.has(child)) continue; // Its own rule says what becomes of it.
    if (kind !== 'link') book.set({ kind: writable ? 'writable' : 'readable', path: child });
    else book.set({ kind: 'link', path: child, target: rules.resolve(child).real });
  }
  for (const { real, kind } of links) {
    if (kind !== 'missing' && book.accessAt(real) !== null) book.set({ kind: 'hidden', path: real, of: kind });
  }
}

/** In a bare sandbox `/bin` exists only if the link is made again; elsewhere it is there with the folder around it. */
function recreateLinks(book: MountBook, { place, access }: Rule): void {
  if (access === 'deny' || place.kind === 'missing') return;
  for (const { at, target } of place.links) {
    if (!book.has(at) && book.enclosing(at).kind === 'bare') book.set({ kind: 'link', path: at, target });
  }
}

/** Where the command starts: an empty folder when it may not see the one that was asked for. */
function placeWorkingFolder(book: MountBook, rules: Rules, request: SandboxRequest, base: SandboxPlan['base']): string {
  const { real } = rules.resolve(request.cwd);
  const around = book.enclosing(real);
  const listable = around.path === real && (around.kind === 'curtain' || around.kind === 'bare');
  if (ACCESS[around.kind] !== null || listable) return base === 'bare' ? real : request.cwd;
  if (around.kind === 'bare') {
    book.set({ kind: 'folder', path: real });
    return real;
  }
  throw sandboxRefused(
    `${profileName(request)} denies the command's own working folder ${request.cwd}; start it elsewhere or grant the folder`,
  );
}
