/**
 * What local paths mean here: equality, containment, roots, spelling.
 *
 * Threat: on Windows one file has many names: `C:\a`, `c:/A`, `\\?\C:\a`, `C:\A.`, its short name of eight letters.
 * There are several roots, and no folder above them. Code that compares texts, or climbs to `/`, misses a denial there,
 * or never ends.
 * Rule: code of codexd asks `paths` and not the text (`scripts/lint/forbidden.mjs`, `path-texts`). On POSIX every
 * function is the plain comparison of texts. On Windows, texts are compared in one spelling and without case.
 * Scope: paths of this machine. Non-scope: links, junctions and short names, which only the disk can resolve
 * (sandbox/policy/resolve-path.ts); folders with case-sensitive names on Windows; the commands' own syntax.
 */
import fs from 'node:fs';
import path from 'node:path';

/**
 * What is above every root: on POSIX the root folder; on Windows it is no folder, and covers all drives and shares. No
 * path of Windows has this text, because a path without a drive is not absolute here.
 */
export const ALL_FILES = '/';

export interface LocalPaths {
  readonly windows: boolean;
  readonly native: path.PlatformPath;
  /** Whether a path names one place, whatever the working folder. On Windows it needs a drive or a share. */
  isAbsolute(given: string): boolean;
  /**
   * The one text of a path, as far as the text shows it: separators, `.` and `..`, no separator at the end. On Windows
   * also without `\\?\` and without the dots and blanks that Windows ignores, and with a capital drive letter. Case
   * stays: it is for people.
   */
  normal(given: string): string;
  /** A path that may be relative to an absolute folder, in its normal form. */
  resolve(base: string, given: string): string;
  /**
   * Two paths with the same key are the same place, as far as the text shows it. On POSIX the text itself: there, paths
   * are put into their normal form where they are read.
   */
  key(given: string): string;
  same(one: string, other: string): boolean;
  /** Whether `place` is `folder` or lies below it, whatever the spelling of both. */
  covers(folder: string, place: string): boolean;
  /**
   * The same for places in one spelling, such as those of a resolver: a comparison of texts. `ALL_FILES` contains all.
   */
  isWithin(place: string, folder: string): boolean;
  /** Whether a path is a whole drive or share; on POSIX the root folder. */
  isRoot(given: string): boolean;
  /** The folder above. Of a root of Windows, and of ALL_FILES: ALL_FILES. So a climb always ends. */
  above(place: string): string;
  /** The root of an absolute path and the names below it. */
  parts(given: string): { readonly root: string; readonly names: readonly string[] };
  /** `~` and what begins with `~/` (on Windows also `~\`), with `home` in its place; null: it begins otherwise. */
  inHome(given: string, home: string): string | null;
  /** The key of one name. */
  nameKey(name: string): string;
}

const posix: LocalPaths = {
  windows: false,
  native: path.posix,
  isAbsolute: path.posix.isAbsolute,
  normal(given) {
    const normal = path.posix.normalize(given);
    return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
  },
  resolve: path.posix.resolve,
  key: (given) => given,
  same: (one, other) => one === other,
  covers: (folder, place) => posix.isWithin(place, folder),
  isWithin: (place, folder) => place === folder || place.startsWith(folder.endsWith('/') ? folder : `${folder}/`),
  isRoot: (given) => given === '/',
  above: path.posix.dirname,
  parts: (given) => ({ root: given.startsWith('/') ? '/' : '', names: wordsOf(given.split('/')) }),
  inHome: (given, home) =>
    given === '~' ? home : given.startsWith('~/') ? path.posix.join(home, given.slice(2)) : null,
  nameKey: (name) => name,
};

