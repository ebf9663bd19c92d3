import { CodexdError } from '../../errors/codexd-error.js';
import fs from 'node:fs';
import path from 'node:path';
import { readWhole, withFile } from '../../system/files/open-file.js';
import { readTrustRecord } from './project-trust.js';
import { isList, newTable, tableAt } from '../toml/value.js';
import { mergeTables } from './merge.js';
import { narrowProject, PROJECT_IGNORED_KEYS } from './project-keys.js';
import type { TrustRecord } from './project-trust.js';
import type { ConfigFile, FileReader } from './config-file.js';
import type { Layer } from './layer.js';
import type { Surroundings } from './project-keys.js';
import type { TomlTable } from '../toml/value.js';
import { paths, realPath } from '../../system/files/paths.js';
import { isFolder, statIfThere } from '../../system/files/look.js';

/**
 * Threat: a project contains a `.codex/config.toml` of its author, or a command writes one.
 * Rule: the file counts only if the user's configuration trusts the project, and then only its keys that add
 * restrictions (project-keys.ts). All its keys count if a person trusts that folder or confirmed that text
 * (project-trust.ts). Keys that could send the user's credentials or conversations elsewhere never count.
 * Scope: the project layers of a folder. Non-scope: who may change the user's trust entries.
 */

/** Longer project files are not read: anybody can write them, and parsing blocks the daemon's only thread. */
export const MAX_PROJECT_BYTES = 64 * 1024;

/** How many ancestors are searched for the project root: more than a path of PATH_MAX bytes can have. */
const MAX_ANCESTORS = 2048;

/** A project layer cannot be read: the message names the file. */
const projectConfigError = (message: string): CodexdError => new CodexdError('config.project', message);

export interface ProjectSurroundings extends Surroundings {
  readonly codexHome: string;
  readonly read: FileReader;
}

/**
 * The layers of `.codex` folders from the project root down to `cwd`, lowest precedence (the root's) first.
 * `base`: the effective content of all other layers, with the markers and trust entries. Throws `config.project`
 * when a trusted project's file cannot be used.
 */
export function projectLayers(cwd: string, { base, required, codexHome, read }: ProjectSurroundings): Layer[] {
  const root = projectRoot(cwd, markers(base));
  const folders = foldersBetween(root, cwd).filter((folder) => {
    const dotCodex = path.join(folder, '.codex');
    return isFolder(dotCodex) && !sameFolder(dotCodex, codexHome);
  });
  if (folders.length === 0) return [];
  const trust = trustOf(root, cwd, base, path.join(codexHome, 'config.toml'));
  const record = readTrustRecord(codexHome, read);
  const layers: Layer[] = [];
  let around: Surroundings = { base, required };
  for (const folder of folders) {
    const personal =
      trust.entry !== null && (folder === root || sameFolder(folder, trust.entry)) && !record.automatic(trust.entry);
    const layer = layerOf(path.join(folder, '.codex'), { trust, personal, record, around, read });
    layers.push(layer);
    if (layer.disabledReason === null) around = { ...around, base: mergeTables(around.base, layer.table) };
  }
  return layers;
}

/** The nearest folder with a marker: `cwd` or an ancestor of it; `cwd` if there is none. */
export function projectRoot(cwd: string, names: readonly string[]): string {
  return findProjectRoot(cwd, names) ?? cwd;
}

