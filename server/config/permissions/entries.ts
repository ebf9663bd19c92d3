import { ConfigError } from '../../errors/config-error.js';
import { isDevicePath, paths } from '../../system/files/paths.js';
import { isTable } from '../toml/value.js';
import { byCodePoint } from '../toml/layer-version.js';
import type { FilesystemAccess, FilesystemEntry, FilesystemTarget } from './permission-profile.js';
import type { TomlTable, TomlValue } from '../toml/value.js';

/**
 * `[permissions.NAME.filesystem]` → entries (docs/protocol/config.md §8).
 *
 * Threat: a path grants more than it seems to.
 * Rule: every path is a special name, an absolute path, or a path below a named base without `.` and `..`. Paths are
 * normalised once, here. An invalid path is an error. An unknown special name is ignored with a warning: this grants
 * nothing.
 * Non-scope: symbolic links; the sandbox resolves them when a command starts.
 */

export interface FilesystemSection {
  /** By `targetKey`, so that an entry of a profile replaces its parent's entry for the same place. */
  readonly entries: ReadonlyMap<string, FilesystemEntry>;
  readonly globScanMaxDepth: number | null;
  readonly warnings: readonly string[];
}

const SPECIALS: Readonly<Record<string, FilesystemTarget>> = {
  ':root': { kind: 'root' },
  ':minimal': { kind: 'minimal' },
  ':workspace_roots': { kind: 'workspaceRoots', subpath: '' },
  ':project_roots': { kind: 'workspaceRoots', subpath: '' },
  ':tmpdir': { kind: 'tmpdir' },
  ':slash_tmp': { kind: 'slashTmp' },
};
const SUBTREE = '/**';
const SUBTREES: readonly string[] = paths.windows ? [SUBTREE, '\\**'] : [SUBTREE];

/** `home`: the folder for `~`. The types of the section are checked. Throws ConfigError. */
export function readFilesystem(section: TomlTable, home: string): FilesystemSection {
  const entries = new Map<string, FilesystemEntry>();
  const warnings: string[] = [];
  const depth = section.glob_scan_max_depth;
  if (depth !== undefined && (typeof depth !== 'number' || depth < 1)) {
    throw new ConfigError('glob_scan_max_depth must be at least 1');
  }
  for (const [key, value] of Object.entries(section).sort(([a], [b]) => byCodePoint(a, b))) {
    if (key === 'glob_scan_max_depth') continue;
    for (const [subpath, word] of isTable(value) ? Object.entries(value) : [[null, value] as const]) {
      const target = key.startsWith(':') ? special(key, subpath, word, warnings) : absolute(key, subpath, word, home);
      if (target === null) continue;
      const access = accessOf(word);
      // On Windows a path can be written twice, in two spellings: the denial counts.
      if (paths.windows && entries.get(targetKey(target))?.access === 'deny') continue;
      entries.set(targetKey(target), { target, access });
      if (target.kind === 'glob' && target.pattern.includes('**') && depth === undefined) {
        warnings.push(unboundedGlob(subpath === null ? key : `${key}/${subpath}`));
      }
    }
  }
  return { entries, globScanMaxDepth: depth === undefined ? null : depth, warnings };
}

/** Two entries with the same key point at the same place. */
export function targetKey(target: FilesystemTarget): string {
  switch (target.kind) {
    case 'workspaceRoots':
      return `:workspace_roots/${target.subpath}`;
    case 'path':
      return paths.key(target.path);
    case 'glob':
      return `*${target.base === null ? ':workspace_roots' : paths.key(target.base)}\0${target.pattern}`;
    default:
      return `:${target.kind}`;
  }
}

function special(key: string, subpath: string | null, word: TomlValue, warnings: string[]): FilesystemTarget | null {
  const target = Object.hasOwn(SPECIALS, key) ? SPECIALS[key] : undefined;
  if (target === undefined) {
    const nested = subpath === null ? '' : ` with nested entry \`${subpath}\``;
    warnings.push(
      `Configured filesystem path \`${key}\`${nested} is not recognized by this version of Codex and will be ignored. Upgrade Codex if this path is required.`,
    );
    return null;
  }
  if (subpath === null || subpath === '.') return target;
  if (target.kind !== 'workspaceRoots') {
    throw new ConfigError(`filesystem path \`${key}\` does not support nested entries`);
  }
  const inside = subtree(subpath);
  if (isGlob(inside)) return glob(null, descendant(inside, subpath), subpath, word);
  return { kind: 'workspaceRoots', subpath: descendant(inside, subpath) };
}

