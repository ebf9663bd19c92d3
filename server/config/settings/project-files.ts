/** The config files of a project, and the keys that need a person's confirmation: for `codexd trust`. */
import { jsonText } from '../../system/node/json-text.js';
import path from 'node:path';
import { foldersBetween, markers, MAX_PROJECT_BYTES, projectRoot } from '../layers/project-layers.js';
import { narrowProject, PROJECT_IGNORED_KEYS } from '../layers/project-keys.js';
import { realPath } from '../../system/files/paths.js';
import { isList, isTable, newTable, toJson, valueAt } from '../toml/value.js';
import type { ConfigService } from './config-service.js';
import type { TomlTable } from '../toml/value.js';

export interface ProjectFile {
  /** Absolute, links resolved. */
  readonly file: string;
  /** Null: the file cannot be read or parsed. */
  readonly text: string | null;
  /** `key = value` for every key that has no effect without a confirmation. */
  readonly lines: readonly string[];
  /** Why the file cannot be used; null: it can. */
  readonly problem: string | null;
}

/** From the project's root down to `cwd`. */
export function projectFiles(source: ConfigService, cwd: string): ProjectFile[] {
  const { read, requiredPermissions } = source.sources;
  // Without the project's own layers: a project does not decide where its root is.
  const base = source.resolve().effective.table;
  return foldersBetween(projectRoot(cwd, markers(base)), cwd).flatMap((folder): ProjectFile[] => {
    const file = realpath(path.join(folder, '.codex', 'config.toml'));
    const found = read(file, MAX_PROJECT_BYTES);
    if (found.kind === 'missing') return [];
    if (found.kind !== 'parsed') {
      return [{ file, text: null, lines: [], problem: found.message }];
    }
    const own = Object.assign(newTable(), found.table);
    for (const key of PROJECT_IGNORED_KEYS) delete own[key];
    const { leftOut } = narrowProject(own, { base, required: requiredPermissions() });
    // Nothing is redacted: the person who confirms the project's text must see all of it.
    const lines = leftOut.flatMap((key) => linesOf(own, key));
    return [{ file, text: found.text, lines, problem: null }];
  });
}

/** A name in a dotted key may contain dots: then the section of the key is shown. */
function linesOf(table: TomlTable, dotted: string): string[] {
  const path = dotted.split('.');
  for (let length = path.length; length > 0; length--) {
    const value = valueAt(table, path.slice(0, length));
    if (value !== undefined) return leaves(path.slice(0, length).join('.'), value);
  }
  return [dotted];
}

function leaves(key: string, value: NonNullable<ReturnType<typeof valueAt>>): string[] {
  if (!isTable(value) || isList(value)) return [`${key} = ${jsonText(toJson(value))}`];
  return Object.keys(value).flatMap((name) => leaves(`${key}.${name}`, value[name] ?? ''));
}

function realpath(file: string): string {
  try {
    return realPath(file);
  } catch {
    return file;
  }
}
