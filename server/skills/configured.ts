/** The skills of one folder, and which of them the configuration disables (docs/protocol/services.md §5). */
import path from 'node:path';
import { findProjectRoot, markers } from '../config/layers/project-layers.js';
import { isList, isTable, tableAt, type TomlTable } from '../config/toml/value.js';
import { discoverSkills, type Found, type FoundSkill, type SkillRoot } from './discover.js';

export interface SkillPlace {
  /** Absolute. */
  readonly cwd: string;
  /** The effective configuration of the folder. */
  readonly table: TomlTable;
  readonly codexHome: string;
  /** The person's home folder. */
  readonly home: string;
  /** Roots that a client added (skills/extraRoots/set). */
  readonly extraRoots?: readonly string[];
  /** Of plugins. */
  readonly pluginRoots?: readonly SkillRoot[];
}

/** Disabled skills are included. */
export function skillsOf(place: SkillPlace): Found {
  return discoverSkills(skillRoots(place));
}

/** Where skills are looked for, in the order in which the same file counts once. They need not exist. */
export function skillRoots(place: SkillPlace): readonly SkillRoot[] {
  const { cwd, table, codexHome, home, extraRoots = [], pluginRoots = [] } = place;
  return [
    ...projectFolders(cwd, table).flatMap((folder): SkillRoot[] => [
      { folder: path.join(folder, '.agents', 'skills'), scope: 'repo' },
      { folder: path.join(folder, '.codex', 'skills'), scope: 'repo' },
    ]),
    { folder: path.join(codexHome, 'skills'), scope: 'user' },
    { folder: path.join(home, '.agents', 'skills'), scope: 'user' },
    ...extraRoots.map((folder): SkillRoot => ({ folder, scope: 'user' })),
    ...pluginRoots,
    { folder: path.join(codexHome, 'skills', '.system'), scope: 'system' },
  ];
}

/** From the project's root down to the folder. Without a project: only the folder. */
function projectFolders(cwd: string, table: TomlTable): string[] {
  const root = findProjectRoot(cwd, markers(table));
  const folders = [cwd];
  for (let folder = cwd; root !== null && folder !== root && folder !== path.dirname(folder);) {
    folder = path.dirname(folder);
    folders.unshift(folder);
  }
  return folders;
}

/** `[[skills.config]]`: each entry names a skill by its path or its name. */
export function isEnabled(skill: FoundSkill, table: TomlTable): boolean {
  return !skillEntries(table).some(
    (entry) => entry.enabled === false && (entry.path === skill.path || entry.name === skill.name),
  );
}

/** `[[skills.config]]`. */
export function skillEntries(table: TomlTable): TomlTable[] {
  const list = tableAt(table, 'skills').config;
  return isList(list) ? list.filter(isTable) : [];
}