const windows: LocalPaths = {
  windows: true,
  native: path.win32,
  isAbsolute: (given) => hasRoot(withoutNamespace(given)),
  normal(given) {
    if (given === ALL_FILES) return given;
    const normal = path.win32.normalize(withoutNamespace(given));
    const { root } = path.win32.parse(normal);
    const names = normal.slice(root.length).split('\\').filter(Boolean);
    return capitalDrive(root) + names.map(withoutIgnoredEnd).join('\\');
  },
  resolve: (base, given) => windows.normal(path.win32.resolve(base, withoutNamespace(given))),
  key: (given) => windowsNameKey(windows.normal(given)),
  same: (one, other) => one === other || windows.key(one) === windows.key(other),
  covers: (folder, place) => windows.isWithin(windows.key(place), windows.key(folder)),
  isWithin: (place, folder) =>
    folder === ALL_FILES || place === folder || place.startsWith(folder.endsWith('\\') ? folder : `${folder}\\`),
  isRoot: (given) => given === ALL_FILES || (windows.isAbsolute(given) && windows.parts(given).names.length === 0),
  above(place) {
    if (place === ALL_FILES) return place;
    const folder = path.win32.dirname(place);
    return folder === place ? ALL_FILES : folder;
  },
  parts(given) {
    const normal = windows.normal(given);
    const { root } = path.win32.parse(normal);
    return { root, names: wordsOf(normal.slice(root.length).split('\\')) };
  },
  inHome: (given, home) =>
    given === '~' ? home : /^~[\\/]/.test(given) ? path.win32.join(home, given.slice(2)) : null,
  nameKey: (name) => windowsNameKey(withoutIgnoredEnd(name)),
};

const wordsOf = (words: readonly string[]): string[] => words.filter((word) => word !== '' && word !== '.');

/** `\\?\C:\x` and `\\.\C:\x` are `C:\x`, `\\?\UNC\server\share` is `\\server\share`. Other devices stay as they are. */
function withoutNamespace(given: string): string {
  const drive = /^(?:[\\/]{2}[?.]|\\\?\?)[\\/](?=[a-z]:[\\/])/i.exec(given);
  if (drive) return given.slice(drive[0].length);
  const share = /^(?:[\\/]{2}[?.]|\\\?\?)[\\/]UNC[\\/]/i.exec(given);
  return share ? `\\\\${given.slice(share[0].length)}` : given;
}

const hasRoot = (given: string): boolean => /^(?:[a-z]:[\\/]|[\\/]{2}[^\\/]+[\\/]+[^\\/])/i.test(given);

const capitalDrive = (root: string): string =>
  /^[a-z]:/.test(root) ? root.charAt(0).toUpperCase() + root.slice(1) : root;

const withoutIgnoredEnd = (name: string): string => name.replace(/[. ]+$/, '') || name;

/**
 * NTFS compares one UTF-16 unit with one, by its capital. JavaScript's capitals of several units (ß) are no capitals
 * there. A letter outside of ASCII never becomes one of ASCII (ı, ſ): two files would count as one.
 */
function windowsNameKey(text: string): string {
  if (!NOT_ASCII.test(text)) return text.toUpperCase();
  let key = '';
  for (let at = 0; at < text.length; at++) {
    const unit = text.charAt(at);
    const capital = unit.toUpperCase();
    key += capital.length === 1 && (unit < '\u0080' || capital >= '\u0080') ? capital : unit;
  }
  return key;
}

const NOT_ASCII = /[^\x00-\x7f]/;

/** For tests of one system on the other. */
export const POSIX_PATHS = posix;
export const WINDOWS_PATHS = windows;

export const paths: LocalPaths = process.platform === 'win32' ? windows : posix;

/**
 * The path without links, as `fs.realpathSync`; throws what it throws. On Windows in the spelling of the disk: only the
 * system has it.
 */
export const realPath: (place: string) => string = paths.windows
  ? (place) => fs.realpathSync.native(place)
  : (place) => fs.realpathSync(place);

/** A path as a file has it. On Windows `/tmp` is on the drive of the working folder. */
export const withDrive = (given: string): string =>
  paths.windows && /^[\\/](?![\\/])/.test(given) ? path.win32.resolve(given) : given;

/** CreateFile opens these as devices, in every folder and with every extension (`C:\x\NUL`, `con.txt`). */
const DEVICE_NAME = /^(?:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])(?:[ .:].*)?$/i;

/**
 * Whether Windows may open something else than the file of this name: a device (`NUL`, `\\.\pipe\x`,
 * `\\?\GLOBALROOT\…`), a second stream of a file (`a.txt:x`), or a name that exists behind `\\?\` only (`a.`). On POSIX
 * always false: there the kind of an opened file tells.
 */
export function isDevicePath(given: string, system: LocalPaths = paths): boolean {
  if (!system.windows) return false;
  const plain = withoutNamespace(given);
  if (/^[\\/]{2}[?.](?:[\\/]|$)/.test(plain) || plain.startsWith('\\??\\')) return true;
  const names = plain.slice(path.win32.parse(plain).root.length).split(/[\\/]/);
  const verbatim = plain !== given;
  return names.some(
    (name) => name.includes(':') || DEVICE_NAME.test(name) || (verbatim && withoutIgnoredEnd(name) !== name),
  );
}
