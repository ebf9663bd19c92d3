/**
 * Finds what the denied globs of a profile mean at this moment.
 *
 * Mounts cover paths, not patterns, so a glob is expanded when a command starts: what matches then is hidden from that
 * command, whatever is renamed meanwhile. Non-scope, because the platform cannot: a file that appears later, under a
 * matching name, in a place that the command can read; the next command does not see it. A copy made under another name
 * before the file was denied.
 * The walk is bounded. A profile's `glob_scan_max_depth` is its author's choice of how deep to look; without one a tree
 * of more than MAX_ENTRIES names is not half searched, but nothing runs.
 */
import type { Dirent } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { parseGlob, type Segment } from './glob.js';
import { SandboxError } from './sandbox.js';

export interface GlobMatch {
  /** Absolute; may be a symbolic link. */
  readonly path: string;
  /**
   * A renamed folder above would take the match out of the pattern, and out of reach of the next command's expansion:
   * true unless the pattern begins with `**`.
   */
  readonly anchored: boolean;
}

export interface DenyGlob {
  /** Absolute, without links. */
  readonly base: string;
  readonly pattern: string;
}

const MAX_ENTRIES = 200_000;
/** Each is a mount. */
const MAX_MATCHES = 1000;

/** Throws SandboxError when a pattern cannot be understood or the tree is too large to be searched. */
export async function expandDenyGlobs(
  globs: readonly DenyGlob[],
  maxDepth: number | null,
): Promise<readonly GlobMatch[]> {
  const matches = new Map<string, GlobMatch>();
  const budget = { entries: MAX_ENTRIES };
  for (const glob of globs) {
    for (const segments of parse(glob.pattern)) {
      const anchored = segments[0] !== '**';
      const found = (place: string): void => {
        const known = matches.get(place);
        matches.set(place, { path: place, anchored: anchored || (known?.anchored ?? false) });
        if (matches.size > MAX_MATCHES) {
          throw new SandboxError(
            `the denied glob \`${glob.pattern}\` matches more than ${MAX_MATCHES} paths below ${glob.base}, which is more than can be hidden one by one; deny a folder instead`,
          );
        }
      };
      await walk(glob, segments, maxDepth ?? Number.POSITIVE_INFINITY, budget, found);
    }
  }
  return [...matches.values()];
}

function parse(pattern: string): readonly (readonly Segment[])[] {
  try {
    return parseGlob(pattern);
  } catch (error) {
    throw new SandboxError(`${(error as Error).message}; nothing runs under a profile whose denials are unclear`);
  }
}

/** Breadth first; a folder that matches as a whole is not searched further. */
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
      for (const entry of await list(place)) {
        if (--budget.entries < 0) {
          throw new SandboxError(
            `the denied glob \`${glob.pattern}\` would search more than ${MAX_ENTRIES} paths below ${glob.base}; set glob_scan_max_depth in the permission profile, or deny paths instead`,
          );
        }
        const after = step(states, entry.name, segments);
        if (after.includes(segments.length)) found(path.join(place, entry.name));
        else if (after.length > 0 && entry.isDirectory())
          next.push({ place: path.join(place, entry.name), states: after });
      }
    }
    level = next;
  }
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    return await fs.readdir(folder, { withFileTypes: true });
  } catch {
    return []; // Gone, a file, or unreadable for this user and so for its commands.
  }
}

/** Positions in the pattern that a name leads to. `**` stands for one folder more, or at the end for anything. */
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

/** A `**` may stand for no folder at all, but not at the end, where it means everything below. */
function closure(states: readonly number[], segments: readonly Segment[]): readonly number[] {
  const all = new Set(states);
  for (const state of all) {
    if (segments[state] !== '**') continue;
    if (state + 1 < segments.length) all.add(state + 1);
  }
  return [...all];
}