function absolute(key: string, subpath: string | null, word: TomlValue, home: string): FilesystemTarget {
  const base = expand(key, home);
  if (subpath === null) return pathOrGlob(subtree(base), key, word);
  if (isGlob(base)) throw globAccess(key, word);
  if (subpath === '.') return { kind: 'path', path: paths.normal(base) };
  const inside = descendant(subtree(subpath), subpath);
  if (isGlob(inside)) return glob(paths.normal(base), inside, subpath, word);
  return { kind: 'path', path: paths.normal(`${base}/${inside}`) };
}

/** `~`, `~/x` and absolute paths; other relative paths are refused. On Windows without the `?` of `\\?\`. */
function expand(key: string, home: string): string {
  const place = paths.inHome(key, home);
  if (place !== null) return place;
  if (paths.isAbsolute(key)) return paths.windows ? paths.normal(key) : key;
  throw new ConfigError(`filesystem path \`${key}\` must be absolute, use \`~/...\`, or start with \`:\``);
}

function pathOrGlob(written: string, key: string, word: TomlValue): FilesystemTarget {
  if (!isGlob(written)) return { kind: 'path', path: paths.normal(written) };
  // The folders before the first wildcard are the base: only the files below it have to be searched.
  const { root, names } = paths.parts(paths.normal(written));
  if (isGlob(root)) throw globAccess(key, word);
  const first = names.findIndex(isGlob);
  return glob(root + names.slice(0, first).join(paths.native.sep), names.slice(first).join('/'), key, word);
}

/** Only a denial may be a pattern: the files that match a grant are not known when a command starts. */
function glob(base: string | null, pattern: string, written: string, word: TomlValue): FilesystemTarget {
  if (accessOf(word) !== 'deny') throw globAccess(written, word);
  return { kind: 'glob', base, pattern };
}

function globAccess(written: string, word: TomlValue): ConfigError {
  const access = accessOf(word);
  return new ConfigError(
    `filesystem glob path \`${written}\` only supports \`deny\` access; use an exact path or trailing \`/**\` for \`${access}\` subtree access`,
  );
}

const SEPARATOR = paths.windows ? /[\\/]/ : /\//;

/** A subpath without leading slash or drive, `.` and `..`; doubled and trailing slashes are dropped. */
function descendant(subpath: string, written: string): string {
  const parts = subpath.split(SEPARATOR).filter((part) => part !== '');
  const leaves = paths.native.parse(subpath).root !== '' || isDevicePath(subpath);
  if (leaves || parts.length === 0 || parts.some((part) => part === '.' || part === '..')) {
    throw new ConfigError(
      `filesystem subpath \`${written}\` must be a descendant path without \`.\` or \`..\` components`,
    );
  }
  return parts.join('/');
}

/** `x/**` is the tree below x, which is the meaning of `x`. */
const subtree = (written: string): string =>
  SUBTREES.some((end) => written.endsWith(end)) && written.length > SUBTREE.length
    ? written.slice(0, -SUBTREE.length)
    : written;

const isGlob = (written: string): boolean => /[*?[]/.test(written);

function accessOf(word: TomlValue): FilesystemAccess {
  if (word === 'none') return 'deny';
  if (word === 'read' || word === 'write' || word === 'deny') return word;
  throw new ConfigError('data did not match any variant of untagged enum FilesystemPermissionToml');
}

function unboundedGlob(written: string): string {
  return `Filesystem deny-read glob \`${written}\` uses \`**\`. Non-macOS sandboxing does not support unbounded \`**\` natively; set \`glob_scan_max_depth\` in this filesystem profile to cap Linux glob expansion and silence this warning, or enumerate explicit depths such as \`*.env\`, \`*/*.env\`, and \`*/*/*.env\`.`;
}
