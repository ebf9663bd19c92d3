/** Finds skills: folders with a SKILL.md (spec/services.md §5). */
import fs from 'node:fs';
import path from 'node:path';
import { readStart } from '../../sessions/context/read-start.js';
import { readFrontMatter } from './front-matter.js';

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
  for (const { folder, scope } of roots) {
    for (const file of skillFiles(folder)) {
      if (seen.has(file)) continue;
      seen.add(file);
      const skill = readSkill(file, scope);
      if ('message' in skill) errors.push({ path: file, message: skill.message });
      else skills.push(skill);
    }
  }
  const rank = ({ scope }: FoundSkill): number => ORDER.indexOf(scope);
  return {
    skills: skills.sort((a, b) => rank(a) - rank(b) || compare(a.name, b.name) || compare(a.path, b.path)),
    errors: errors.sort((a, b) => compare(a.path, b.path)),
  };
}

function skillFiles(root: string): string[] {
  const files: string[] = [];
  const visited = new Set<string>();
  const visit = (folder: string, depth: number): void => {
    let real: string;
    let entries: fs.Dirent[];
    try {
      real = fs.realpathSync(folder);
      if (visited.has(real)) return; // A link may lead back up.
      visited.add(real);
      entries = fs.readdirSync(real, { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      const at = path.join(real, entry.name);
      if (entry.name === FILE && isFile(at)) files.push(fs.realpathSync(at));
      else if (depth < MAX_DEPTH && !entry.name.startsWith('.') && isFolder(entry, at)) visit(at, depth + 1);
    }
  };
  visit(root, 0);
  return files;
}

function readSkill(file: string, scope: SkillScope): FoundSkill | { readonly message: string } {
  let text: string;
  try {
    text = readStart(file, MAX_HEAD_BYTES).bytes.toString();
  } catch (error) {
    return { message: `cannot be read: ${(error as Error).message}` };
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

function isFile(at: string): boolean {
  return fs.statSync(at, { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(entry: fs.Dirent, at: string): boolean {
  if (entry.isDirectory()) return true;
  return entry.isSymbolicLink() && fs.statSync(at, { throwIfNoEntry: false })?.isDirectory() === true;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
