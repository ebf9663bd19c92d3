/**
 * Whether an entry is left out of a search: by the files of patterns of its folder and of all folders above
 * (docs/protocol/services.md §2).
 */
import fs from 'node:fs';
import path from 'node:path';
import { repositoryExcludes, rulesIn } from './git-excludes.js';
import type { IgnoreRules } from './ignore-rules.js';

export const FILES: ReadonlySet<string> = new Set(['.git', '.ignore', '.gitignore']);

/** A folder with what its own files say. */
export interface IgnoreLevel {
  readonly folder: string;
  readonly above: IgnoreLevel | null;
  /** `.ignore`, which holds everywhere. */
  readonly plain: IgnoreRules | null;
  /** `.gitignore`, which holds in repositories. */
  readonly git: IgnoreRules | null;
  readonly excludes: IgnoreRules | null;
  readonly isRepository: boolean;
  /** This folder or one above is a repository. */
  readonly inRepository: boolean;
  /** This folder or one above has rules. */
  readonly hasRules: boolean;
}

/** `names`: of those of `FILES` that are in the folder, so that no file is looked for that is not there. */
export function levelOf(folder: string, above: IgnoreLevel | null, names: ReadonlySet<string>): IgnoreLevel {
  const isRepository = names.has('.git');
  const plain = names.has('.ignore') ? rulesIn(path.join(folder, '.ignore')) : null;
  const git = names.has('.gitignore') ? rulesIn(path.join(folder, '.gitignore')) : null;
  const excludes = isRepository ? repositoryExcludes(folder) : null;
  return {
    folder,
    above,
    plain,
    git,
    excludes,
    hasRules: plain !== null || git !== null || excludes !== null || above?.hasRules === true,
    isRepository,
    inRepository: isRepository || above?.inRepository === true,
  };
}

/** The levels of the folders above `folder`. */
export function levelsAbove(folder: string): IgnoreLevel | null {
  const above = path.dirname(folder);
  if (above === folder) return null;
  const names = [...FILES].filter((name) => fs.existsSync(path.join(above, name)));
  return levelOf(above, levelsAbove(above), new Set(names));
}

/**
 * The nearest rule decides: those of `.ignore` before all others, then `.gitignore` up to the repository's folder, then
 * the repository's excludes, then the user's. `place`: the entry, absolute.
 */
export function isIgnored(place: string, isFolder: boolean, level: IgnoreLevel, user: IgnoreRules | null): boolean {
  if (!level.hasRules && user === null) return false;
  let git: 'ignored' | 'kept' | null = null;
  let excludes: 'ignored' | 'kept' | null = null;
  let outside = !level.inRepository;
  let repository = level.folder;
  for (let at: IgnoreLevel | null = level; at !== null; at = at.above) {
    const verdict = at.plain?.judge(below(place, at.folder), isFolder) ?? null;
    if (verdict !== null) return verdict === 'ignored';
    if (outside) continue;
    git ??= at.git?.judge(below(place, at.folder), isFolder) ?? null;
    excludes ??= at.excludes?.judge(below(place, at.folder), isFolder) ?? null;
    if (!at.isRepository) continue;
    outside = true;
    repository = at.folder;
  }
  const others = git ?? excludes ?? (level.inRepository ? user?.judge(below(place, repository), isFolder) : null);
  return others === 'ignored';
}

function below(place: string, folder: string): string {
  const path = place.slice(folder.endsWith('/') || folder.endsWith('\\') ? folder.length : folder.length + 1);
  return path.includes('\\') && IS_WINDOWS ? path.replaceAll('\\', '/') : path;
}
const IS_WINDOWS = path.sep === '\\';
