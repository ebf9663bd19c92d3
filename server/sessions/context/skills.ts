/** Skills: folders whose SKILL.md explains how something is done (docs/protocol/turns.md §1 "Input kinds", §3). */
import os from 'node:os';
import path from 'node:path';
import { tableAt, type TomlTable } from '../../config/toml/value.js';
import type { ActivePlugin } from '../../plugins/active-plugins.js';
import { pluginSkillRoots } from '../../plugins/plugin-skills.js';
import { isEnabled, skillsOf } from '../../skills/configured.js';
import { readStartOf, withFile } from '../../system/files/open-file.js';
import { textOfBytes } from '../../system/files/text-of-bytes.js';

export interface Skill {
  readonly name: string;
  readonly description: string;
  /** The absolute path of the SKILL.md. */
  readonly path: string;
}

/** The enabled skills, in the order in which clients see them. */
export function findSkills(
  codexHome: string,
  cwd: string,
  table: TomlTable,
  plugins: readonly ActivePlugin[],
): Skill[] {
  const pluginRoots = pluginSkillRoots(plugins);
  const { skills } = skillsOf({ cwd, table, codexHome, home: os.homedir(), pluginRoots });
  return skills.filter((skill) => isEnabled(skill, table));
}

/** The part of the developer message; null if `[skills] include_instructions = false`. */
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

/** In bytes. */
const MAX_SKILL = 4 * 1024 * 1024;

/**
 * The text for a skill that the person chose: the whole file. Null: it cannot be read, or its name is a link to another
 * kind of file. A command may have created such a link since the person saw the list.
 */
export function skillText(skill: { readonly name: string; readonly path: string }): string | null {
  try {
    const text = withFile(skill.path, (opened) =>
      path.basename(opened.real) === path.basename(skill.path)
        ? textOfBytes(readStartOf(opened, MAX_SKILL).bytes)
        : null,
    );
    if (text === null) return null;
    return `<skill>\n<name>${skill.name}</name>\n<path>${skill.path}</path>\n${text}\n</skill>`;
  } catch {
    return null;
  }
}