/** As `projectRoot`, but null if there is none. */
export function findProjectRoot(cwd: string, names: readonly string[]): string | null {
  let folder = cwd;
  for (let i = 0; i < MAX_ANCESTORS; i++) {
    if (names.some((name) => isMarker(path.join(folder, name), name))) return folder;
    const parent = path.dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  return null;
}

/** `project_root_markers` (default `[".git"]`). */
export function markers(base: TomlTable): readonly string[] {
  const value = base.project_root_markers;
  if (!isList(value)) return ['.git'];
  return value.filter((name): name is string => typeof name === 'string' && name !== '');
}

/** The trust of a project in the user's configuration; `disabledReason` null: the project is trusted. */
export interface ProjectTrust {
  /** The folder of the entry that decides, as written in the entry; null: no entry. */
  readonly entry: string | null;
  readonly level: 'trusted' | 'untrusted' | null;
  readonly disabledReason: string | null;
}

/** The entry of the folder itself counts first, then the project root's (docs/protocol/config.md §4). */
export function trustOf(root: string, cwd: string, base: TomlTable, userConfig: string): ProjectTrust {
  const projects = tableAt(base, 'projects');
  const { entry, level } = trustLevel(projects, cwd) ?? trustLevel(projects, root) ?? { entry: null, level: null };
  if (level === 'trusted') return { entry, level, disabledReason: null };
  const load = 'To load project-local config, hooks, and exec policies,';
  if (level === 'untrusted') {
    return {
      entry,
      level,
      disabledReason: `${root} is marked as untrusted in the effective configuration. ${load} update its trust setting. If that setting is managed by your organization, contact your administrator.`,
    };
  }
  return { entry, level, disabledReason: `${load} add ${root} as a trusted project in ${userConfig}.` };
}

function trustLevel(
  projects: TomlTable,
  folder: string,
): { readonly entry: string; readonly level: 'trusted' | 'untrusted' } | null {
  for (const place of new Set([folder, realpath(folder)])) {
    const found = entriesFor(projects, place).flatMap((entry) => {
      const level = tableAt(projects, entry).trust_level;
      return level === 'trusted' || level === 'untrusted' ? [{ entry, level } as const] : [];
    });
    const decides = found.find(({ level }) => level === 'untrusted') ?? found[0];
    if (decides !== undefined) return decides;
  }
  return null;
}

/** The entries of `[projects]` for a folder. On Windows several can name it, in different spellings. */
export const entriesFor = (projects: TomlTable, folder: string): readonly string[] =>
  paths.windows ? Object.keys(projects).filter((entry) => paths.same(entry, folder)) : [folder];

interface Judging {
  readonly trust: ProjectTrust;
  /** Whether an entry that a person made trusts this folder itself. */
  readonly personal: boolean;
  readonly record: TrustRecord;
  readonly around: Surroundings;
  readonly read: FileReader;
}

function layerOf(dotCodexFolder: string, { trust, personal, record, around, read }: Judging): Layer {
  const configFile = path.join(dotCodexFolder, 'config.toml');
  const file = read(configFile, MAX_PROJECT_BYTES);
  const layer = { name: { type: 'project', dotCodexFolder }, file, ignoredKeys: [], leftOutKeys: [] } as const;
  const text = 'text' in file ? file.text : '';
  const confirmed = trust.level !== 'untrusted' && text !== '' && record.confirmed(realpath(configFile), text);
  const disabledReason = confirmed ? null : trust.disabledReason;
  if (file.kind === 'malformed' || file.kind === 'unreadable') {
    if (disabledReason === null) throw projectConfigError(unusable(file, isOwnText(dotCodexFolder, text)));
    return { ...layer, table: newTable(), disabledReason };
  }
  if (disabledReason !== null) return { ...layer, table: file.table, disabledReason };
  const ignoredKeys = PROJECT_IGNORED_KEYS.filter((key) => file.table[key] !== undefined);
  const table = without(file.table, ignoredKeys);
  // A link may lead to a file that commands can write.
  if (confirmed || (personal && !isLink(dotCodexFolder) && !isLink(configFile))) {
    return { ...layer, table, disabledReason, ignoredKeys };
  }
  const narrowed = narrowProject(table, around);
  return { ...layer, table: narrowed.table, disabledReason, ignoredKeys, leftOutKeys: narrowed.leftOut };
}

const isLink = (file: string): boolean => {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    return true; // Unknown: treated as a link, which is more restrictive.
  }
};

/**
 * Whether the project's own file, reached without links, has this text. The text may have been read through a link that
 * was changed since then.
 */
function isOwnText(dotCodexFolder: string, text: string): boolean {
  const own = path.join(realpath(path.dirname(dotCodexFolder)), path.basename(dotCodexFolder), 'config.toml');
  try {
    return withFile(
      own,
      (opened) => paths.same(opened.real, own) && readWhole(opened, MAX_PROJECT_BYTES).toString() === text,
    );
  } catch {
    return false; // It was removed, or it is not a regular file.
  }
}

/** `quoted`: whether the message contains the wrong line, which only the author of the project's own file may see. */
function unusable(file: ConfigFile & { kind: 'malformed' | 'unreadable' }, quoted: boolean): string {
  if (file.kind === 'unreadable') return `Failed to read project config file ${file.path}: ${file.message}`;
  if (!quoted) return `Failed to read project config file ${file.path}: what it led to is no TOML`;
  const line = file.text.split('\n')[file.line - 1] ?? '';
  const gutter = String(file.line).replace(/./g, ' ');
  const marker = `${' '.repeat(Math.max(0, file.column - 1))}^`;
  return (
    `Error parsing project config file ${file.path}: TOML parse error at line ${file.line}, column ${file.column}\n` +
    `${gutter} |\n${file.line} | ${line}\n${gutter} | ${marker}\n${file.message}\n`
  );
}

function without(table: TomlTable, keys: readonly string[]): TomlTable {
  if (keys.length === 0) return table;
  const rest = Object.assign(newTable(), table);
  for (const key of keys) delete rest[key];
  return rest;
}

/** `root` … `cwd`, the root first. */
export function foldersBetween(root: string, cwd: string): string[] {
  const folders = [cwd];
  for (let folder = cwd; folder !== root && folder !== path.dirname(folder);) {
    folder = path.dirname(folder);
    folders.unshift(folder);
  }
  return folders;
}

/**
 * A `.git` folder counts only with a HEAD file (as in the reference, 0.169); other markers only need to exist.
 */
function isMarker(file: string, name: string): boolean {
  if (name !== '.git') return fs.existsSync(file);
  const stat = statIfThere(file);
  return stat?.isDirectory() === true ? fs.existsSync(path.join(file, 'HEAD')) : stat !== undefined;
}

function sameFolder(a: string, b: string): boolean {
  return paths.same(a, b) || paths.same(realpath(a), realpath(b));
}

function realpath(file: string): string {
  try {
    return realPath(file);
  } catch {
    return file; // It does not exist (yet): only its name can be compared.
  }
}
