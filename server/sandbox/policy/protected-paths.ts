/**
 * Places in a writable root that commands may read but not change.
 *
 * Threat: what lies here is executed or obeyed outside of the sandbox later: git hooks and git configuration, codexd's
 * project configuration, instructions for agents, cloud credentials and their helpers.
 * Rule: these names at the top of every writable root are read-only, can be neither renamed nor removed, and cannot be
 * created where they are missing. A `.git` file protects the folder that it points to as well (worktrees, submodules),
 * with what that folder shares. Where one of the names is a symbolic link nothing runs: the link itself could be turned
 * elsewhere (policy.ts refuses it). In nested folders the names are protected where they exist (nested-protected.ts)
 * and no command has made them (command-times.ts), and of `.git` only what is dangerous (git-dangers.ts).
 * Scope: Linux, where names are case-sensitive: `.GIT` is another folder, that no git opens.
 * Non-scope: a `.codex` or a repository in a new folder; hooks that the user's git configuration keeps elsewhere in the
 * workspace (core.hooksPath); what a program on the host does to these names meanwhile.
 */
import fs from 'node:fs';
import path from 'node:path';
import { decodePath, nativePath } from '../../system/files/path-bytes.js';
import type { PathResolver, ResolvedPath } from './resolve-path.js';

/** docs/protocol/exec.md §7. */
export const PROTECTED_NAMES: readonly string[] = ['.git', '.codex', '.agents', '.aws'];

/** What has to be protected for a writable root, present or missing. */
export function protectedPaths(root: string, resolve: PathResolver): readonly ResolvedPath[] {
  return PROTECTED_NAMES.flatMap((name) => {
    const place = resolve(path.join(root, name));
    return name === '.git' ? [place, ...gitFolders(place, resolve)] : [place];
  });
}

/**
 * Where git would look instead when `.git` is a file: the folder that it names, and the one which that folder shares
 * with other worktrees (gitrepository-layout(5), gitdir and commondir).
 */
export function gitFolders(dotGit: ResolvedPath, resolve: PathResolver): readonly ResolvedPath[] {
  if (dotGit.kind !== 'file') return [];
  const named = /^gitdir: ?(.+?)[\r\n]*$/s.exec(readStart(dotGit.real) ?? '')?.[1];
  if (named === undefined) return [];
  const folder = resolve(path.resolve(path.dirname(dotGit.real), named));
  const shared = folder.kind === 'folder' ? readStart(path.join(folder.real, 'commondir'))?.trim() : undefined;
  return shared ? [folder, resolve(path.resolve(folder.real, shared))] : [folder];
}

/** PATH_MAX (linux/limits.h) and the word before it. */
const POINTER_FILE_BYTES = 4096 + 16;

/** The first bytes of a file, as a path's text; null: it cannot be read. */
export function readStart(file: string): string | null {
  try {
    // Not to wait for the writer of a FIFO, should somebody have put one there.
    const descriptor = fs.openSync(nativePath(file), fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    try {
      const buffer = Buffer.alloc(POINTER_FILE_BYTES);
      return decodePath(buffer.subarray(0, fs.readSync(descriptor, buffer)));
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return null; // Unreadable for this user: git of this user cannot follow it either.
  }
}
