/**
 * What of a nested repository's git folder is dangerous: what git executes, or takes its configuration from.
 *
 * Threat: hooks and configuration (core.fsmonitor, filters, aliases) run outside of the sandbox when a person uses the
 * repository. Rule: `hooks`, `config`, `config.worktree` and `info/attributes` are read-only, with those of submodules
 * (`modules`) and worktrees; what stands beside them (objects, refs, index) is not, so that commits work. Where one of
 * them is a link, or cannot be told apart, the git folder is read-only as a whole. A `commondir` that a command puts
 * there would lead git to another configuration; no main git folder has one, so it is taken away when the command ends.
 * Non-scope: what git runs for who continues an operation that a command began (an `exec` line of a rebase).
 */
import fs from 'node:fs';
import path from 'node:path';
import { listFolder, nativePath } from '../../system/files/path-bytes.js';
import { readStart } from './protected-paths.js';
import { isWithin, type PathResolver, type ResolvedPath } from './resolve-path.js';

export interface GitDangers {
  /** To be read-only, each in its place. */
  readonly readOnly: readonly ResolvedPath[];
  /** Must not be there when the command has ended. */
  readonly unwanted: readonly string[];
}

/** Of a git folder that exists. `whole`: do not tell its parts apart. */
export function gitDangers(folder: ResolvedPath, resolve: PathResolver, whole = false): GitDangers {
  const all: GitDangers = { readOnly: [folder], unwanted: [] };
  const seen = whole ? null : parts(folder.real, resolve);
  return seen ?? all;
}

/** Submodules and worktrees that are looked at one by one, and levels of folders that their names have. */
const MAX_INNER = 64;
const MAX_LEVELS = 6;

/** null: not to be told apart. */
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
    const own = add(inner, 'config.worktree');
    // Missing it could be made, and would count.
    if (own === 'unclear' || (own === 'missing' && usesWorktreeConfig(path.join(inner, 'config')))) return false;
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

/** A submodule's name may have slashes in it. null: too many. */
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
