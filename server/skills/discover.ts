/**
 * Finds skills: folders with a SKILL.md (docs/protocol/services.md §5).
 *
 * Threat: commands may write in a project: a SKILL.md that is a link to a secret, a folder that is a link to the whole
 * disk.
 * Rule: a file is opened once; what was opened is called SKILL.md, too, or it is no skill. Only so many folders are
 * looked at.
 * Non-scope: that a profile denies another SKILL.md elsewhere: its name and description may then be seen.
 */
import { messageOf } from '../errors/message-of.js';
import fs from 'node:fs';
import path from 'node:path';
import { FileRefused, readStartOf, withFile } from '../system/files/open-file.js';
import { readFrontMatter } from './front-matter.js';
import { isFolder } from '../system/files/look.js';

export type SkillScope = 'repo' | 'user' | 'system';

export interface FoundSkill {
  readonly name: string;
  readonly description: string;
  readonly shortDescription: string | null;
  /** Of the SKILL.md, links resolved. */
  readonly path: string;
  readonly scope: SkillScope;
}

export interface SkillRoot {
  readonly folder: string;
  readonly scope: SkillScope;
}

export interface Found {
  /** By scope in the order repo, user, system; by name within one. */
  readonly skills: readonly FoundSkill[];
  /** By path. */
  readonly errors: readonly { readonly path: string; readonly message: string }[];
}

/** How deep below a root a skill may lie. */
const MAX_DEPTH = 6;
/** Of all roots together; each looked at while others wait. */
const MAX_FOLDERS = 2000;
const MAX_ENTRIES = 20_000;
/** In characters. */
const MAX_NAME = 64;
/** Name and description stand at the beginning. */
const MAX_HEAD_BYTES = 64 * 1024;
const FILE = 'SKILL.md';
const ORDER: readonly SkillScope[] = ['repo', 'user', 'system'];

/** A folder that is missing or cannot be read holds no skills. The same file found twice counts once. */
export function discoverSkills(roots: readonly SkillRoot[]): Found {
  const skills: FoundSkill[] = [];
  const errors: { path: string; message: string }[] = [];
  const seen = new Set<string>();
  const budget = { folders: MAX_FOLDERS, entries: MAX_ENTRIES };
  for (const { folder, scope } of roots) {
    for (const file of skillFiles(folder, budget)) {
      const skill = readSkill(file, scope, seen);
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

/** The nearest first, so that a large folder far below does not use up what others need. */
function skillFiles(root: string, budget: Budget): string[] {
  const files: string[] = [];
  const visited = new Set<string>();
  let level = [root];
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      if (budget.folders-- <= 0) return files;
      for (const { at, entry } of entriesOf(folder, visited, budget)) {
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

/** None of a folder that cannot be read, or was visited before: a link may lead back up. */
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

/** Null for what is no file, or was `seen` before under another name. */
function readSkill(at: string, scope: SkillScope, seen: Set<string>): FoundSkill | { readonly message: string } | null {
  let text: string;
  let file: string;
  try {
    const read = withFile(at, (opened) => {
      if (path.basename(opened.real) !== FILE) {
        throw new FileRefused('elsewhere', at, `is a link to ${opened.real}, which is not called ${FILE}`);
      }
      if (seen.has(opened.real)) return null;
      seen.add(opened.real);
      return { real: opened.real, text: readStartOf(opened, MAX_HEAD_BYTES).bytes.toString() };
    });
    if (read === null) return null;
    ({ real: file, text } = read);
  } catch (error) {
    if (error instanceof FileRefused && error.refusal === 'not-a-file') return null;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null; // A link to nothing.
    return { message: `cannot be read: ${messageOf(error)}` };
  }
  const head = readFrontMatter(text);
  if ('problem' in head) return { message: head.problem };
  const name = head.values.get('name') || path.basename(path.dirname(file));
  const description = head.values.get('description') ?? '';
  if (description === '') return { message: 'missing field `description`' };
  if ([...name].length > MAX_NAME) return { message: `invalid name: exceeds maximum length of ${MAX_NAME} characters` };
  return {
    name,
    description,
    shortDescription: head.values.get('metadata.short-description') ?? null,
    path: file,
    scope,
  };
}

const leadsToFolder = (entry: fs.Dirent, at: string): boolean =>
  entry.isDirectory() || (entry.isSymbolicLink() && isFolder(at));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
