/**
 * The program that a word of a command names, as rules know it.
 *
 * On Windows case does not count, and `git.exe` is `git`: CreateProcess and cmd.exe add these endings by themselves.
 */
import { paths, type LocalPaths } from '../../system/files/paths.js';

const STARTABLE = /\.(?:exe|cmd|bat|com)$/;

/** Whether a word is a path, and no name that PATH resolves. On Windows a drive (`C:git.exe`) makes it one. */
export const isProgramPath = (word: string, { windows }: LocalPaths = paths): boolean =>
  windows ? /[\\/:]/.test(word) : word.includes('/');

/** The key of a program's name or path: two words with the same key may run programs of the same name. */
export function programKey(word: string, system: LocalPaths = paths): string {
  // eslint-disable-next-line codexd/path-texts -- of POSIX; the basename of `a/` would be `a`
  if (!system.windows) return word.slice(word.lastIndexOf('/') + 1);
  // Blanks and dots at the end do not count on Windows. `.` alone is a command of shells.
  const name = (word.split(/[\\/:]/).at(-1) ?? '').replace(/(?<=[^. ])[. ]+$/, '').toLowerCase();
  return name.replace(STARTABLE, '');
}
