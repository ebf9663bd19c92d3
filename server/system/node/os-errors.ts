/**
 * What the operating system's refusals mean, in words for a person.
 *
 * Rule: what passes by itself, or is about the machine and not about codexd (a full disk, too many processes), is told
 * as that, and never together with advice about the installation: who follows it weakens the host and gains nothing.
 */
import fs from 'node:fs';
import path from 'node:path';

/** The moment's errors; nothing about the installation is wrong. */
const TRANSIENT: ReadonlyMap<string, string> = new Map([
  ['EMFILE', 'this process has too many open files'],
  ['ENFILE', 'this machine has too many open files'],
  ['EAGAIN', 'the machine has no more processes or memory to give'],
  ['ENOMEM', 'the memory is used up'],
  ['ENOSPC', 'no space is left on the disk'],
  ['EDQUOT', "this user's share of the disk is used up"],
  ['EROFS', 'the file system is read-only'],
  ['EIO', 'the disk reports an input/output error'],
]);

/** A place that this user may not use. */
const FORBIDDEN: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'this user may not use it'],
  ['EPERM', 'this user may not use it'],
]);

/** The way out that fits a transient error. */
export const PASSES = 'nothing about the installation has to be changed: try again when that is over';

/**
 * `no space is left on the disk: write /home/x/config.toml (ENOSPC)`; null: another kind of error. For errors of the
 * file system and of starting programs, also as the cause of others.
 */
export function osTroubleText(error: unknown): string | null {
  const found = sourceOf(error);
  if (found === null) return null;
  const code = trueErrorCode(found);
  const words = TRANSIENT.get(code) ?? FORBIDDEN.get(code);
  if (words === undefined) return null;
  const { syscall, path: place } = found;
  const what = [syscall, place].filter((part) => part !== undefined && part !== '').join(' ');
  return `${words}${what === '' ? '' : `: ${what}`} (${code})`;
}

/** Whether it passes, or is the machine's matter: then no advice about the installation may go with it. */
export function isTransient(error: unknown): boolean {
  const found = sourceOf(error);
  return found !== null && TRANSIENT.has(trueErrorCode(found));
}

/**
 * How other programs tell of the same, in the C library's words. ENOSPC is not among them: namespaces have such a
 * limit, too.
 */
export const TRANSIENT_WORDS =
  /Resource temporarily unavailable|Cannot allocate memory|Too many open files|Disk quota exceeded|Input\/output error/i;

/** The error itself, or the one that it was made of, that has an operating system's code. */
function sourceOf(error: unknown): NodeJS.ErrnoException | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) return at;
  }
  return null;
}

/** Node's recursive mkdir says ENOENT where a file system is read-only: the folder that is there is asked. */
export function trueErrorCode({ code = '', syscall, path: place }: NodeJS.ErrnoException): string {
  if (code !== 'ENOENT' || syscall !== 'mkdir' || place === undefined) return code;
  let folder = path.dirname(place);
  while (!fs.existsSync(folder) && folder !== path.dirname(folder)) folder = path.dirname(folder);
  try {
    fs.accessSync(folder, fs.constants.W_OK);
    return code;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? code;
  }
}
