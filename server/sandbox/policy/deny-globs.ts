/**
 * Finds the current matches of a profile's denied globs.
 *
 * Mounts cover paths, not patterns. So a glob is expanded when a command starts, and its matches are hidden from that
 * command, even after a rename. A folder is pinned (`anchored`) when its rename would take a match out of the pattern,
 * out of the search depth or away from the base. The base is always pinned (collect-rules.ts). A folder that this user
 * may not list, but that commands of the same user could open, is hidden as a whole. A tree that changes during the
 * search is searched again; if it keeps changing, nothing runs.
 *
 * Non-scope, because the platform cannot do it: a file that later appears or is replaced under a matching name in a
 * readable place (the next command does not see it), and a copy under another name from before the denial.
 *
 * The walk is bounded. A profile's `glob_scan_max_depth` is its author's choice of the search depth. Without it, a tree
 * of more than MAX_ENTRIES names is not searched partially; nothing runs.
 */
import { messageOf } from '../../errors/message-of.js';
import { CodexdError, isCode } from '../../errors/codexd-error.js';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { osCode } from '../../errors/os-code.js';
import { listFolderAsync, type FolderEntry } from '../../system/files/path-bytes.js';
import { ALL_FILES } from '../../system/files/paths.js';
import { parseGlob, type Segment } from './glob.js';
import { sandboxRefused, isSandboxRefusal } from './sandbox.js';

export interface GlobMatch {
  /** Absolute; may be a symbolic link. */
  readonly path: string;
  /**
   * True when the rename of a folder above would take the match out of the pattern, and out of reach of the next
   * command's expansion. False only for a pattern of `**` and one name with unbounded search.
   */
  readonly anchored: boolean;
}

export interface DenyGlob {
  /** Absolute, without links. */
  readonly base: string;
  readonly pattern: string;
}

const MAX_ENTRIES = 200_000;
/** Each match is a mount. */
const MAX_MATCHES = 1000;

/** The pauses between two searches of a changing tree, in milliseconds. */
const PAUSES_MS: readonly number[] = [0, 20, 100, 300];

/**
 * Throws `sandbox.refused` when a pattern cannot be parsed, or when the tree is too large or keeps changing. Calls
 * `accept` with each whole result; it returns false when the result is already out of date.
 */
export async function expandDenyGlobs(
  globs: readonly DenyGlob[],
  maxDepth: number | null,
  accept: (matches: readonly GlobMatch[]) => boolean = () => true,
): Promise<readonly GlobMatch[]> {
  for (const pause of PAUSES_MS) {
    try {
      const matches = await searchOnce(globs, maxDepth);
      if (accept(matches)) return matches;
    } catch (error) {
      if (!isCode(error, 'sandbox.tree-moved')) throw error;
    }
    await sleep(pause);
  }
  throw treeMoved(globs[0]?.base ?? ALL_FILES);
}

async function searchOnce(globs: readonly DenyGlob[], maxDepth: number | null): Promise<readonly GlobMatch[]> {
  const matches = new Map<string, GlobMatch>();
  const budget = { entries: MAX_ENTRIES };
  for (const glob of globs) {
    for (const segments of parse(glob.pattern)) {
      const anchored = maxDepth !== null || !staysMatched(segments);
      const found = (place: string): void => {
        const known = matches.get(place);
        matches.set(place, { path: place, anchored: anchored || (known?.anchored ?? false) });
        if (matches.size > MAX_MATCHES) {
          throw sandboxRefused(
            `the denied glob \`${glob.pattern}\` matches more than ${MAX_MATCHES} paths below ${glob.base}, which is more than can be hidden one by one; deny a folder instead`,
          );
        }
      };
      await walk(glob, segments, maxDepth ?? Number.POSITIVE_INFINITY, budget, found);
    }
  }
  return [...matches.values()];
}

/** Whether a match stays a match wherever its folder moves below the base: its name comes directly after `**`. */
const staysMatched = (segments: readonly Segment[]): boolean =>
  segments.length > 1 && segments.at(-1) !== '**' && segments.slice(0, -1).every((segment) => segment === '**');

/**
 * Whether a path below the base, given as names, or a folder above it matches. A pattern that cannot be parsed matches
 * everything.
 */
export function globMatches(pattern: string, words: readonly string[]): boolean {
  let alternatives: readonly (readonly Segment[])[];
  try {
    alternatives = parse(pattern);
  } catch (error) {
    if (isSandboxRefusal(error)) return true;
    throw error;
  }
  return alternatives.some((segments) => {
    let states = closure([0], segments);
    return words.some((word) => {
      states = step(states, word, segments);
      return states.includes(segments.length);
    });
  });
}

function parse(pattern: string): readonly (readonly Segment[])[] {
  try {
    return parseGlob(pattern);
  } catch (error) {
    throw sandboxRefused(`${messageOf(error)}; nothing runs under a profile whose denials are unclear`);
  }
}

/** Searches breadth first, and does not enter a folder that matches as a whole. */
async function walk(
  glob: DenyGlob,
  segments: readonly Segment[],
  maxDepth: number,
  budget: { entries: number },
  found: (place: string) => void,
): Promise<void> {
  let level: { place: string; states: readonly number[] }[] = [{ place: glob.base, states: closure([0], segments) }];
  for (let depth = 1; level.length > 0 && depth <= maxDepth; depth++) {
    const next: typeof level = [];
    for (const { place, states } of level) {
      const entries = await list(place);
      if (entries === 'unreadable') {
        found(place);
        continue;
      }
      if (entries === 'gone') {
        if (place === glob.base) return;
        throw treeMoved(glob.base);
      }
      for (const entry of entries) {
        if (--budget.entries < 0) {
          throw sandboxRefused(
            `the denied glob \`${glob.pattern}\` would search more than ${MAX_ENTRIES} paths below ${glob.base}; set glob_scan_max_depth in the permission profile, or deny paths instead`,
          );
        }
        const after = step(states, entry.name, segments);
        if (after.includes(segments.length)) found(path.join(place, entry.name));
        else if (after.length > 0 && entry.kind === 'folder')
          next.push({ place: path.join(place, entry.name), states: after });
      }
    }
    level = next;
  }
}

/** A folder disappeared between the listing of its parent and its own listing. */
const treeMoved = (base: string): CodexdError =>
  new CodexdError(
    'sandbox.tree-moved',
    `the denied globs cannot be enforced: folders below ${base} are being moved or removed all the time; try again when that has ended`,
  );

async function list(folder: string): Promise<readonly FolderEntry[] | 'gone' | 'unreadable'> {
  try {
    return await listFolderAsync(folder);
  } catch (error) {
    const code = osCode(error);
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'gone' : 'unreadable';
  }
}

/** The positions in the pattern after one name. `**` matches one more folder, or anything at the end. */
function step(states: readonly number[], name: string, segments: readonly Segment[]): readonly number[] {
  const after: number[] = [];
  for (const state of states) {
    const segment = segments[state];
    if (segment === undefined) continue;
    if (segment === '**') after.push(state + 1 === segments.length ? state + 1 : state);
    else if (segment.test(name)) after.push(state + 1);
  }
  return closure(after, segments);
}

/** A `**` may match no folder at all, except at the end, where it means everything below. */
function closure(states: readonly number[], segments: readonly Segment[]): readonly number[] {
  const all = new Set(states);
  for (const state of all) {
    if (segments[state] !== '**') continue;
    if (state + 1 < segments.length) all.add(state + 1);
  }
  return [...all];
}
