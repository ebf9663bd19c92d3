/**
 * Finds skills: folders with a SKILL.md (docs/protocol/services.md §5).
 *
 * Threat: commands may write in a project. A SKILL.md can be a link to a secret, and a folder can be a link to the
 * whole disk.
 *
 * Rule: each file is opened once. The opened file must have the name SKILL.md, too, otherwise it is not a skill. The
 * number of folders is limited. In the folder of a plugin no link is followed.
 *
 * Non-scope: a profile that denies another SKILL.md elsewhere. Its name and description may become visible.
 */
import { messageOf } from '../errors/message-of.js';
import fs from 'node:fs';
import path from 'node:path';
import { osCode } from '../errors/os-code.js';
import { FileRefused, readStartOf, withFile } from '../system/files/open-file.js';
import { textOfBytes } from '../system/files/text-of-bytes.js';
import { readFrontMatter } from './front-matter.js';
import { isFolder } from '../system/files/look.js';

export type SkillScope = 'repo' | 'user' | 'system';

export interface FoundSkill {
  readonly name: string;
  readonly description: string;
  readonly shortDescription: string | null;
  /** The path of the SKILL.md, with links resolved. */
  readonly path: string;
  readonly scope: SkillScope;
  /** The plugin that brings it; null: none does. */
  readonly pluginId: string | null;
}

export interface SkillRoot {
  readonly folder: string;
  readonly scope: SkillScope;
  /** Its name stands before the names of its skills. */
  readonly plugin?: { readonly id: string; readonly name: string };
}

export interface Found {
  /** Ordered by scope (repo, user, system), then by name. */
  readonly skills: readonly FoundSkill[];
  /** Ordered by path. */
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

/** Greatest depth of a skill below a root. */
const MAX_DEPTH = 6;
/** Most folders in all roots together. The search is synchronous: all other work waits for it. */
const MAX_FOLDERS = 2000;
const MAX_ENTRIES = 20_000;
/** In characters. */
const MAX_NAME = 64;
/** Name and description are at the beginning of the file. */
const MAX_HEAD_BYTES = 64 * 1024;
const FILE = 'SKILL.md';
const ORDER: readonly SkillScope[] = ['repo', 'user', 'system'];

/** A missing or unreadable folder contains no skills. A file that is found twice counts once. */
export function discoverSkills(roots: readonly SkillRoot[]): Found {
  const skills: FoundSkill[] = [];
  const errors: { path: string; message: string }[] = [];
  const seen = new Set<string>();
  const budget = { folders: MAX_FOLDERS, entries: MAX_ENTRIES };
  for (const root of roots) {
    const { folder } = root;
    for (const file of skillFiles(root, budget)) {
      const skill = readSkill(file, root, seen);
      if (skill === null) continue;
      if ('message' in skill) errors.push({ path: file, message: skill.message });
      else skills.push(skill);
    }
    if (budget.folders < 0 || budget.entries < 0) {
      errors.push({
        path: folder,
        message: `is too large: skills are sought among the first ${MAX_ENTRIES} entries of ${MAX_FOLDERS} folders`,
      });
      break;
    }
  }
  const rank = ({ scope }: FoundSkill): number => ORDER.indexOf(scope);
  return {
    skills: skills.sort((a, b) => rank(a) - rank(b) || compare(a.name, b.name) || compare(a.path, b.path)),
    errors: errors.sort((a, b) => compare(a.path, b.path)),
  };
}

interface Budget {
  folders: number;
  entries: number;
}

/** Near folders first, so that a large distant folder does not use up the limit. */
function skillFiles({ folder: root, plugin }: SkillRoot, budget: Budget): string[] {
  const files: string[] = [];
  const visited = new Set<string>();
  let level = [root];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      if (budget.folders-- <= 0) return files;
      for (const { at, entry } of entriesOf(folder, visited, budget)) {
        if (plugin !== undefined && entry.isSymbolicLink()) continue;
        if (entry.name === FILE) files.push(at);
        else if (!entry.name.startsWith('.') && leadsToFolder(entry, at)) below.push(at);
      }
    }
    level = below;
  }
  return files;
}

interface Entry {
  readonly at: string;
  readonly entry: fs.Dirent;
}

/** Empty for an unreadable folder, or for a folder that was visited before: a link may point to a parent. */
function entriesOf(folder: string, visited: Set<string>, budget: Budget): Entry[] {
  const entries: Entry[] = [];
  try {
    const real = fs.realpathSync(folder);
    if (visited.has(real)) return [];
    visited.add(real);
    const open = fs.opendirSync(real);
    try {
      for (let entry = open.readSync(); entry !== null && budget.entries-- > 0; entry = open.readSync()) {
        entries.push({ at: path.join(real, entry.name), entry });
      }
    } finally {
      open.closeSync();
    }
  } catch {
    return entries;
  }
  return entries;
}

/** Null for something that is not a file, or that is in `seen` under another name. */
function readSkill(
  at: string,
  { scope, plugin }: SkillRoot,
  seen: Set<string>,
): FoundSkill | { readonly message: string } | null {
  let text: string;
  let file: string;
  try {
    const read = withFile(at, (opened) => {
      if (path.basename(opened.real) !== FILE) {
        throw new FileRefused('elsewhere', at, `is a link to ${opened.real}, which is not called ${FILE}`);
      }
      if (plugin !== undefined && opened.real !== at)
        throw new FileRefused('elsewhere', at, 'is reached through a link');
      if (seen.has(opened.real)) return null;
      seen.add(opened.real);
      return { real: opened.real, text: textOfBytes(readStartOf(opened, MAX_HEAD_BYTES).bytes) };
    });
    if (read === null) return null;
    ({ real: file, text } = read);
  } catch (error) {
    if (error instanceof FileRefused && error.refusal === 'not-a-file') return null;
    if (osCode(error) === 'ENOENT') return null; // A link without a target.
    return { message: `cannot be read: ${messageOf(error)}` };
  }
  const head = readFrontMatter(text);
  if ('problem' in head) return { message: head.problem };
  const name = head.values.get('name') || path.basename(path.dirname(file));
  const description = head.values.get('description') ?? '';
  if (description === '') return { message: 'missing field `description`' };
  if ([...name].length > MAX_NAME) return { message: `invalid name: exceeds maximum length of ${MAX_NAME} characters` };
  return {
    name: plugin === undefined ? name : `${plugin.name}:${name}`,
    description,
    shortDescription: head.values.get('metadata.short-description') ?? null,
    path: file,
    scope,
    pluginId: plugin?.id ?? null,
  };
}

const leadsToFolder = (entry: fs.Dirent, at: string): boolean =>
  entry.isDirectory() || (entry.isSymbolicLink() && isFolder(at));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
