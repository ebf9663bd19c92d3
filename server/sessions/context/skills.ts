/** Skills: folders with a SKILL.md that say how something is done (spec/turns.md §1 "Input kinds", §3). */
import fs from 'node:fs';
import path from 'node:path';
import { tableAt, type TomlTable } from '../../config/toml/value.js';
import { readStart } from './read-start.js';

export interface Skill {
  readonly name: string;
  readonly description: string;
  /** Of the SKILL.md, absolute. */
  readonly path: string;
}

/** Those of the Codex home, and those of a project that keeps any under `.agents/skills`. Sorted by name. */
export function findSkills(codexHome: string, cwd: string): Skill[] {
  const folders = [
    path.join(codexHome, 'skills'),
    path.join(codexHome, 'skills', '.system'),
    path.join(cwd, '.agents', 'skills'),
  ];
  const skills = folders.flatMap((folder) =>
    namesIn(folder).flatMap((name) => readHead(path.join(folder, name, 'SKILL.md')) ?? []),
  );
  return skills.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The part of the developer message; null where `[skills] include_instructions = false`. */
export function skillsText(skills: readonly Skill[], table: TomlTable): string | null {
  if (tableAt(table, 'skills').include_instructions === false) return null;
  const list =
    skills.length === 0
      ? 'No skills are installed.'
      : skills.map(({ name, description, path: file }) => `- ${name}: ${description} (file: ${file})`).join('\n');
  return [
    '<skills_instructions>',
    'A skill is a written instruction for a certain kind of task, in a SKILL.md. When a task fits the description of one, or the person names it, read the whole file first and follow it; paths in it are relative to its folder.',
    list,
    '</skills_instructions>',
  ].join('\n');
}

/** In bytes: of a description, and of a whole skill. */
const MAX_HEAD = 64 * 1024;
const MAX_SKILL = 4 * 1024 * 1024;

/** What the model gets for a skill that the person chose: the whole file. Null when it cannot be read. */
export function skillText(skill: { readonly name: string; readonly path: string }): string | null {
  try {
    const text = readStart(skill.path, MAX_SKILL).bytes.toString();
    return `<skill>\n<name>${skill.name}</name>\n<path>${skill.path}</path>\n${text}\n</skill>`;
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return fs
      .readdirSync(folder, { withFileTypes: true })
      .flatMap((entry) => (entry.isFile() || entry.name.startsWith('.') ? [] : [entry.name]));
  } catch {
    return []; // Most homes have none.
  }
}

/** Name and description stand between two lines of dashes. */
function readHead(file: string): Skill | null {
  let text: string;
  try {
    text = readStart(file, MAX_HEAD).bytes.toString();
  } catch {
    return null;
  }
  const [, head = ''] = /^---\r?\n([\s\S]*?)\r?\n---/.exec(text) ?? [];
  const value = (key: string): string =>
    new RegExp(`^${key}:[ \\t]*(.+?)[ \\t]*$`, 'm').exec(head)?.[1]?.replace(/^(["'])(.*)\1$/, '$2') ?? '';
  const name = value('name') || path.basename(path.dirname(file));
  const description = value('description');
  return description === '' ? null : { name, description, path: file };
}
