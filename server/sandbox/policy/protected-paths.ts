/**
 * Places in a writable root that commands may read but not change.
 *
 * Threat: other programs later execute or obey these files outside of the sandbox: git hooks and git configuration,
 * codexd's project configuration, instructions for agents, cloud credentials and their helpers.
 * Rule: these names at the top of every writable root are read-only. They cannot be renamed, removed, or created where
 * they are missing. A `.git` file also protects the folder that it points to (worktrees, submodules), with the folder
 * that this one shares. When one of the names is a symbolic link, nothing runs, because a command could redirect the
 * link (policy.ts refuses it). In nested folders, names are protected where they exist (nested-protected.ts) unless a
 * command created them (command-times.ts); of a nested `.git`, only the dangerous parts (git-dangers.ts).
 * Scope: Linux, where names are case-sensitive: `.GIT` is another folder, which git does not open.
 * Non-scope: a `.codex` or a repository in a new folder; hooks that the user's git configuration keeps elsewhere in the
 * workspace (core.hooksPath); changes that a program on the host makes to these names meanwhile.
 */
import fs from 'node:fs';
import { decodePath, nativePath } from '../../system/files/path-bytes.js';
import type { ResolvedPath } from './resolve-path.js';
import type { Rules } from './rule.js';

/** docs/protocol/exec.md §7. */
export const PROTECTED_NAMES: readonly string[] = ['.git', '.codex', '.agents', '.aws'];

type Places = Pick<Rules, 'resolve' | 'paths'>;

/** Returns the paths to protect for a writable root, whether present or missing. */
export function protectedPaths(root: string, rules: Places): readonly ResolvedPath[] {
  return PROTECTED_NAMES.flatMap((name) => {
    const place = rules.resolve(rules.paths.native.join(root, name));
    return name === '.git' ? [place, ...gitFolders(place, rules)] : [place];
  });
}

/**
 * The folders that git uses when `.git` is a file: the folder that it names, and the one that this folder shares with
 * other worktrees (gitrepository-layout(5), gitdir and commondir).
 */
export function gitFolders(dotGit: ResolvedPath, { resolve, paths }: Places): readonly ResolvedPath[] {
  if (dotGit.kind !== 'file') return [];
  const named = /^gitdir: ?(.+?)[\r\n]*$/s.exec(readStart(dotGit.real) ?? '')?.[1];
  if (named === undefined) return [];
  const folder = resolve(paths.native.resolve(paths.above(dotGit.real), named));
  const shared = folder.kind === 'folder' ? readStart(paths.native.join(folder.real, 'commondir'))?.trim() : undefined;
  return shared ? [folder, resolve(paths.native.resolve(folder.real, shared))] : [folder];
}

/** PATH_MAX (linux/limits.h) and the keyword before it. */
const POINTER_FILE_BYTES = 4096 + 16;

/** Returns the first bytes of a file as path text; null when it cannot be read. */
export function readStart(file: string): string | null {
  try {
    // O_NONBLOCK: do not wait for the writer if somebody has put a FIFO there.
    const descriptor = fs.openSync(nativePath(file), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    try {
      const buffer = Buffer.alloc(POINTER_FILE_BYTES);
      return decodePath(buffer.subarray(0, fs.readSync(descriptor, buffer)));
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return null; // Unreadable for this user, so git of this user cannot follow it either.
  }
}
