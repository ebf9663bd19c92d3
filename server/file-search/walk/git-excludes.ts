/** Where git has patterns besides `.gitignore` (gitignore(5)): the repository's, and the user's. */
import fs from 'node:fs';
import path from 'node:path';
import { decodePath } from '../../system/files/path-bytes.js';
import { readIgnoreRules, type IgnoreRules } from './ignore-rules.js';

/** Files of patterns are small; a larger one is not read. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Null: there is no such file, or no rule in it. */
export function rulesIn(file: string): IgnoreRules | null {
  const text = textOf(file);
  return text === null ? null : readIgnoreRules(text);
}

function textOf(file: string): string | null {
  try {
    const stat = fs.statSync(file);
    return stat.isFile() && stat.size <= MOST_BYTES ? decodePath(fs.readFileSync(file)) : null;
  } catch {
    return null;
  }
}

/** `info/exclude` of the repository whose `.git` is in `folder`: a folder, or for other working trees a file. */
export function repositoryExcludes(folder: string): IgnoreRules | null {
  const place = path.join(folder, '.git');
  const link = textOf(place);
  if (link === null) return rulesIn(path.join(place, 'info', 'exclude'));
  const gitDir = /^gitdir: (.*?)\s*$/.exec(link)?.[1];
  if (gitDir === undefined) return null;
  const own = path.resolve(folder, gitDir);
  const common = textOf(path.join(own, 'commondir'))?.trim();
  return rulesIn(path.join(common === undefined ? own : path.resolve(own, common), 'info', 'exclude'));
}

/** `core.excludesFile` of the user's settings, or git's own place for it. */
export function userExcludes(env: Readonly<NodeJS.ProcessEnv>): IgnoreRules | null {
  const home = env.HOME ?? env.USERPROFILE;
  const settings = env.XDG_CONFIG_HOME || (home === undefined ? undefined : path.join(home, '.config'));
  const files = [
    ...(home === undefined ? [] : [path.join(home, '.gitconfig')]),
    ...(settings === undefined ? [] : [path.join(settings, 'git', 'config')]),
  ];
  for (const file of files) {
    const named = /^\s*excludesfile\s*=\s*"?\s*(.+?)\s*"?\s*$/im.exec(textOf(file) ?? '')?.[1];
    if (named === undefined) continue;
    return rulesIn(named.startsWith('~/') && home !== undefined ? path.join(home, named.slice(2)) : named);
  }
  return settings === undefined ? null : rulesIn(path.join(settings, 'git', 'ignore'));
}
