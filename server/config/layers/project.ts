import fs from 'node:fs';
import path from 'node:path';
import { isList, newTable, tableAt } from '../toml/value.js';
import type { ConfigFile, FileReader } from './config-file.js';
import type { Layer } from './layer.js';
import type { TomlTable } from '../toml/value.js';

/**
 * Threat: a folder that somebody opens brings a `.codex/config.toml` of its author's along.
 * Rule: it counts only when the user's own configuration trusts the project; keys that could send the user's
 * credentials or conversations elsewhere never count.
 * Scope: the layers of a folder. Non-scope: who may change the user's trust entries.
 */

/** Keys that a project may not set, in the order in which warnings list them (spec/config.md §4). */
export const PROJECT_IGNORED_KEYS = [
  'openai_base_url',
  'chatgpt_base_url',
  'model_provider',
  'model_providers',
  'notify',
  'profile',
  'profiles',
  'otel',
  'codexd',
] as const;

/** How far up a project root is looked for; a path cannot be deeper than PATH_MAX allows. */
const MAX_ANCESTORS = 2048;

/** A project layer cannot be read: the message names the file. */
export class ProjectConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ProjectConfigError';
  }
}

/**
 * The layers of `.codex` folders from the project root down to `cwd`, lowest precedence (the root's) first.
 * `base`: the effective content of all other layers; it decides about markers and trust. Throws ProjectConfigError
 * when a trusted project's file cannot be used.
 */
export function projectLayers(cwd: string, base: TomlTable, codexHome: string, read: FileReader): Layer[] {
  const root = projectRoot(cwd, markers(base));
  const trust = trustOf(root, cwd, base, path.join(codexHome, 'config.toml'));
  const layers: Layer[] = [];
  for (const folder of foldersBetween(root, cwd)) {
    const dotCodexFolder = path.join(folder, '.codex');
    if (!isFolder(dotCodexFolder) || sameFolder(dotCodexFolder, codexHome)) continue;
    layers.push(layerOf(dotCodexFolder, trust, read));
  }
  return layers;
}

/** The nearest ancestor of `cwd` (itself included) that holds a marker; `cwd` where there is none. */
export function projectRoot(cwd: string, names: readonly string[]): string {
  return findProjectRoot(cwd, names) ?? cwd;
}

/** As `projectRoot`, but null where there is none. */
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

/** What the user's configuration says about the project: `null` reason means trusted. */
export interface ProjectTrust {
  readonly level: 'trusted' | 'untrusted' | null;
  readonly disabledReason: string | null;
}

/** The entry of the folder itself counts first, then the project root's (spec/config.md §4). */
export function trustOf(root: string, cwd: string, base: TomlTable, userConfig: string): ProjectTrust {
  const projects = tableAt(base, 'projects');
  const level = trustLevel(projects, cwd) ?? trustLevel(projects, root);
  if (level === 'trusted') return { level, disabledReason: null };
  const load = 'To load project-local config, hooks, and exec policies,';
  if (level === 'untrusted') {
    return {
      level,
      disabledReason: `${root} is marked as untrusted in the effective configuration. ${load} update its trust setting. If that setting is managed by your organization, contact your administrator.`,
    };
  }
  return { level, disabledReason: `${load} add ${root} as a trusted project in ${userConfig}.` };
}

function trustLevel(projects: TomlTable, folder: string): 'trusted' | 'untrusted' | null {
  for (const key of new Set([folder, realpath(folder)])) {
    const level = tableAt(projects, key).trust_level;
    if (level === 'trusted' || level === 'untrusted') return level;
  }
  return null;
}

function layerOf(dotCodexFolder: string, trust: ProjectTrust, read: FileReader): Layer {
  const file = read(path.join(dotCodexFolder, 'config.toml'));
  const name = { type: 'project', dotCodexFolder } as const;
  if (file.kind === 'malformed' || file.kind === 'unreadable') {
    if (trust.disabledReason === null) throw new ProjectConfigError(unusable(file));
    return { name, table: newTable(), file, disabledReason: trust.disabledReason, ignoredKeys: [] };
  }
  if (trust.disabledReason !== null) {
    return { name, table: file.table, file, disabledReason: trust.disabledReason, ignoredKeys: [] };
  }
  const ignoredKeys = PROJECT_IGNORED_KEYS.filter((key) => file.table[key] !== undefined);
  return { name, table: without(file.table, ignoredKeys), file, disabledReason: null, ignoredKeys };
}

function unusable(file: ConfigFile & { kind: 'malformed' | 'unreadable' }): string {
  if (file.kind === 'unreadable') return `Failed to read project config file ${file.path}: ${file.message}`;
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

/** An empty `.git` folder is no repository (the reference's 0.169 looks for its HEAD); other markers need only exist. */
function isMarker(file: string, name: string): boolean {
  if (name !== '.git') return fs.existsSync(file);
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat?.isDirectory() === true ? fs.existsSync(path.join(file, 'HEAD')) : stat !== undefined;
}

function isFolder(folder: string): boolean {
  try {
    return fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false; // Not ours to look into: then there is no layer either.
  }
}

function sameFolder(a: string, b: string): boolean {
  return a === b || realpath(a) === realpath(b);
}

function realpath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file; // It does not exist (yet): its own name is the best that can be compared.
  }
}
