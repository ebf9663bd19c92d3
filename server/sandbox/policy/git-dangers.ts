/**
 * The dangerous parts of a nested repository's git folder: files that git executes or takes its configuration from.
 *
 * Threat: hooks and configuration (core.fsmonitor, filters, aliases) run outside of the sandbox when a person uses the
 * repository.
 * Rule: `hooks`, `config`, `config.worktree` and `info/attributes` are read-only, also those of submodules (`modules`)
 * and worktrees. The entries beside them (objects, refs, index) stay writable, so that commits work. When one of the
 * parts is a link or cannot be determined, the whole git folder is read-only. A `commondir` that a command creates
 * would lead git to another configuration. No main git folder has one, so it is removed when the command ends.
 * Non-scope: what git runs for a person who continues an operation that a command began (an `exec` line of a rebase).
 */
import fs from 'node:fs';
import path from 'node:path';
import { listFolder, nativePath } from '../../system/files/path-bytes.js';
import { readStart } from './protected-paths.js';
import { isWithin, type PathResolver, type ResolvedPath } from './resolve-path.js';

export interface GitDangers {
  /** Must be read-only, each at its path. */
  readonly readOnly: readonly ResolvedPath[];
  /** Must not exist when the command has ended. */
  readonly unwanted: readonly string[];
}

/** For an existing git folder. `whole`: treat it as one part. */
export function gitDangers(folder: ResolvedPath, resolve: PathResolver, whole = false): GitDangers {
  const all: GitDangers = { readOnly: [folder], unwanted: [] };
  const seen = whole ? null : parts(folder.real, resolve);
  return seen ?? all;
}

/** The largest number of submodules and worktrees that are checked one by one, and of folder levels in their names. */
const MAX_INNER = 64;
const MAX_LEVELS = 6;

/** Returns null when the parts cannot be determined. */
function parts(folder: string, resolve: PathResolver): GitDangers | null {
  const readOnly: ResolvedPath[] = [];
  const unwanted: string[] = [];
  const add = (inner: string, name: string): 'there' | 'missing' | 'unclear' => {
    const place = resolve(path.join(inner, name));
    if (place.links.some(({ at }) => isWithin(at, folder))) return 'unclear';
    if (place.kind !== 'missing' || name === 'hooks') readOnly.push(place);
    return place.kind === 'missing' ? 'missing' : 'there';
  };
  const addGitFolder = (inner: string): boolean => {
    if (add(inner, 'config') !== 'there' || add(inner, 'hooks') === 'unclear') return false;
    if (add(inner, 'info/attributes') === 'unclear') return false;
    const worktreeConfig = add(inner, 'config.worktree');
    // A missing file could be created, and would take effect.
    if (
      worktreeConfig === 'unclear' ||
      (worktreeConfig === 'missing' && usesWorktreeConfig(path.join(inner, 'config')))
    )
      return false;
    const shared = add(inner, 'commondir');
    if (shared === 'missing') unwanted.push(path.join(inner, 'commondir'));
    return shared !== 'unclear';
  };
  if (!addGitFolder(folder)) return null;
  const modules = innerGitFolders(path.join(folder, 'modules'));
  if (!modules?.every(addGitFolder)) return null;
  const trees = folderNames(path.join(folder, 'worktrees'));
  if (trees.length > MAX_INNER) return null;
  for (const tree of trees) {
    const inner = path.join(folder, 'worktrees', tree);
    if (add(inner, 'commondir') !== 'there' || add(inner, 'config.worktree') === 'unclear') return null;
  }
  return { readOnly, unwanted };
}

const usesWorktreeConfig = (config: string): boolean => /worktreeconfig/i.test(readStart(config) ?? 'worktreeConfig');

/** Submodule names may contain slashes. Returns null when there are too many. */
function innerGitFolders(modules: string): readonly string[] | null {
  const found: string[] = [];
  let level = [modules];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_LEVELS || level.length > MAX_INNER) return null;
    const next: string[] = [];
    for (const folder of level) {
      for (const name of folderNames(folder)) {
        const inner = path.join(folder, name);
        const isGit = fs.existsSync(nativePath(path.join(inner, 'HEAD')));
        if (isGit) found.push(inner);
        next.push(isGit ? path.join(inner, 'modules') : inner);
      }
    }
    if (found.length > MAX_INNER) return null;
    level = next;
  }
  return found;
}

function folderNames(folder: string): readonly string[] {
  try {
    return listFolder(folder).flatMap(({ name, kind }) => (kind === 'folder' ? [name] : []));
  } catch {
    return [];
  }
}
