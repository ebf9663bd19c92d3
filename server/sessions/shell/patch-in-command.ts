/**
 * A command line that only calls apply_patch: it becomes a file change, and no command runs (docs/protocol/turns.md
 * §5).
 */
import path from 'node:path';

// Only the shell's blanks count: after any other space character, `apply_patch` is part of another program's name.
const HEREDOC =
  /^[ \t\n]*(?:cd[ \t]+(?<folder>'[^']*'|"[^"$`\\]*"|[^\s;&|'"$`\\]+)[ \t]*&&[ \t\n]*)?(?:apply_patch|applypatch)[ \t]*<<[ \t]*(?<quote>['"]?)(?<word>\w+)\k<quote>[ \t]*\n(?<patch>[\s\S]*?)\n\k<word>[ \t\n]*$/;

/** Null: it is an ordinary command. `problem`: the text that the model receives instead. */
export function patchInCommand(
  command: string,
  cwd: string,
): { readonly patch: string; readonly cwd: string } | { readonly problem: string } | null {
  if (/^\s*\*\*\* Begin Patch/.test(command)) {
    return {
      problem:
        'apply_patch verification failed: patch detected without explicit call to apply_patch. Rerun as ["apply_patch", "<patch>"]',
    };
  }
  const found = HEREDOC.exec(command)?.groups;
  if (found === undefined) return null;
  const folder = found.folder?.replace(/^(['"])(.*)\1$/, '$2');
  return { patch: found.patch ?? '', cwd: folder === undefined ? cwd : path.resolve(cwd, folder) };
}
